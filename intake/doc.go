// Package intake turns bytes from outside into a tocsin.Report: plain text,
// e-mail (RFC 5322 with MIME) and JSON. Start at Parse.
//
// It is pure and total: for any bytes it returns a report or a *tocsin.Error of
// kind Invalid or TooLarge, never panics, and gives the same answer every time.
// It stores nothing; a caller that gets an error keeps the bytes in quarantine.
//
// Two promises shape the code. Text is never shortened: what is over a limit is
// an error, so that the whole of it is looked at by a person. And text is never
// lost to a sender's broken software: a wrong charset, a missing boundary or a
// malformed header is recovered from where that is possible, and what had to be
// assumed is said in Report.Notes. JSON is the exception to the second promise:
// a program that sends it can correct itself, so every deviation is an error
// that names the key and the place.
//
// The MIME reader is our own, because the usual ones stop at the first fault
// with the rest of the text unread; tests hold it to the standard library's
// answer wherever that one succeeds.
//
// What the sender says about itself (From, Date, Message-ID) is taken over with
// a note, never as proof: anybody can write these headers.
package intake
