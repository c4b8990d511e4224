package smtp

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/mail"
	"net/netip"
	"strings"
	"time"

	"tocsin"
)

// Security is how the connection to the mail server is protected.
type Security string

// The kinds of protection. There is none that falls back to plain text.
const (
	StartTLS   Security = "starttls"         // TLS after STARTTLS (RFC 3207); a server that does not offer it gets nothing
	TLS        Security = "tls"              // TLS from the first byte (RFC 8314), usually port 465
	NoneOnLoop Security = "none-on-loopback" // plain text, refused unless the server is on this machine
)

// Timeouts bound the parts of a dialogue. A zero field takes its default.
//
// They are shorter than RFC 5321 section 4.5.3.2 asks of a relay, which has
// days; a warning has another rung, and a server that says nothing for half a
// minute must not hold it back.
type Timeouts struct {
	Connect time.Duration // to reach the server, and again for the TLS handshake; 10 s
	Command time.Duration // for the answer to one command; 30 s
	Accept  time.Duration // for the answer to the final dot; 2 min, because giving up here is what makes duplicates
	Idle    time.Duration // for which an unused connection is kept; 30 s
}

func (t Timeouts) withDefaults() Timeouts {
	for _, f := range []struct {
		d     *time.Duration
		unset time.Duration
	}{{&t.Connect, 10 * time.Second}, {&t.Command, 30 * time.Second}, {&t.Accept, 2 * time.Minute}, {&t.Idle, 30 * time.Second}} {
		if *f.d <= 0 {
			*f.d = f.unset
		}
	}
	return t
}

// Config says how to reach the mail server and as whom.
type Config struct {
	Host     string // name or address; also the name that its certificate must carry
	Port     int    // 587 for starttls and 465 for tls if 0
	Security Security
	RootCAs  *x509.CertPool // nil: the system's

	From   string // mailbox that warnings come from and bounces go to, as in "watch@example.org"
	Name   string // shown beside From; may be empty
	Domain string // right side of the Message-ID and name in EHLO; the domain of From if empty

	Username string // empty: no AUTH. AUTH is never done without TLS
	Password string

	Timeouts Timeouts
	MaxConns int              // dialogues at once; 8 if 0
	MaxUses  int              // messages over one connection; 100 if 0
	Now      func() time.Time // for receipts; time.Now if nil
}

// validate returns c with its defaults, or a *tocsin.Error of kind Invalid.
func (c Config) validate() (Config, error) {
	if c.Host == "" || strings.ContainsAny(c.Host, " \r\n\t:/@") && !isIP(c.Host) {
		return c, bad("smtp_host", "Give its name or address alone, such as mail.example.org.", "%q is not the name of a mail server.", c.Host)
	}
	if err := c.validateIdentity(); err != nil {
		return c, err
	}
	if c.Domain == "" {
		c.Domain = c.From[strings.LastIndexByte(c.From, '@')+1:]
	}
	if !validDomain(c.Domain) || !isASCII(c.Domain) {
		return c, bad("smtp_domain", "Give a domain in ASCII, such as example.org.", "%q cannot stand in a Message-ID.", c.Domain)
	}
	if err := c.validateSecurity(); err != nil {
		return c, err
	}
	if c.Port < 0 || c.Port > 65535 || c.Port == 0 && c.Security == NoneOnLoop {
		return c, bad("smtp_port", "Give a port from 1 to 65535.", "%d is not a port for this mail server.", c.Port)
	}
	if c.Port == 0 {
		c.Port = map[Security]int{StartTLS: 587, TLS: 465}[c.Security]
	}
	c.Timeouts = c.Timeouts.withDefaults()
	if c.MaxConns <= 0 {
		c.MaxConns = 8
	}
	if c.MaxUses <= 0 {
		c.MaxUses = 100
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

func (c Config) validateIdentity() error {
	if !validMailbox(c.From) {
		return bad("smtp_from", "Give one mailbox, such as watch@example.org.", "%q is not a mailbox that warnings can come from.", c.From)
	}
	if len(c.Name) > 60 || strings.ContainsFunc(c.Name, isControl) {
		return bad("smtp_name", "Use up to 60 bytes without line breaks.", "The sender's name %q cannot be shown.", c.Name)
	}
	return nil
}

func (c Config) validateSecurity() error {
	switch c.Security {
	case StartTLS, TLS:
	case NoneOnLoop:
		if !loopback(c.Host) {
			return bad("smtp_plain", `Use "starttls" or "tls".`, "A warning does not go to %s in plain text: that is only for a server on this machine.", c.Host)
		}
		if c.Username != "" {
			return bad("smtp_plain_auth", `Use "starttls" or "tls", or leave out the user name.`, "A password does not go over a connection without TLS.")
		}
	default:
		return bad("smtp_security", `Use "starttls", "tls" or "none-on-loopback".`, "%q is not a way to protect the connection to a mail server.", c.Security)
	}
	if (c.Username == "") != (c.Password == "") {
		return bad("smtp_auth", "Give both or neither.", "The mail server has a user name without a password, or a password without a user name.")
	}
	return nil
}

func (c Config) tls() *tls.Config {
	return &tls.Config{ServerName: c.Host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}
}

func (c Config) sender() string {
	a := mail.Address{Name: c.Name, Address: c.From}
	if c.Name == "" {
		return c.From
	}
	return a.String()
}

func bad(code, do, format string, args ...any) error {
	return tocsin.Faultf(tocsin.Invalid, code, do, format, args...)
}

// loopback reports whether host can only mean this machine. A name other than
// localhost is not trusted to; what localhost resolves to is checked again on
// the connection.
func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

func isIP(host string) bool { return net.ParseIP(host) != nil }
