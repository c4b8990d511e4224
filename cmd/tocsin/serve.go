package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"tocsin/internal/auth/pace"
	"tocsin/internal/console"
	"tocsin/internal/web"
	"tocsin/packs"
)

// checkpointEvery is how often serve signs the head of the log while it grows.
const checkpointEvery = 10 * time.Second

// serve runs the server until it is told to stop.
func (p *program) serve(ctx context.Context, args []string) error {
	f := p.flags("serve")
	path := f.String("config", "", "configuration file (YAML)")
	data := f.String("data", "", "directory of the record; overrides the configuration")
	listen := f.String("listen", "", "address of the HTTP API; overrides the configuration")
	dir := f.String("packs", "", "folder of further packs, proved at the start; overrides the configuration")
	if _, err := p.parse(f, args, 0); err != nil {
		return err
	}
	cfg, err := readConfig(*path)
	if err != nil {
		return err
	}
	if *data != "" {
		cfg.Data = *data
	}
	if *listen != "" {
		cfg.Listen = *listen
	}
	if *dir != "" {
		cfg.Packs = *dir
	}
	set, err := readPacks(cfg.Packs)
	if err != nil {
		return err
	}
	if err := p.onlyProved(set); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(p.err, nil))
	i, err := install(ctx, cfg, set, log)
	if err != nil {
		return err
	}
	if err := i.exercise(); err != nil {
		return errors.Join(err, i.Close())
	}
	limits, err := cfg.Limits.rates()
	if err != nil {
		return errors.Join(err, i.Close())
	}
	i.pace = pace.New(limits)
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return errors.Join(err, i.Close())
	}
	i.cfg.Listen = l.Addr().String() // with the port that it got: sign-in leads there
	fmt.Fprintf(p.err, "tocsin %s serves http://%s, record in %s\n", version, l.Addr(), i.db.Path())
	if err := i.openGate(); err != nil {
		return errors.Join(err, l.Close(), i.Close())
	}
	p.announce(i)
	return errors.Join(i.run(ctx, l), i.Close())
}

// run serves, works and signs until ctx ends, then lets requests finish.
func (i *installation) run(ctx context.Context, l net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	handler := i.faces()
	srv := web.Server(handler)
	done := make(chan error, 4)
	go func() { done <- i.engine.Run(ctx) }()
	go func() { done <- i.sign(ctx) }()
	go func() { done <- i.note(ctx) }()
	go func() {
		err := srv.Serve(l)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		done <- err
	}()
	var first error
	left := 4
	select {
	case first = <-done:
		left--
	case <-ctx.Done():
	}
	stop()
	handler.Drain() // ends the event streams, which otherwise never end
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := srv.Shutdown(grace)
	for range left {
		err = errors.Join(err, <-done)
	}
	if _, cerr := i.checkpoint(context.WithoutCancel(ctx)); cerr != nil {
		err = errors.Join(err, cerr)
	}
	return errors.Join(first, err)
}

// faces is what serve listens with: the interface for programs under /v1, and the
// console for people everywhere else.
type faces struct {
	http.Handler
	api     http.Handler
	console *console.Console
}

func (i *installation) faces() faces {
	mux := http.NewServeMux()
	f := faces{Handler: mux, api: i.handler()}
	f.console = console.New(console.Config{Engine: i.engine, Store: i.db, Users: i.users, Gate: i.gate, Exercise: i.cfg.Exercise, Packs: packs.Names(), Verifier: i.verifier, Version: version, Log: i.log, Refusals: i.refusals, Pace: i.pace})
	mux.Handle("/v1/", f.api)
	mux.Handle("/", f.console)
	if i.gate != nil {
		f.Handler = i.gate.OverTLS(mux)
	}
	return f
}

// Drain ends the event streams of both.
func (f faces) Drain() {
	f.console.Drain()
	if d, ok := f.api.(interface{ Drain() }); ok {
		d.Drain()
	}
}

// sign makes a checkpoint whenever the log has grown.
func (i *installation) sign(ctx context.Context) error {
	t := time.NewTicker(checkpointEvery)
	defer t.Stop()
	last := int64(-1)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		size, err := i.db.Log().Size(ctx)
		if err == nil && size != last {
			_, err = i.checkpoint(ctx)
		}
		if err != nil && ctx.Err() == nil {
			i.log.Error("the checkpoint could not be signed; trying again", "error", err)
			continue
		}
		last = size
	}
}
