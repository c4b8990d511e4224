package signin

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tocsin"
	"tocsin/internal/auth"
)

// holder is an account as package webauthn asks for it.
type holder struct {
	id     tocsin.ActorID
	name   string
	handle []byte
	keys   []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return h.handle }
func (h holder) WebAuthnName() string                       { return string(h.id) }
func (h holder) WebAuthnDisplayName() string                { return h.name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (g *Gate) holder(id tocsin.ActorID, handle []byte) holder {
	a, _ := g.cfg.Users.Account(id)
	h := holder{id: id, name: a.Name, handle: handle}
	for _, p := range g.cfg.Users.Passkeys(id) {
		c := webauthn.Credential{ID: p.ID, PublicKey: p.PublicKey, Flags: webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: p.BackupEligible, BackupState: p.BackedUp},
			Authenticator: webauthn.Authenticator{AAGUID: p.AAGUID, SignCount: p.SignCount}}
		for _, t := range p.Transports {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
		}
		h.keys = append(h.keys, c)
	}
	return h
}

// pendingPasskey is a ceremony that was begun.
type pendingPasskey struct {
	User   tocsin.ActorID       `json:"user,omitempty"`
	Handle []byte               `json:"handle,omitempty"`
	Data   webauthn.SessionData `json:"data"`
}

const (
	purposeRegister = "register"
	purposeLogin    = "login"
)

// maxAnswer bounds what an authenticator may send.
const maxAnswer = 64 << 10

// BeginPasskey begins to register an authenticator of the person of a fresh
// session. options goes to navigator.credentials.create, pending to FinishPasskey.
func (g *Gate) BeginPasskey(s auth.Session) (options *protocol.CredentialCreation, pending string, err error) {
	if err := s.MustBeFresh(enrolWithin); err != nil {
		return nil, "", err
	}
	h := g.holder(s.User, g.cfg.Users.Handle(s.User))
	options, data, err := g.passkeys.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return nil, "", fmt.Errorf("signin: begin registration: %w", err)
	}
	pending, err = carry(g, purposeRegister, pendingPasskey{s.User, h.handle, *data})
	return options, pending, err
}

// FinishPasskey keeps an authenticator that has answered, under the name that its
// person gives it. The session's restriction is lifted and it gets a new secret.
func (g *Gate) FinishPasskey(ctx context.Context, v Visitor, s auth.Session, pending, name string, answer io.Reader) (Step, error) {
	if err := s.MustBeFresh(enrolWithin); err != nil {
		return Step{}, err
	}
	p, err := uncarry[pendingPasskey](g, purposeRegister, pending)
	if err != nil {
		return Step{}, err
	}
	if p.User != s.User {
		return Step{}, tocsin.Fault(tocsin.Forbidden, "ceremony", "This was begun by somebody else.", "Begin again.")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBody(io.LimitReader(answer, maxAnswer))
	if err != nil {
		return Step{}, badAnswer(err)
	}
	c, err := g.passkeys.CreateCredential(g.holder(p.User, p.Handle), p.Data, parsed)
	if err != nil {
		return Step{}, badAnswer(err)
	}
	if err := g.cfg.Users.AddPasskey(ctx, s.User, s.User, p.Handle, kept(c, name)); err != nil {
		return Step{}, err
	}
	return g.enrolled(ctx, v)
}

func kept(c *webauthn.Credential, name string) auth.Passkey {
	k := auth.Passkey{ID: c.ID, PublicKey: c.PublicKey, Name: name, SignCount: c.Authenticator.SignCount, AAGUID: c.Authenticator.AAGUID,
		BackupEligible: c.Flags.BackupEligible, BackedUp: c.Flags.BackupState}
	for _, t := range c.Transport {
		if len(t) <= 32 && len(k.Transports) < 8 {
			k.Transports = append(k.Transports, string(t))
		}
	}
	return k
}

func badAnswer(cause error) error {
	f := tocsin.Fault(tocsin.Forbidden, "passkey", "The passkey could not be verified.", "Try again, with a passkey that is registered here.")
	f.Cause = cause
	return f
}

// BeginLogin begins a sign-in by passkey. No name is asked for: the authenticator
// knows whose it is. options goes to navigator.credentials.get, pending to
// FinishLogin.
func (g *Gate) BeginLogin() (options *protocol.CredentialAssertion, pending string, err error) {
	options, data, err := g.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", fmt.Errorf("signin: begin login: %w", err)
	}
	pending, err = carry(g, purposeLogin, pendingPasskey{Data: *data})
	return options, pending, err
}

// FinishLogin signs in whoever the authenticator is registered to. It is never
// slowed down by wrong passwords: a passkey cannot be guessed, and must open the
// door that somebody else has run into.
//
// A passkey whose count went back is refused and recorded: there may be a copy.
func (g *Gate) FinishLogin(ctx context.Context, v Visitor, pending string, answer io.Reader) (step Step, err error) {
	var id tocsin.ActorID
	defer func() { g.failed(v, auth.ByPasskey, id, err) }()
	p, err := uncarry[pendingPasskey](g, purposeLogin, pending)
	if err != nil {
		return Step{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(io.LimitReader(answer, maxAnswer))
	if err != nil {
		return Step{}, badAnswer(err)
	}
	user, c, err := g.passkeys.ValidatePasskeyLogin(g.owner, p.Data, parsed)
	if err != nil {
		return Step{}, badAnswer(err)
	}
	id = user.(holder).id // owner has made it
	if c.Authenticator.CloneWarning {
		cause := g.cfg.Users.SuspectPasskey(ctx, id, c.ID, parsed.Response.AuthenticatorData.Counter)
		f := tocsin.Fault(tocsin.Forbidden, "passkey_copied", "The count of this passkey went back: there may be a copy of it.", "Sign in another way and remove it; tell an administrator.")
		f.Cause = cause
		return Step{}, f
	}
	return g.enter(ctx, v, auth.Entry{User: id, Methods: []auth.Method{auth.ByPasskey}, Passkey: c.ID, SignCount: c.Authenticator.SignCount,
		Once: []string{"passkey/" + p.Data.Challenge}})
}

// owner finds whose authenticator this is.
func (g *Gate) owner(rawID, handle []byte) (webauthn.User, error) {
	id, ok := g.cfg.Users.ByHandle(handle)
	if !ok {
		return nil, tocsin.NotFound
	}
	h := g.holder(id, handle)
	if !slices.ContainsFunc(h.keys, func(c webauthn.Credential) bool { return string(c.ID) == string(rawID) }) {
		return nil, tocsin.NotFound
	}
	return h, nil
}
