// Package marking reads, prints, compares and combines protective markings, and
// says whether an audience may have what is marked.
//
// Start with Parse. May answers the question a release officer asks; Dominates
// and Combine answer those of somebody who writes a text out of several others.
// Three systems are known: U.S. classification and control markings (banner
// lines and portion marks, CUI, and the legacy FOUO), the UK Government Security
// Classifications, and the Traffic Light Protocol 2.0. A text can stand under
// several at once, written with " & " between them; each part then applies.
//
// Two rules hold everywhere. The zero Marking is what stands for a marking that
// is missing or cannot be read; it is the most restrictive of all, nobody may
// have it, and it never turns into "unclassified". And nothing here loosens:
// whoever may have a text may also have every text whose marking the first one
// dominates (a property that is tested).
//
// "SECRET" and "TOP SECRET" alone are U.S. markings; the British ones are
// written "UK SECRET" and "UK TOP SECRET", or recognised by an eyes-only caveat.
//
// Not known, and so read as the most restrictive: NATO and other non-U.S.
// classified banners ("//GBR SECRET"), JOINT, atomic energy markings, and the
// limited dissemination controls of CUI other than NOFORN, REL TO and DISPLAY
// ONLY.
package marking
