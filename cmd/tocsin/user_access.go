package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tocsin"
	"tocsin/engine"
	"tocsin/internal/auth"
	"tocsin/internal/auth/signin"
)

// accessConfig is how people sign in.
type accessConfig struct {
	Origin        string                    `yaml:"origin"`          // where browsers find the console, such as https://tocsin.example.org; default http://localhost and the port, if it listens on this machine alone
	Proxies       []string                  `yaml:"trusted_proxies"` // networks whose X-Forwarded-For is believed, such as 10.0.0.0/8
	Idle          string                    `yaml:"idle"`            // after which a session locks; default 15m
	Life          string                    `yaml:"life"`            // of a session at most; default 12h
	RequireSecond bool                      `yaml:"require_second"`  // a password alone lets nobody work
	Providers     map[string]providerConfig `yaml:"providers"`       // OpenID providers, by the name in their callback's path
}

type providerConfig struct {
	Name       string `yaml:"name"`
	Issuer     string `yaml:"issuer"`
	ClientID   string `yaml:"client_id"`
	SecretFile string `yaml:"client_secret_file"`
	Second     bool   `yaml:"second"` // it asks for a second way itself
}

// accountsKeyFile holds the key under which passwords and one-time codes are
// sealed in the record. It lies beside the record and must be backed up apart
// from it: together they are what guessing passwords needs.
func accountsKeyFile(dir string) string { return filepath.Join(dir, "accounts.key") }

// accountsKey reads the key, or makes it on first use. Of two processes that make
// it at the same moment one wins, and both use its key.
func accountsKey(dir string) (*auth.Key, error) {
	path := accountsKeyFile(dir)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeAccountsKey(path); err != nil {
			return nil, err
		}
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	return auth.ParseKey(string(b))
}

// makeAccountsKey writes a whole file and gives it its name last, so that nobody
// reads half a key, and a power failure leaves one or none.
func makeAccountsKey(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".accounts-*.key") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(auth.NewKey().Text() + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// openAccounts folds the accounts of the record.
func (i *installation) openAccounts(ctx context.Context) error {
	var err error
	if i.key, err = accountsKey(i.cfg.Data); err != nil {
		return err
	}
	var policy auth.SessionPolicy
	for text, to := range map[string]*time.Duration{i.cfg.Access.Idle: &policy.Idle, i.cfg.Access.Life: &policy.Life} {
		if text == "" {
			continue
		}
		if *to, err = time.ParseDuration(text); err != nil || *to <= 0 {
			return tocsin.Faultf(tocsin.Invalid, "config", "Write it as 15m or 12h.", "The time %q under access cannot be used.", text)
		}
	}
	i.users, err = auth.Open(ctx, i.db, engine.SystemClock{}, auth.WithKey(i.key), auth.WithSessions(policy), auth.WithWords(i.cfg.named()...))
	return err
}

// named is what the configuration tells of the organisation: names of the record,
// of the console's host, and of its mail.
func (c config) named() []string {
	out := []string{c.Name}
	if u, err := url.Parse(c.Access.Origin); err == nil {
		out = append(out, u.Hostname())
	}
	if c.SMTP != nil {
		out = append(out, c.SMTP.Name, c.SMTP.From, c.SMTP.Domain)
	}
	return out
}

// openGate makes the place where people sign in. Without an address that browsers
// can use there is none, and only tokens.
func (i *installation) openGate() error {
	c, origin := i.cfg.Access, i.cfg.origin()
	if origin == "" {
		i.log.Warn("nobody can sign in by browser: set access.origin in the configuration; tokens work")
		return nil
	}
	cfg := signin.Config{Users: i.users, Key: i.key, Clock: engine.SystemClock{}, Origin: origin, Name: i.cfg.Name, RequireSecond: c.RequireSecond, Log: i.log, Refusals: i.refusals}
	for _, text := range c.Proxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return tocsin.Faultf(tocsin.Invalid, "config", "Write it as 10.0.0.0/8.", "The trusted proxy %q is not a network.", text)
		}
		cfg.Proxies = append(cfg.Proxies, p)
	}
	for id, p := range c.Providers {
		s, err := secret(p.SecretFile)
		if err != nil {
			return err
		}
		cfg.Providers = append(cfg.Providers, signin.Provider{ID: id, Name: cmp.Or(p.Name, id), Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: s, Second: p.Second})
	}
	var err error
	i.gate, err = signin.New(cfg)
	return err
}

// announce says how to begin, where nobody administers yet. The link is talk for
// whoever starts the program, and no line of its log.
func (p *program) announce(i *installation) {
	if i.gate != nil {
		if link, ok := i.gate.SetUpLink(); ok {
			fmt.Fprintf(p.err, "There is no administrator yet. Within an hour, once, open:\n  %s\n", link)
		}
	}
	if len(i.users.List()) == 0 {
		fmt.Fprintf(p.err, "Nobody has an account yet. In another window: tocsin user add NAME --role ROLE --data %s\n", i.cfg.Data)
	}
}

// noteEvery is how often serve writes into the record who was last seen when.
const noteEvery = time.Minute

// note keeps the last use of tokens and sessions in the record, and writes the
// refusals that were counted into the log, until ctx ends.
func (i *installation) note(ctx context.Context) error {
	t := time.NewTicker(noteEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			i.refusals.Close(time.Now())
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return i.users.Note(last)
		case <-t.C:
			i.refusals.Flush(time.Now())
			if err := i.users.Note(ctx); err != nil && ctx.Err() == nil {
				i.log.Error("the last use of tokens and sessions could not be noted; trying again", "error", err)
			}
		}
	}
}

// trimmedLine is the first line, without its end.
func trimmedLine(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSuffix(s, "\r")
}
