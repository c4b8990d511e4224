// Package marking reads, prints, compares and combines protective markings, and
// says whether an audience may have what is marked.
//
// Start with Parse. May answers the question a release officer asks; Dominates
// and Combine answer those of somebody who writes a text out of several others.
// RollUp makes the banner of a text from its portions, CheckBanner names what is
// wrong with a banner, and Check what is wrong with a single marking.
//
// Known are: U.S. classification and control markings (banner lines and portion
// marks: SCI, SAR, atomic energy, FGI, dissemination controls, CUI with its
// limited dissemination controls, and the legacy FOUO, SBU and LES); markings of
// other states, JOINT and NATO as the U.S. register writes them; the UK
// Government Security Classifications; the Traffic Light Protocol 2.0; the
// Permissible Actions Protocol; and PUBLIC. A text can stand under several at
// once, written with " & " between them; each part then applies.
//
// Two rules hold everywhere. What is missing or cannot be read is the most
// restrictive of all, nobody may have it, and it never turns into
// "unclassified". And nothing here loosens: whoever may have a text may also
// have every text whose marking the first one dominates (a property that is
// tested). Marks that are not known, or contradict each other, are an error of
// Parse; Read keeps them, as they were written, in a Marking that is not Known.
//
// "SECRET" and "TOP SECRET" alone are U.S. markings; the British ones are
// written "UK SECRET" and "UK TOP SECRET", or recognised by an eyes-only caveat
// or STRAP. The short forms of NATO need their double slash: "//NC" is NATO
// CONFIDENTIAL, "NC" is nothing.
//
// Limits. Vocabulary that is itself classified, unpublished or withdrawn is not
// known. A list of countries never names NATO: its membership changes, and a
// list must not grow by itself. Declassification dates, notices and the other
// fields of an authority block are no part of a marking here.
package marking
