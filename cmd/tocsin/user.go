package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"tocsin"
	"tocsin/internal/auth"
	"tocsin/packs"
	"tocsin/policy"
)

// days reads a time that may be given in days, such as 90d.
func days(s string) (time.Duration, error) {
	if n, ok := strings.CutSuffix(s, "d"); ok {
		if d, err := strconv.Atoi(n); err == nil && d > 0 && d <= 10_000 {
			return time.Duration(d) * 24 * time.Hour, nil
		}
	} else if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return d, nil
	}
	return 0, tocsin.Faultf(tocsin.Invalid, "time", "Write it as 90d, 12h or 30m.", "%q is not a time.", s)
}

// password reads one: typed twice at a terminal, which does not show it, or the
// first line of standard input. It is never an argument, which other users of the
// machine could see.
func (p *program) password() (string, error) {
	f, ok := p.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		b, err := io.ReadAll(io.LimitReader(p.in, 8192))
		return trimmedLine(b), err
	}
	var typed [2]string
	for n, prompt := range []string{"Password: ", "Again: "} {
		fmt.Fprint(p.err, prompt)
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(p.err)
		if err != nil {
			return "", err
		}
		typed[n] = string(b)
	}
	if typed[0] != typed[1] {
		return "", tocsin.Fault(tocsin.Invalid, "password_differs", "The two passwords differ.", "Type the same one twice.")
	}
	return typed[0], nil
}

// onAccounts is onRecord for the commands of this file, all of which take --json.
func (p *program) onAccounts(ctx context.Context, name string, args []string, want int, flags func(*flag.FlagSet), run func(*installation, []string) (any, func(io.Writer), error)) error {
	var asJSON bool
	all := func(f *flag.FlagSet) {
		jsonFlag(&asJSON)(f)
		if flags != nil {
			flags(f)
		}
	}
	return p.onRecord(ctx, name, args, want, false, all, func(i *installation, rest []string) error {
		v, text, err := run(i, rest)
		if err != nil {
			return err
		}
		return p.print(asJSON, v, text)
	})
}

// account is the answer of commands that change one.
func (i *installation) account(id string, said string) (any, func(io.Writer), error) {
	a, _ := i.users.Account(tocsin.ActorID(id))
	return a, func(w io.Writer) { fmt.Fprintln(w, said) }, nil
}

func (p *program) userPassword(ctx context.Context, args []string) error {
	return p.onAccounts(ctx, "user password set", args, 1, nil, func(i *installation, rest []string) (any, func(io.Writer), error) {
		id := tocsin.ActorID(rest[0])
		if _, ok := i.users.Account(id); !ok {
			return nil, nil, tocsin.Fault(tocsin.NotFound, "user", "There is no such user.", "Look at the list of users.")
		}
		plain, err := p.password()
		if err != nil {
			return nil, nil, err
		}
		if err := i.users.SetPassword(ctx, auth.Local, id, plain, ""); err != nil {
			return nil, nil, err
		}
		return i.account(rest[0], fmt.Sprintf("%s has a new password; their sessions have ended.", id))
	})
}

func (p *program) userRoles(ctx context.Context, args []string) error {
	var roles, handles list
	var recipient, why string
	flags := func(f *flag.FlagSet) {
		f.Var(&roles, "role", "role; may be given several times; replaces those there were")
		f.Var(&handles, "handles", "origin whose handler this person is; may be given several times; replaces those there were")
		f.StringVar(&recipient, "recipient", "", "for the role recipient: the entry of the directory it answers for")
		f.StringVar(&why, "why", "", "why the roles change; kept in the record")
	}
	return p.onAccounts(ctx, "user roles", args, 1, flags, func(i *installation, rest []string) (any, func(io.Writer), error) {
		var all []tocsin.Role
		for _, r := range roles {
			all = append(all, tocsin.Role(r))
		}
		if err := i.users.SetRoles(ctx, auth.Local, tocsin.ActorID(rest[0]), all, handles, tocsin.RecipientID(recipient), why); err != nil {
			return nil, nil, err
		}
		return i.account(rest[0], fmt.Sprintf("%s now has the roles %v.", rest[0], all))
	})
}

func (p *program) userPowers(ctx context.Context, args []string) error {
	pack := ""
	flags := func(f *flag.FlagSet) { f.StringVar(&pack, "pack", defaultPack, "policy pack") }
	return p.onAccounts(ctx, "user powers", args, 0, flags, func(i *installation, _ []string) (any, func(io.Writer), error) {
		loaded, err := policy.Load(packs.FS(), pack)
		if err != nil {
			return nil, nil, err
		}
		rights := i.users.WhoMay(loaded.Terms())
		return rights, func(w io.Writer) {
			for _, r := range rights {
				fmt.Fprintf(w, "%-18s %s\n%-18s   %v\n", r.Power, cmp.Or(joined(r.People), "NOBODY"), "", r.Roles)
			}
		}, nil
	})
}

