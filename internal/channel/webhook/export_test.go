package webhook

import (
	"time"

	"tocsin/deliver"
)

// RetryAfter reads the header.
func RetryAfter(value string, now time.Time) time.Duration { return retryAfter(value, now) }

// Class is what a status means.
func Class(status int) deliver.Class { return class(status) }

// Permit says whether an endpoint may lead to address.
func Permit(e Endpoint, address string) error {
	t, err := resolve("x", e)
	if err != nil {
		return err
	}
	return t.permit("tcp", address, nil)
}
