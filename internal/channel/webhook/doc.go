// Package webhook is the channel to a recipient's own system: one HTTPS POST of
// JSON per attempt, signed in the manner of Standard Webhooks 1.0.0.
//
// Start at New and Channel.Send; a receiver starts at Verify and then reads a
// Payload. What can be relied on:
//
//   - webhook-id and Idempotency-Key are the delivery key and never change
//     between attempts; nor does a byte of the body. Only webhook-timestamp,
//     the time of the attempt, and with it the signature, do.
//   - A request is written once per Send. The transport's own habit of
//     repeating a request on a broken connection is switched off, because an
//     attempt that the record does not know of would be made.
//   - A redirect is never followed: the words go to the configured address or
//     nowhere.
//   - A 2xx answer is "delivered", because the recipient's own system gave it;
//     at an endpoint marked Intermediary it is "sent".
//
// Standard Webhooks signs the id, and warns of full stops in it. Keys may have
// them here; it does no harm because the body is a JSON object that repeats the
// key, so no other split of the signed bytes is a valid message.
package webhook
