package smtp_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/internal/channel/smtp"
)

func TestWaitsThatServersAskFor(t *testing.T) {
	for _, c := range []struct {
		code int
		text string
		wait time.Duration
		grey bool
	}{
		{451, "4.7.1 Greylisted, try again in 300 seconds", 300 * time.Second, true},
		{450, "Recipient address rejected: Greylisted for 5 minutes", 5 * time.Minute, true},
		{451, "Graylisting in action, please come back in 00:04:59", 4*time.Minute + 59*time.Second, true},
		{450, "postgrey: grey-listed, retry in 60s", time.Minute, true},
		{421, "Too many connections, try later in 1 hour", time.Hour, false},
		{450, "try again in 99999 hours", 24 * time.Hour, false},
		{450, "no time is named", 0, false},
		{450, "message 12345 deferred", 0, false},
		{450, "in 7 months", 0, false},
		{550, "greylisting is over, wait 300 seconds", 0, false},
	} {
		wait, grey := smtp.RetryAfter(c.code, c.text)
		if wait != c.wait || grey != c.grey {
			t.Errorf("%d %q: wait %v, greylisted %v; want %v, %v", c.code, c.text, wait, grey, c.wait, c.grey)
		}
	}
}

func TestRepliesAsServersWriteThem(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"250 2.1.0 Ok\r\n", "250 2.1.0 Ok"},
		{"250\r\n", "250  "},
		{"250 \n", "250  "},
		{"250-first\r\n250-second\r\n250 third\r\n", "250  first second third"},
		{"550-5.1.1 No such\r\n550 5.1.1 user\r\n", "550 5.1.1 No such user"},
		{"250 5.1.1 of another class\r\n", "250  5.1.1 of another class"},
		{"250 2.0.0\r\n", "250 2.0.0 "},
	} {
		code, enhanced, text, err := smtp.ReadReply(strings.NewReader(c.in))
		if got := fmt.Sprintf("%d %s %s", code, enhanced, text); err != nil || got != c.want {
			t.Errorf("%q read as %q, %v; want %q", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"250", "250-first\r\n", ""} {
		if _, _, _, err := smtp.ReadReply(strings.NewReader(in)); !errors.Is(err, io.EOF) {
			t.Errorf("%q, cut off: %v", in, err)
		}
	}
}

func FuzzReply(f *testing.F) {
	for _, s := range []string{"250 ok\r\n", "250-a\r\n250 b\r\n", "550 5.1.1 x\r\n", "250\n", "25\r\n", "250x\r\n", "250-a\r\n251 b\r\n", strings.Repeat("2", 3000)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		code, enhanced, text, err := smtp.ReadReply(strings.NewReader(string(in)))
		if err != nil {
			return
		}
		if code < 200 || code > 599 || !strings.HasPrefix(string(in), fmt.Sprint(code)) {
			t.Fatalf("%q has the code %d", in, code)
		}
		if enhanced != "" && int(enhanced[0]-'0') != code/100 {
			t.Fatalf("%q has code %d and enhanced code %s", in, code, enhanced)
		}
		// Written on one line, it reads the same.
		line := strings.TrimRight(fmt.Sprintf("%d %s %s", code, enhanced, strings.ReplaceAll(text, "\r", "")), " ")
		if enhanced == "" {
			line = fmt.Sprintf("%d %s", code, strings.ReplaceAll(text, "\r", ""))
		}
		if len(line) > 2000 || strings.Contains(line, "\n") {
			return
		}
		again, _, _, err := smtp.ReadReply(strings.NewReader(line + "\r\n"))
		if err != nil || again != code {
			t.Fatalf("%q, written again as %q, reads %d, %v", in, line, again, err)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"in 300 seconds", "5 min", "00:05:00", "99999h", "1 hour 30 min", "-5 s", "٣٠٠ s"} {
		f.Add(451, s)
	}
	f.Fuzz(func(t *testing.T, code int, text string) {
		wait, grey := smtp.RetryAfter(code, text)
		if wait < 0 || wait > 24*time.Hour || wait%time.Second != 0 {
			t.Fatalf("%q asks for %v", text, wait)
		}
		if code/100 != 4 && (wait != 0 || grey) {
			t.Fatalf("a %d asks to be tried again", code)
		}
	})
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	good := smtp.Config{Host: "mail.example.org", Security: smtp.StartTLS, From: "watch@example.org"}
	if _, err := smtp.New(good); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*smtp.Config)
		code   string
	}{
		"no host":                       {func(c *smtp.Config) { c.Host = "" }, "smtp_host"},
		"a host with a port":            {func(c *smtp.Config) { c.Host = "mail.example.org:25" }, "smtp_host"},
		"a host with a line break":      {func(c *smtp.Config) { c.Host = "mail\r\n" }, "smtp_host"},
		"no sender":                     {func(c *smtp.Config) { c.From = "" }, "smtp_from"},
		"a sender with a name in it":    {func(c *smtp.Config) { c.From = "Watch <watch@example.org>" }, "smtp_from"},
		"a name with a line break":      {func(c *smtp.Config) { c.Name = "a\nBcc: b" }, "smtp_name"},
		"a name without end":            {func(c *smtp.Config) { c.Name = strings.Repeat("a", 61) }, "smtp_name"},
		"a domain with a line break":    {func(c *smtp.Config) { c.Domain = "example.org\r\n" }, "smtp_domain"},
		"a domain beyond ASCII":         {func(c *smtp.Config) { c.Domain = "مثال.example" }, "smtp_domain"},
		"a sender at an address":        {func(c *smtp.Config) { c.From = "watch@[192.0.2.1]" }, "smtp_domain"},
		"no protection named":           {func(c *smtp.Config) { c.Security = "" }, "smtp_security"},
		"an unknown protection":         {func(c *smtp.Config) { c.Security = "opportunistic" }, "smtp_security"},
		"plain text to another machine": {func(c *smtp.Config) { c.Security = smtp.NoneOnLoop }, "smtp_plain"},
		"plain text to a look-alike":    {func(c *smtp.Config) { c.Security, c.Host = smtp.NoneOnLoop, "127.0.0.1.example.org" }, "smtp_plain"},
		"a password in plain text": {func(c *smtp.Config) {
			c.Security, c.Host, c.Port, c.Username, c.Password = smtp.NoneOnLoop, "127.0.0.1", 25, "u", "p"
		}, "smtp_plain_auth"},
		"a user without a password": {func(c *smtp.Config) { c.Username = "u" }, "smtp_auth"},
		"a password without a user": {func(c *smtp.Config) { c.Password = "p" }, "smtp_auth"},
		"a port that is none":       {func(c *smtp.Config) { c.Port = 70000 }, "smtp_port"},
		"plain text without a port": {func(c *smtp.Config) { c.Security, c.Host = smtp.NoneOnLoop, "::1" }, "smtp_port"},
	} {
		cfg := good
		c.change(&cfg)
		_, err := smtp.New(cfg)
		var e *tocsin.Error
		if !errors.As(err, &e) || e.Kind != tocsin.Invalid || e.Code != c.code || e.Do == "" {
			t.Errorf("%s: %v, want code %s", name, err, c.code)
		}
	}
}
