package webhook

import (
	"crypto/x509"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"tocsin"
)

// Endpoint is one recipient's receiver. A rung's address is its name in Config.
type Endpoint struct {
	URL             string         // https; http only for this machine. No user name or password in it
	Secret          string         // "whsec_" and base64 of 24 to 64 bytes; one per endpoint
	PreviousSecrets []string       // also signed with, while the receiver changes over
	Timeout         time.Duration  // for the whole exchange; 20 s if 0
	AllowPrivate    bool           // the URL may lead to a private, link-local or loopback address
	Intermediary    bool           // somebody else's system on the way to the recipient: acceptance is "sent"
	RootCAs         *x509.CertPool // nil: the system's
}

// Config is the endpoints by name, and the clock of the channel.
type Config struct {
	Endpoints map[string]Endpoint
	Now       func() time.Time // for timestamps and receipts; time.Now if nil
}

const defaultTimeout = 20 * time.Second // Standard Webhooks advises 15 to 30 s

// target is an Endpoint that has been checked.
type target struct {
	Endpoint
	keys [][]byte // current secret first
	url  *url.URL
	here bool // URL names this machine
}

// resolve checks e, whose name is used in errors alone. No error repeats a
// secret or the URL, which may hold a token.
func resolve(name string, e Endpoint) (target, error) {
	u, err := url.Parse(e.URL)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return target{}, invalid(name, "webhook_url", "Give https://host/path, without a user name and without #.", "has no usable URL")
	}
	t := target{Endpoint: e, url: u, here: loopback(u.Hostname())}
	if u.Scheme != "https" && (u.Scheme != "http" || !t.here) {
		return target{}, invalid(name, "webhook_plain", "Use https; http is only for a receiver on this machine.", "would receive the words in plain text")
	}
	for _, s := range append([]string{e.Secret}, e.PreviousSecrets...) {
		key, err := decodeSecret(s)
		if err != nil {
			return target{}, invalid(name, "webhook_secret", `Give "whsec_" followed by the base64 of 24 to 64 random bytes.`, "has a secret that cannot be used")
		}
		t.keys = append(t.keys, key)
	}
	if t.Timeout <= 0 {
		t.Timeout = defaultTimeout
	}
	return t, nil
}

func invalid(name, code, do, what string) error {
	return tocsin.Faultf(tocsin.Invalid, code, do, "The webhook endpoint %q %s.", name, what)
}

// loopback reports whether host can only mean this machine; what localhost
// resolves to is checked again when connecting.
func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && a.Unmap().IsLoopback()
}
