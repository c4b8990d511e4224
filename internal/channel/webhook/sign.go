package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tocsin"
)

// The headers of Standard Webhooks 1.0.0, and the idempotency key.
const (
	headerID          = "Webhook-Id"
	headerTimestamp   = "Webhook-Timestamp"
	headerSignature   = "Webhook-Signature"
	headerIdempotency = "Idempotency-Key"
)

const (
	secretPrefix = "whsec_"
	minSecret    = 24
	maxSecret    = 64
	symmetric    = "v1,"
)

func decodeSecret(s string) ([]byte, error) {
	body, ok := strings.CutPrefix(s, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(body)
	if !ok || err != nil || len(key) < minSecret || len(key) > maxSecret {
		return nil, errors.New("not a signing secret")
	}
	return key, nil
}

// signature is one entry of the webhook-signature header: "v1," and the base64
// of HMAC-SHA256 over "id.timestamp.body".
func signature(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return symmetric + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// sign sets the headers for one attempt at the time now.
func sign(h http.Header, keys [][]byte, id string, now time.Time, body []byte) {
	ts := strconv.FormatInt(now.Unix(), 10)
	entries := make([]string, len(keys))
	for i, k := range keys {
		entries[i] = signature(k, id, ts, body)
	}
	h.Set(headerID, id)
	h.Set(headerTimestamp, ts)
	h.Set(headerSignature, strings.Join(entries, " "))
	h.Set(headerIdempotency, id)
}

// Verify is what a receiver does first: it reports whether body came, unchanged
// and within tolerance of now, from somebody who holds secret. Pass the body's
// bytes as they were received, before any parsing. The receiver then uses the
// webhook-id header to recognise a repeat.
//
// Errors are *tocsin.Error: of kind Invalid if headers or secret cannot be
// read, of kind Forbidden if the time or the signature is wrong.
func Verify(secret string, h http.Header, body []byte, now time.Time, tolerance time.Duration) error {
	key, err := decodeSecret(secret)
	if err != nil {
		return tocsin.Fault(tocsin.Invalid, "webhook_secret", "The secret for checking webhooks cannot be used.", `Give "whsec_" followed by base64, as the sender shows it.`)
	}
	id, ts := h.Get(headerID), h.Get(headerTimestamp)
	seconds, err := strconv.ParseInt(ts, 10, 64)
	if id == "" || err != nil || strconv.FormatInt(seconds, 10) != ts {
		return tocsin.Fault(tocsin.Invalid, "webhook_headers", "The request does not carry a readable webhook-id and webhook-timestamp.", "Send it in the manner of Standard Webhooks.")
	}
	if age := now.Sub(time.Unix(seconds, 0)); age.Abs() > tolerance {
		return tocsin.Fault(tocsin.Forbidden, "webhook_timestamp", "The request's timestamp is too far from this machine's clock: it is old and perhaps replayed, or one of the clocks is wrong.", "Check the clocks; the sender signs every attempt anew.")
	}
	want := []byte(signature(key, id, ts, body))
	for _, entry := range strings.Fields(strings.Join(h.Values(headerSignature), " ")) {
		if hmac.Equal([]byte(entry), want) {
			return nil
		}
	}
	return tocsin.Fault(tocsin.Forbidden, "webhook_signature", "The request is not signed with the secret of this endpoint, or was changed on the way.", "Compare the secret with the sender's; do not act on the request.")
}
