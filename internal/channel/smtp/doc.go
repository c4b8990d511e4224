// Package smtp is the e-mail channel: it composes one cleared message as MIME
// and submits it to the organisation's own mail server (RFC 5321, RFC 6409).
//
// Start at New and Channel.Send. What can be relied on:
//
//   - The words arrive as they were cleared, to the byte. They travel as base64
//     and the receipt's digest is taken from the composed mail, read back.
//   - A repeat is the same mail to the byte: same Message-ID (from the delivery
//     key), same Date (when the guard cleared it). MessageID and KeyOf convert.
//   - Nothing but the cleared words and the reference tells about the case. The
//     directory's name for a recipient is not in the mail.
//   - A server's acceptance is "sent". It is never "delivered": what happens
//     behind the first server is not known here.
//   - Until the final dot is on its way every failure is certain (Temporary or
//     Permanent); from then until the answer, a lost connection is Uncertain.
//
// The package does not sign (DKIM is the mail server's work), does not read
// bounces, and does not look up MX records: mail goes through one configured
// server, whose logs the organisation owns.
package smtp
