package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/packs"
	"tocsin/policy"
	"tocsin/verify"
	"tocsin/view"
)

var errNotVerified = verify.ErrNotVerified

// local opens the data directory for a command that works on the record itself: the
// one named, or that of the configuration at path, or the default. Of a configuration
// it takes where the record and the packs are, and nothing that needs a secret.
func (p *program) local(ctx context.Context, path, data string, create bool) (*installation, error) {
	whole, err := readConfig(path)
	if err != nil {
		return nil, err
	}
	cfg := config{Name: whole.Name, Data: cmp.Or(data, whole.Data), Listen: whole.Listen, Pack: whole.Pack}
	data = cfg.Data
	if _, err := os.Stat(filepath.Join(data, "tocsin.db")); err != nil && !create {
		return nil, tocsin.Faultf(tocsin.NotFound, "no_record", "Name the directory with --data or the configuration with --config, or begin one with: tocsin user add NAME --role ROLE.", "There is no record in %s.", data)
	}
	set, err := readPacks(cmp.Or(p.env("TOCSIN_PACKS"), whole.Packs))
	if err != nil {
		return nil, err
	}
	return install(ctx, cfg, set, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// onRecord opens the data directory named with --data, or in the configuration named
// with --config, for a command that works on the record itself. flags sets up further flags; run gets the arguments.
func (p *program) onRecord(ctx context.Context, name string, args []string, want int, create bool, flags func(*flag.FlagSet), run func(*installation, []string) error) error {
	f := p.flags(name)
	path := f.String("config", "", "configuration file (YAML): where the record and the packs are")
	data := f.String("data", "", "directory of the record; overrides the configuration; default tocsin-data")
	if flags != nil {
		flags(f)
	}
	rest, err := p.parse(f, args, want)
	if err != nil {
		return err
	}
	i, err := p.local(ctx, *path, *data, create)
	if err != nil {
		return err
	}
	return errors.Join(run(i, rest), i.Close())
}

// jsonFlag adds --json.
func jsonFlag(asJSON *bool) func(*flag.FlagSet) {
	return func(f *flag.FlagSet) { f.BoolVar(asJSON, "json", false, "print JSON") }
}

func (p *program) print(asJSON bool, v any, text func(io.Writer)) error {
	if asJSON {
		return json.NewEncoder(p.out).Encode(v)
	}
	text(p.out)
	return nil
}

func (p *program) recordVerify(ctx context.Context, args []string) error {
	var asJSON bool
	return p.onRecord(ctx, "record verify", args, 0, false, jsonFlag(&asJSON), func(i *installation, _ []string) error {
		if err := i.db.Check(ctx); err != nil {
			return fmt.Errorf("%w: %w", errNotVerified, err)
		}
		r, err := i.verify(ctx)
		if err != nil {
			return err
		}
		if err := p.print(asJSON, r, func(w io.Writer) { printProof(w, r) }); err != nil {
			return err
		}
		if !r.Verified {
			return errNotVerified
		}
		return nil
	})
}

func (i *installation) verify(ctx context.Context) (r verify.Report, err error) {
	i.engine.Read(func(x *view.Index) { r, err = verify.Ledger(ctx, i.db, i.verifier, x) })
	return r, err
}

func printProof(w io.Writer, r verify.Report) {
	fmt.Fprintf(w, "events     %d\nroot       %s\ncases      %d\ncheckpoint %s\n", r.Events, r.Root, r.Cases, r.Checkpoint)
	for _, fault := range r.Faults {
		fmt.Fprintln(w, "FAULT     ", fault)
	}
	if r.Verified {
		fmt.Fprintln(w, "verified: the log holds these records and no others, they replay, and what is shown follows from them")
	}
}

func (p *program) recordCheckpoint(ctx context.Context, args []string) error {
	return p.onRecord(ctx, "record checkpoint", args, 0, false, nil, func(i *installation, _ []string) error {
		signed, err := i.checkpoint(ctx)
		if err == nil {
			_, err = p.out.Write(signed)
		}
		return err
	})
}

func (p *program) userAdd(ctx context.Context, args []string) error {
	var asJSON bool
	var roles, handles list
	var name, recipient string
	flags := func(f *flag.FlagSet) {
		jsonFlag(&asJSON)(f)
		f.Var(&roles, "role", "role; may be given several times")
		f.Var(&handles, "handles", "origin whose handler this person is; may be given several times")
		f.StringVar(&name, "name", "", "the person's name")
		f.StringVar(&recipient, "recipient", "", "for the role recipient: the entry of the directory it answers for")
	}
	return p.onRecord(ctx, "user add", args, 1, true, flags, func(i *installation, rest []string) error {
		u := auth.User{ID: tocsin.ActorID(rest[0]), Name: cmp.Or(name, rest[0]), Handles: handles, Recipient: tocsin.RecipientID(recipient)}
		for _, r := range roles {
			u.Roles = append(u.Roles, tocsin.Role(r))
		}
		token, err := i.users.Add(ctx, auth.Local, u)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.err, "%s can now act as %v. The token below is shown once; use it as TOCSIN_TOKEN.\n", u.ID, u.Roles)
		return p.print(asJSON, map[string]string{"id": string(u.ID), "token": token}, func(w io.Writer) { fmt.Fprintln(w, token) })
	})
}

func (p *program) userList(ctx context.Context, args []string) error {
	var asJSON bool
	return p.onRecord(ctx, "user list", args, 0, false, jsonFlag(&asJSON), func(i *installation, _ []string) error {
		all := i.users.List()
		return p.print(asJSON, all, func(w io.Writer) {
			for _, a := range all {
				state := ""
				if a.Disabled {
					state = "disabled"
				}
				fmt.Fprintf(w, "%-16s %-24s %v %s\n", a.ID, a.Name, a.Roles, state)
			}
		})
	})
}

func (p *program) userToken(ctx context.Context, args []string) error {
	return p.onRecord(ctx, "user token", args, 1, false, nil, func(i *installation, rest []string) error {
		token, err := i.users.Rotate(ctx, auth.Local, tocsin.ActorID(rest[0]))
		if err == nil {
			fmt.Fprintln(p.out, token)
		}
		return err
	})
}

func (p *program) userDisable(ctx context.Context, args []string) error {
	return p.onRecord(ctx, "user disable", args, 1, false, nil, func(i *installation, rest []string) error {
		return i.users.Disable(ctx, auth.Local, tocsin.ActorID(rest[0]))
	})
}

func (p *program) policyTest(_ context.Context, args []string) error {
	f := p.flags("policy test")
	asJSON := f.Bool("json", false, "print JSON")
	rest, err := p.parse(f, args, -1)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		rest = packs.Names()
	}
	type outcome struct {
		Name   string         `json:"name"`
		Pack   tocsin.PackRef `json:"pack"`
		Tests  int            `json:"tests"`
		Passed bool           `json:"passed"`
	}
	var all []outcome
	for _, name := range rest {
		pack, err := loadPack(name)
		if err != nil {
			return err
		}
		if err := policy.RunTests(pack); err != nil {
			return err
		}
		all = append(all, outcome{name, pack.Ref(), len(pack.Tests()), true})
	}
	return p.print(*asJSON, all, func(w io.Writer) {
		for _, o := range all {
			fmt.Fprintf(w, "%-24s %d tests pass  %s\n", o.Name, o.Tests, o.Pack.Digest)
		}
	})
}