func joined(ids []tocsin.ActorID) string {
	var out []string
	for _, id := range ids {
		out = append(out, string(id))
	}
	return strings.Join(out, ", ")
}

func (p *program) userSessions(ctx context.Context, args []string) error {
	user := ""
	flags := func(f *flag.FlagSet) { f.StringVar(&user, "user", "", "only this person's") }
	return p.onAccounts(ctx, "user sessions", args, 0, flags, func(i *installation, _ []string) (any, func(io.Writer), error) {
		all := i.users.Sessions(tocsin.ActorID(user))
		return filled(all), func(w io.Writer) {
			for _, s := range all {
				fmt.Fprintf(w, "%s  %-16s since %s, ends %s  %s %s %v %s\n", s.Ref, s.User, stamp(s.Began), stamp(s.Ends), s.Place.Network, s.Place.Agent, s.Methods, s.Locked)
			}
		}, nil
	})
}

func stamp(t time.Time) string { return t.Format("2006-01-02 15:04Z") }

// filled is a list that prints as [] and not as null.
func filled[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

func (p *program) userSessionEnd(ctx context.Context, args []string) error {
	var user, why string
	flags := func(f *flag.FlagSet) {
		f.StringVar(&user, "user", "", "end all sessions of this person, in place of one")
		f.StringVar(&why, "why", "ended by whoever runs the machine", "why; kept in the record")
	}
	return p.onAccounts(ctx, "user session end", args, -1, flags, func(i *installation, rest []string) (any, func(io.Writer), error) {
		if (len(rest) == 1) == (user != "") || len(rest) > 1 {
			return nil, nil, tocsin.Fault(tocsin.Invalid, "which", "Name one session, or a person with --user.", "See tocsin user sessions.")
		}
		before := len(i.users.Sessions(""))
		err := error(nil)
		if user != "" {
			err = i.users.EndSessions(ctx, auth.Local, tocsin.ActorID(user), why)
		} else {
			err = i.users.EndSession(ctx, auth.Local, rest[0], why)
		}
		ended := before - len(i.users.Sessions(""))
		return map[string]int{"ended": ended}, func(w io.Writer) { fmt.Fprintf(w, "%d sessions have ended.\n", ended) }, err
	})
}

func (p *program) userTokenAdd(ctx context.Context, args []string) error {
	var scopes list
	var name, expires string
	flags := func(f *flag.FlagSet) {
		f.Var(&scopes, "scope", fmt.Sprintf("what it is good for; may be given several times; one of %v", auth.Scopes()))
		f.StringVar(&expires, "expires", "90d", "time until it expires, at most 366d")
		f.StringVar(&name, "name", "", "what it is for")
	}
	return p.onAccounts(ctx, "user token add", args, 1, flags, func(i *installation, rest []string) (any, func(io.Writer), error) {
		life, err := days(expires)
		if err != nil {
			return nil, nil, err
		}
		r := auth.TokenRequest{User: tocsin.ActorID(rest[0]), Name: name, Life: life}
		for _, s := range scopes {
			r.Scopes = append(r.Scopes, auth.Scope(s))
		}
		secret, t, err := i.users.MakeToken(ctx, auth.Local, r)
		if err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(p.err, "Token %s of %s is good for %v until %s. It is shown once.\n", t.ID, t.User, t.Scopes, stamp(t.Expires))
		return struct {
			auth.Token
			Secret string `json:"token"`
		}{t, secret}, func(w io.Writer) { fmt.Fprintln(w, secret) }, nil
	})
}

func (p *program) userTokens(ctx context.Context, args []string) error {
	user := ""
	flags := func(f *flag.FlagSet) { f.StringVar(&user, "user", "", "only this person's") }
	return p.onAccounts(ctx, "user tokens", args, 0, flags, func(i *installation, _ []string) (any, func(io.Writer), error) {
		all := i.users.Tokens(tocsin.ActorID(user))
		return filled(all), func(w io.Writer) {
			for _, t := range all {
				fmt.Fprintf(w, "%-16s %-16s %v expires %s, used %s  %s\n", t.ID, t.User, t.Scopes, orNever(t.Expires), orNever(t.Used), t.Name)
			}
		}, nil
	})
}

func orNever(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return stamp(t)
}

func (p *program) userTokenRevoke(ctx context.Context, args []string) error {
	return p.onAccounts(ctx, "user token revoke", args, 2, nil, func(i *installation, rest []string) (any, func(io.Writer), error) {
		if err := i.users.RevokeToken(ctx, auth.Local, tocsin.ActorID(rest[0]), rest[1]); err != nil {
			return nil, nil, err
		}
		return i.account(rest[0], fmt.Sprintf("The token %s of %s has ended.", rest[1], rest[0]))
	})
}

func (p *program) userLink(ctx context.Context, args []string) error {
	var s auth.Subject
	flags := func(f *flag.FlagSet) {
		f.StringVar(&s.Issuer, "issuer", "", "the provider's issuer address")
		f.StringVar(&s.Subject, "subject", "", "who the person is there")
	}
	return p.onAccounts(ctx, "user link", args, 1, flags, func(i *installation, rest []string) (any, func(io.Writer), error) {
		if err := i.users.LinkSubject(ctx, auth.Local, tocsin.ActorID(rest[0]), s); err != nil {
			return nil, nil, err
		}
		return i.account(rest[0], fmt.Sprintf("%s can sign in as %s at %s.", rest[0], s.Subject, s.Issuer))
	})
}

func (p *program) userForget(ctx context.Context, args []string) error {
	return p.onAccounts(ctx, "user forget", args, 1, nil, func(i *installation, rest []string) (any, func(io.Writer), error) {
		id := tocsin.ActorID(rest[0])
		a, ok := i.users.Account(id)
		if !ok {
			return nil, nil, tocsin.Fault(tocsin.NotFound, "user", "There is no such user.", "Look at the list of users.")
		}
		var errs []error
		if a.SignIn.TOTP {
			errs = append(errs, i.users.RemoveTOTP(ctx, auth.Local, id))
		}
		for _, k := range i.users.Passkeys(id) {
			errs = append(errs, i.users.RemovePasskey(ctx, auth.Local, id, k.ID))
		}
		errs = append(errs, i.users.EndSessions(ctx, auth.Local, id, "second ways to sign in were taken away"))
		if err := errors.Join(errs...); err != nil {
			return nil, nil, err
		}
		return i.account(rest[0], fmt.Sprintf("%s has no passkey and no one-time codes any more.", id))
	})
}

func (p *program) glassList(ctx context.Context, args []string) error {
	owed := false
	flags := func(f *flag.FlagSet) { f.BoolVar(&owed, "owed", false, "only those that owe a review") }
	return p.onAccounts(ctx, "user break-glass list", args, 0, flags, func(i *installation, _ []string) (any, func(io.Writer), error) {
		all := i.users.Grants()
		if owed {
			all = i.users.ReviewsOwed()
		}
		return filled(all), func(w io.Writer) {
			for _, g := range all {
				state := "review due " + stamp(g.ReviewDue())
				if g.Review != nil {
					state = fmt.Sprintf("reviewed by %s, justified: %v", g.Review.By, g.Review.Justified)
				}
				fmt.Fprintf(w, "%s  %s as %s from %s until %s  %s\n    %s\n", g.ID, g.User, g.Role, stamp(g.From), stamp(g.Until), state, g.Reason)
			}
		}, nil
	})
}

func (p *program) glassReview(ctx context.Context, args []string) error {
	var note string
	var justified, not bool
	flags := func(f *flag.FlagSet) {
		f.StringVar(&note, "note", "", "what was done under the role, and whether it was needed")
		f.BoolVar(&justified, "justified", false, "it was justified")
		f.BoolVar(&not, "not-justified", false, "it was not")
	}
	return p.onAccounts(ctx, "user break-glass review", args, 1, flags, func(i *installation, rest []string) (any, func(io.Writer), error) {
		if justified == not {
			return nil, nil, tocsin.Fault(tocsin.Invalid, "finding", "The finding is missing.", "Give --justified or --not-justified.")
		}
		if err := i.users.ReviewGlass(ctx, auth.Local, rest[0], justified, note); err != nil {
			return nil, nil, err
		}
		return map[string]any{"id": rest[0], "justified": justified}, func(w io.Writer) { fmt.Fprintf(w, "%s is reviewed.\n", rest[0]) }, nil
	})
}

func (p *program) userHistory(ctx context.Context, args []string) error {
	return p.onAccounts(ctx, "user history", args, 0, nil, func(i *installation, _ []string) (any, func(io.Writer), error) {
		all, err := i.users.History(ctx)
		return filled(all), func(w io.Writer) {
			for _, e := range all {
				fmt.Fprintf(w, "%7d  %s  %-16s %-18s %s\n", e.Position, e.At.Format(time.RFC3339), e.By, e.Kind, e.Data["id"])
			}
		}, err
	})
}
