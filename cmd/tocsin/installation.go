package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tocsin"
	"tocsin/engine"
	"tocsin/internal/auth"
	"tocsin/internal/auth/pace"
	"tocsin/internal/auth/refusals"
	"tocsin/internal/auth/signin"
	"tocsin/internal/sqlite"
	"tocsin/internal/web"
	"tocsin/ledger"
)

// installation is one data directory, opened.
type installation struct {
	cfg      config
	packs    packSet
	db       *sqlite.DB
	users    *auth.Users
	key      *auth.Key    // under which accounts keep their secrets
	gate     *signin.Gate // nil unless it serves
	engine   *engine.Engine
	signer   note.Signer
	verifier note.Verifier
	log      *slog.Logger
	refusals *refusals.Log
	pace     *pace.Limiter // nil unless it serves
}

// ids names things with time-sortable random identifiers.
type ids struct{}

// New implements engine.IDs. The basis is not used: idempotency is the ledger's.
func (ids) New(kind, _ string) string {
	random := make([]byte, 5)
	_, _ = rand.Read(random) // never fails: see crypto/rand
	return randomID(kind, time.Now(), random)
}

// install opens the data directory and everything in it, and makes it if it is
// not there.
func install(ctx context.Context, cfg config, set packSet, log *slog.Logger) (*installation, error) {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, err
	}
	i := &installation{cfg: cfg, packs: set, log: log, refusals: refusals.New(log)}
	var err error
	if i.db, err = sqlite.Open(filepath.Join(cfg.Data, "tocsin.db")); err != nil {
		return nil, err
	}
	if err := i.load(ctx); err != nil {
		return nil, errors.Join(err, i.db.Close())
	}
	return i, nil
}

func (i *installation) load(ctx context.Context) error {
	var err error
	if i.signer, i.verifier, err = checkpointKey(i.cfg); err != nil {
		return err
	}
	if err = i.openAccounts(ctx); err != nil {
		return err
	}
	channels, err := i.cfg.channels(time.Now)
	if err != nil {
		return err
	}
	calls := pagers(channels)
	onCall, err := i.cfg.onCall(calls)
	if err != nil {
		return err
	}
	host, _ := os.Hostname() // only a label in leases
	i.engine, err = engine.New(ctx, engine.Config{Store: i.db, Packs: i.packs.fs, Default: i.cfg.Pack, Clock: engine.SystemClock{}, IDs: ids{}, Channels: channels, Address: i.cfg.address, Pagers: calls, OnCall: onCall,
		People: i.users.Find, Worker: host + "-" + ids{}.New("worker", ""), Log: i.log}, i.packs.names...)
	return err
}

func (i *installation) handler() http.Handler {
	cfg := web.Config{Engine: i.engine, Users: i.users, Store: i.db, Packs: i.packs.names, Version: version, Exercise: i.cfg.Exercise, Log: i.log, Refusals: i.refusals, Pace: i.pace}
	if i.gate != nil {
		cfg.Address = func(r *http.Request) string { return i.gate.Visitor(r).AddressKey() }
	}
	return web.New(cfg)
}

func (i *installation) Close() error { return i.db.Close() }

// checkpointKey reads the signing key, or makes it on first use.
func checkpointKey(cfg config) (note.Signer, note.Verifier, error) {
	path := keyFile(cfg.Data)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		skey, vkey, err := ledger.NewKey(cfg.Name, rand.Reader)
		if err != nil {
			return nil, nil, err
		}
		b = []byte(skey + "\n" + vkey + "\n")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return nil, nil, err
		}
	} else if err != nil {
		return nil, nil, err
	}
	lines := strings.Fields(string(b))
	if len(lines) != 2 {
		return nil, nil, tocsin.Faultf(tocsin.Invalid, "checkpoint_key", "Restore it from the backup. If it is lost, move the file away: a new key is made, and old checkpoints stay valid under the old one.",
			"The key file %s does not hold a signing key and its verifier.", path)
	}
	signer, err := note.NewSigner(lines[0])
	if err != nil {
		return nil, nil, err
	}
	verifier, err := note.NewVerifier(lines[1])
	return signer, verifier, err
}

// checkpoint signs the head of the log and keeps the signature beside it.
func (i *installation) checkpoint(ctx context.Context) ([]byte, error) {
	size, err := i.db.Log().Size(ctx)
	if err != nil {
		return nil, err
	}
	root, err := ledger.Root(ctx, i.db.Log(), size)
	if err != nil {
		return nil, err
	}
	signed, err := ledger.SignCheckpoint(i.signer.Name(), size, root, i.signer)
	if err != nil {
		return nil, err
	}
	return signed, i.db.Log().PutCheckpoint(ctx, size, signed)
}
