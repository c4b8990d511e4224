package main

import (
	"encoding/base32"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"tocsin"
	"tocsin/deliver"
	"tocsin/internal/auth/pace"
	"tocsin/internal/channel/inperson"
	"tocsin/internal/channel/loopback"
	"tocsin/internal/channel/smtp"
	"tocsin/internal/channel/webhook"
	"tocsin/paging"
)

// config is the file given with serve --config. Every key has a usable default
// but those of a channel that is set up. Secrets are read from files, so that the
// configuration can be shown to others.
type config struct {
	Name     string                `yaml:"name"`   // names the log in its checkpoints, from when its key is made; default "tocsin"
	Data     string                `yaml:"data"`   // directory of the record; default tocsin-data
	Listen   string                `yaml:"listen"` // address of the HTTP API; default 127.0.0.1:8080
	Packs    string                `yaml:"packs"`  // folder of further packs, one folder each; they are proved when the server starts
	Pack     string                `yaml:"pack"`   // pack of a case opened without naming one; default icd-191
	SMTP     *smtpConfig           `yaml:"smtp"`
	Webhooks map[string]hookConfig `yaml:"webhooks"`
	Access   accessConfig          `yaml:"access"`   // how people sign in
	Paging   *pagingConfig         `yaml:"paging"`   // who is called when nobody reads
	Limits   limitsConfig          `yaml:"limits"`   // how many requests somebody may make
	Exercise bool                  `yaml:"exercise"` // nothing is real: no message leaves, and every page says so
}

