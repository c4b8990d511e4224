package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"tocsin"
)

// client speaks the HTTP API: over the network to TOCSIN_URL, or without it to
// the same handler inside this process, over the record in --data.
type client struct {
	base  string
	token string
	key   string                                                 // makes its writes repeatable, if not empty
	wait  func(ctx context.Context, base string, tried int) bool // whether to try again after a refused connection; nil is never
	do    func(*http.Request) (*http.Response, error)
	close func() error
}

// remote are the flags that every data command has.
type remote struct {
	data   *string
	asJSON *bool
}

func (p *program) remoteFlags(f *flag.FlagSet) remote {
	return remote{f.String("data", "tocsin-data", "directory of the record, used without TOCSIN_URL"), f.Bool("json", false, "print JSON")}
}

func (p *program) connect(ctx context.Context, r remote) (*client, error) {
	c := &client{token: p.env("TOCSIN_TOKEN"), close: func() error { return nil }}
	if c.token == "" {
		return nil, p.noToken(ctx, r)
	}
	if base := p.env("TOCSIN_URL"); base != "" {
		c.base, c.do, c.wait = strings.TrimRight(base, "/"), http.DefaultClient.Do, p.starting
		return c, nil
	}
	i, err := p.local(ctx, "", *r.data, false)
	if err != nil {
		return nil, err
	}
	handler := i.handler()
	c.base, c.close = "http://tocsin.invalid", i.Close
	c.do = func(req *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		return w.Result(), nil
	}
	return c, nil
}

// noToken says how to come by a token: another one for somebody who is there, or the
// first for somebody new.
func (p *program) noToken(ctx context.Context, r remote) error {
	do := "Put your token into TOCSIN_TOKEN. If it is lost, tocsin user token ID on the server's machine gives you another, and ends the old one; tocsin user list says who is there."
	if p.env("TOCSIN_URL") == "" && !p.anybody(ctx, *r.data) {
		do = "Make a user with: tocsin user add NAME --role ROLE, and put the token it prints into TOCSIN_TOKEN."
	}
	return tocsin.Fault(tocsin.Forbidden, "no_token", "TOCSIN_TOKEN is not set.", do)
}

// anybody reports whether the record in a directory has users.
func (p *program) anybody(ctx context.Context, data string) bool {
	i, err := p.local(ctx, "", data, false)
	if err != nil {
		return false // there is no record, or none that can be read: begin one
	}
	n := len(i.users.List())
	return i.Close() == nil && n > 0
}

// patience is how long a command waits for a server on this machine that has just
// been started.
const patience = 10 * time.Second

// starting waits a little before a refused connection to this machine is tried
// again, longer each time, and says once that it waits. It reports false once its
// patience is over, and at once for another machine: nobody there has just typed
// "tocsin serve &".
func (p *program) starting(ctx context.Context, base string, tried int) bool {
	u, err := url.Parse(base)
	if err != nil || !onlyHere(u.Hostname()) {
		return false
	}
	before, next := time.Duration(0), 50*time.Millisecond
	for range tried {
		before, next = before+next, min(2*next, time.Second)
	}
	if before >= patience || ctx.Err() != nil {
		return false
	}
	if tried == 0 {
		fmt.Fprintf(p.err, "The server at %s does not answer yet; waiting for it for up to %s.\n", base, patience)
	}
	if p.pause != nil {
		p.pause(ctx, next)
		return true
	}
	select {
	case <-ctx.Done():
	case <-time.After(next):
	}
	return true
}

// call makes one request and returns the answer's body, or the problem it
// answered with as a *tocsin.Error.
func (c *client) call(ctx context.Context, method, path, media string, body []byte) ([]byte, error) {
	resp, err := c.send(ctx, method, path, media, body)
	// A refused connection has reached nobody, so that trying again does nothing twice.
	for tried := 0; errors.Is(err, syscall.ECONNREFUSED) && c.wait != nil && c.wait(ctx, c.base, tried); tried++ {
		resp, err = c.send(ctx, method, path, media, body)
	}
	if err != nil {
		return nil, tocsin.Faultf(tocsin.Unavailable, "unreachable", "Is the server running, and is TOCSIN_URL right?", "The server at %s does not answer.", c.base)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 300 {
		return b, nil
	}
	return nil, problem(resp.StatusCode, b)
}

func (c *client) send(ctx context.Context, method, path, media string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", media)
	}
	if c.key != "" {
		req.Header.Set("Idempotency-Key", c.key)
	}
	return c.do(req)
}

func problem(status int, body []byte) error {
	var told struct {
		Title, Detail, Code, Kept, Do string
		Quarantine                    string
	}
	if err := json.Unmarshal(body, &told); err != nil {
		return fmt.Errorf("the server answered %d without saying why", status)
	}
	return &tocsin.Error{Code: told.Code, What: cmp.Or(told.Detail, told.Title), Kept: told.Kept, Do: told.Do}
}

// with runs f with a connection and closes it.
func (p *program) with(ctx context.Context, r remote, f func(*client) error) error {
	c, err := p.connect(ctx, r)
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.close())
}

// show prints what a GET answers: as it came with --json, else by text.
func (p *program) show(ctx context.Context, r remote, path string, text func(w io.Writer, body []byte) error) error {
	return p.with(ctx, r, func(c *client) error {
		b, err := c.call(ctx, http.MethodGet, path, "", nil)
		if err != nil {
			return err
		}
		return p.answer(r, b, text)
	})
}

func (p *program) answer(r remote, b []byte, text func(w io.Writer, body []byte) error) error {
	if *r.asJSON || text == nil {
		var out bytes.Buffer
		if err := json.Indent(&out, b, "", "  "); err != nil {
			return err
		}
		fmt.Fprintln(p.out, strings.TrimSpace(out.String()))
		return nil
	}
	return text(p.out, b)
}

// input reads a file, or standard input for "-".
func (p *program) input(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(p.in)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, tocsin.Faultf(tocsin.Invalid, "no_file", "Check the name; - reads standard input.", "The file %s cannot be read.", name)
	}
	return b, nil
}

// pairs turns "victim.id=v1 findings.0.value=met" into the JSON that the API
// takes. A value that is valid JSON other than a bare word is taken as such:
// true, 3, [..], {..}; anything else is text.
func pairs(args []string) (map[string]any, error) {
	root := map[string]any{}
	for _, a := range args {
		key, value, ok := strings.Cut(a, "=")
		if !ok {
			return nil, tocsin.Faultf(tocsin.Invalid, "pair", "Write field=value, such as victim.id=v1.", "%q is not a field with a value.", a)
		}
		set(root, strings.Split(key, "."), scalar(value))
	}
	return lists(root).(map[string]any), nil
}

func scalar(s string) any {
	var v any
	if err := json.Unmarshal([]byte(s), &v); err == nil {
		return v
	}
	return s
}

func set(m map[string]any, path []string, v any) {
	for _, step := range path[:len(path)-1] {
		next, ok := m[step].(map[string]any)
		if !ok {
			next = map[string]any{}
			m[step] = next
		}
		m = next
	}
	m[path[len(path)-1]] = v
}

// lists turns maps with the keys 0, 1, 2 ... into lists.
func lists(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for k := range m {
		m[k] = lists(m[k])
	}
	var out []any
	for i := range len(m) {
		x, ok := m[fmt.Sprint(i)]
		if !ok {
			return m
		}
		out = append(out, x)
	}
	if out == nil {
		return m
	}
	return out
}

func path(parts ...string) string {
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return "/v1/" + strings.Join(parts, "/")
}