type smtpConfig struct {
	Host         string `yaml:"host"`
	Port         int    `yaml:"port"`
	Security     string `yaml:"security"` // starttls, tls or none-on-loopback
	From         string `yaml:"from"`
	Name         string `yaml:"name"`
	Domain       string `yaml:"domain"`
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`
}

type hookConfig struct {
	URL                string `yaml:"url"`
	SecretFile         string `yaml:"secret_file"`
	PreviousSecretFile string `yaml:"previous_secret_file"`
	AllowPrivate       bool   `yaml:"allow_private"`
	Intermediary       bool   `yaml:"intermediary"` // passes the warning on; taking it is not delivery
}

// pagingConfig says who is on call, in which order, and how soon they are paged.
type pagingConfig struct {
	Unread     string       `yaml:"unread"` // after which a report that nobody of the watch has looked at pages the supervisor; default 10m
	Next       string       `yaml:"next"`   // until the next address is tried; default 5m
	Duty       []callConfig `yaml:"duty_officer"`
	Senior     []callConfig `yaml:"senior_officer"`
	Supervisor []callConfig `yaml:"supervisor"`
}

type callConfig struct {
	Channel string `yaml:"channel"` // smtp or webhook
	Address string `yaml:"address"` // a mailbox, or the NAME of a webhook
	Person  string `yaml:"person"`  // whom it reaches, for the console
}

// limitsConfig says how many requests the server takes from one side. Zero is the
// default of package pace.
type limitsConfig struct {
	PersonRate   int `yaml:"person_per_second"`
	PersonBurst  int `yaml:"person_burst"`
	AddressRate  int `yaml:"address_per_second"`
	AddressBurst int `yaml:"address_burst"`
}

// maxRate is above what one machine can serve.
const maxRate = 1_000_000

func (l limitsConfig) rates() (pace.Limits, error) {
	for _, n := range []int{l.PersonRate, l.PersonBurst, l.AddressRate, l.AddressBurst} {
		if n < 0 || n > maxRate {
			return pace.Limits{}, tocsin.Faultf(tocsin.Invalid, "config", fmt.Sprintf("Give a number of requests from 1 to %d, or leave it out.", maxRate), "The number %d under limits cannot be used.", n)
		}
	}
	return pace.Limits{Person: pace.Rate{PerSecond: l.PersonRate, Burst: l.PersonBurst}, Address: pace.Rate{PerSecond: l.AddressRate, Burst: l.AddressBurst}}, nil
}

// onCall is the plan of the configuration; nil if nobody is to be paged.
func (c config) onCall(pagers paging.Set) (*paging.Plan, error) {
	if c.Paging == nil {
		return nil, nil
	}
	p := &paging.Plan{Origin: c.origin(), Unread: 10 * time.Minute, Next: 5 * time.Minute, Ladders: map[paging.Ladder][]paging.Rung{}}
	for name, d := range map[string]struct {
		text string
		into *time.Duration
	}{"unread": {c.Paging.Unread, &p.Unread}, "next": {c.Paging.Next, &p.Next}} {
		if d.text == "" {
			continue
		}
		v, err := time.ParseDuration(d.text)
		if err != nil {
			return nil, tocsin.Faultf(tocsin.Invalid, "config", "Write it as 10m or 1h30m.", "paging.%s is no duration: %q.", name, d.text)
		}
		*d.into = v
	}
	for ladder, calls := range map[paging.Ladder][]callConfig{paging.Duty: c.Paging.Duty, paging.Senior: c.Paging.Senior, paging.Supervisor: c.Paging.Supervisor} {
		for _, r := range calls {
			if _, ok := c.Webhooks[r.Address]; r.Channel == webhook.Name && !ok && !c.Exercise {
				return nil, tocsin.Faultf(tocsin.Invalid, "paging_channel", "Correct paging, or set the webhook up.", "There is no webhook %q to page as %s.", r.Address, ladder)
			}
			if r.Channel == smtp.Name && !smtp.Mailbox(r.Address) {
				return nil, tocsin.Faultf(tocsin.Invalid, "mail_address", "Correct it to one mailbox, such as pager@example.org.", "%q, on call as %s, is not a mailbox.", r.Address, ladder)
			}
			p.Ladders[ladder] = append(p.Ladders[ladder], paging.Rung{Channel: r.Channel, Address: r.Address, Name: r.Person})
		}
	}
	return p, p.Check(pagers.Has)
}

// origin is where browsers find the console: what the configuration says, or else
// this machine, if it listens on this machine alone; "" if nobody can say.
func (c config) origin() string {
	if c.Access.Origin != "" {
		return c.Access.Origin
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil || port == "0" || !onlyHere(host) {
		return ""
	}
	return "http://localhost:" + port
}

// onlyHere reports whether a host is this machine and no other.
func onlyHere(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// pagers are the channels that can also page.
func pagers(channels deliver.Set) paging.Set {
	out := paging.Set{}
	for name, c := range channels {
		if p, ok := c.(paging.Pager); ok {
			out[name] = p
		}
	}
	return out
}

// defaultPack is the policy of a case opened without naming one, unless the
// configuration names another.
const defaultPack = "icd-191"

// readConfig reads a file strictly; the empty path gives the defaults.
func readConfig(path string) (config, error) {
	c := config{Name: "tocsin", Data: "tocsin-data", Listen: "127.0.0.1:8080", Pack: defaultPack}
	if path == "" {
		return c, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	if err := yaml.UnmarshalWithOptions(b, &c, yaml.Strict()); err != nil {
		f := tocsin.Faultf(tocsin.Invalid, "config", "Correct it; the runbook lists every key.", "The configuration %s cannot be used:\n%s", path, yaml.FormatError(err, false, true))
		return c, f
	}
	return c, nil
}

// address looks at the address of a rung as it is entered into the directory.
func (c config) address(g tocsin.Rung) error {
	switch _, known := c.Webhooks[g.Address]; {
	case g.Channel == smtp.Name:
		return smtp.CheckAddress(g.Address)
	case g.Channel == webhook.Name && !known && len(c.Webhooks) > 0:
		return tocsin.Faultf(tocsin.Invalid, "webhook_unknown", "Use one of "+strings.Join(slices.Sorted(maps.Keys(c.Webhooks)), ", ")+", or have the webhook set up.", "There is no webhook %q here.", g.Address)
	}
	return nil
}

// channels builds the channels that are set up. In person needs no set-up.
func (c config) channels(now func() time.Time) (deliver.Set, error) {
	all := []deliver.Channel{inperson.New(now)}
	if c.Exercise {
		if c.SMTP != nil || len(c.Webhooks) > 0 {
			return nil, tocsin.Fault(tocsin.Invalid, "exercise_channels", "An exercise has no mail server and no webhooks: its messages must not be able to leave.",
				"Take smtp and webhooks out of the configuration of the exercise. Their rungs are answered by this machine itself.")
		}
		return deliver.NewSet(append(all, loopback.New("smtp", now), loopback.New("webhook", now))...)
	}
	if s := c.SMTP; s != nil {
		password, err := secret(s.PasswordFile)
		if err != nil {
			return nil, err
		}
		ch, err := smtp.New(smtp.Config{Host: s.Host, Port: s.Port, Security: smtp.Security(s.Security), From: s.From, Name: s.Name, Domain: s.Domain,
			Username: s.Username, Password: password, Now: now,
			// Together they stay below the lease of an attempt.
			Timeouts: smtp.Timeouts{Connect: 5 * time.Second, Command: 10 * time.Second, Accept: 20 * time.Second}})
		if err != nil {
			return nil, err
		}
		all = append(all, ch)
	}
	if len(c.Webhooks) > 0 {
		hooks := webhook.Config{Endpoints: map[string]webhook.Endpoint{}, Now: now}
		for name, h := range c.Webhooks {
			e := webhook.Endpoint{URL: h.URL, AllowPrivate: h.AllowPrivate, Intermediary: h.Intermediary}
			var err error
			if e.Secret, err = secret(h.SecretFile); err != nil {
				return nil, err
			}
			if h.PreviousSecretFile != "" {
				previous, err := secret(h.PreviousSecretFile)
				if err != nil {
					return nil, err
				}
				e.PreviousSecrets = []string{previous}
			}
			hooks.Endpoints[name] = e
		}
		ch, err := webhook.New(hooks)
		if err != nil {
			return nil, err
		}
		all = append(all, ch)
	}
	return deliver.NewSet(all...)
}

func secret(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	return strings.TrimRight(string(b), "\r\n"), err
}

// keyFile holds the key that signs checkpoints. It is made once; losing it means
// that new checkpoints carry another name, not that old ones are lost.
func keyFile(dir string) string { return filepath.Join(dir, "checkpoint.key") }

// randomID gives time-sortable random identifiers: 48 bits of milliseconds and 40
// random bits, in lower-case base 32: short enough to be read out.
func randomID(kind string, at time.Time, random []byte) string {
	ms := uint64(at.UnixMilli())
	b := []byte{byte(ms >> 40), byte(ms >> 32), byte(ms >> 24), byte(ms >> 16), byte(ms >> 8), byte(ms)}
	return kind + "-" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(append(b, random...)))
}
