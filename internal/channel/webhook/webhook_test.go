package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/deliver"
	"tocsin/deliver/delivertest"
	"tocsin/internal/channel/webhook"
	"tocsin/release"
)

func message(t testing.TB) release.Message {
	return delivertest.Message(t, delivertest.Letter{Channel: "webhook", Address: "ministry"})
}

// answering is a channel to a receiver that answers with h.
func answering(t *testing.T, e webhook.Endpoint, h http.HandlerFunc) *webhook.Channel {
	t.Helper()
	e.URL, e.RootCAs = serve(t, h, nil)
	return channel(t, e)
}

func failure(t *testing.T, ch *webhook.Channel) *deliver.Failure {
	t.Helper()
	_, err := ch.Send(t.Context(), message(t))
	var f *deliver.Failure
	if !errors.As(err, &f) {
		t.Fatalf("error %v is not a failure", err)
	}
	return f
}

func TestWhatEachStatusMeans(t *testing.T) {
	want := map[int]deliver.Class{
		408: deliver.Temporary, 425: deliver.Temporary, 429: deliver.Temporary, 500: deliver.Temporary, 501: deliver.Temporary, 503: deliver.Temporary, 599: deliver.Temporary,
		409: deliver.Uncertain, 502: deliver.Uncertain, 504: deliver.Uncertain,
		300: deliver.Permanent, 301: deliver.Permanent, 302: deliver.Permanent, 307: deliver.Permanent, 308: deliver.Permanent, 304: deliver.Permanent,
		400: deliver.Permanent, 401: deliver.Permanent, 403: deliver.Permanent, 404: deliver.Permanent, 410: deliver.Permanent, 413: deliver.Permanent, 422: deliver.Permanent,
	}
	for status, class := range want {
		ch := answering(t, webhook.Endpoint{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(status)
		})
		f := failure(t, ch)
		if f.Class != class || !strings.Contains(f.Detail, fmt.Sprint(status)) {
			t.Errorf("%d: %v, want %s", status, f, class)
		}
		wait := 90 * time.Second
		if class == deliver.Permanent {
			wait = 0
		}
		if f.RetryAfter != wait {
			t.Errorf("%d: retry after %v, want %v", status, f.RetryAfter, wait)
		}
	}
	for _, status := range []int{200, 201, 202, 204, 299} {
		ch := answering(t, webhook.Endpoint{}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		if r, err := ch.Send(t.Context(), message(t)); err != nil || r.State != "delivered" {
			t.Errorf("%d: %+v, %v", status, r, err)
		}
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var elsewhere atomic.Int32
	other, _ := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }), nil)
	for _, status := range []int{301, 302, 303, 307, 308} {
		ch := answering(t, webhook.Endpoint{}, func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, other+"/token-in-the-path", status)
		})
		f := failure(t, ch)
		if f.Class != deliver.Permanent || !strings.Contains(f.Detail, "not followed") || strings.Contains(f.Detail, "token") {
			t.Errorf("%d: %v", status, f)
		}
	}
	if elsewhere.Load() != 0 {
		t.Error("the words went elsewhere")
	}
}

func TestWhatTheReceiverGets(t *testing.T) {
	var body []byte
	var header http.Header
	ch := answering(t, webhook.Endpoint{PreviousSecrets: []string{previous}}, func(w http.ResponseWriter, q *http.Request) {
		body, _ = io.ReadAll(q.Body)
		header = q.Header
		io.WriteString(w, `{"reference":"ticket-9","status":"open"}`)
	})
	m := message(t)
	r, err := ch.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if r.Remote != "ticket-9" || r.At != tocsin.Instant(now) {
		t.Errorf("receipt %+v", r)
	}
	want, _ := json.Marshal(map[string]any{
		"type": "warning.alert", "timestamp": delivertest.Moment, "key": m.Key(), "reference": m.Reference(), "kind": m.Kind(),
		"recipient": "r-1", "marking": "UNCLASSIFIED", "language": "en", "subject": m.Text().Subject, "body": m.Text().Body, "window": m.Window(),
	})
	if !sameJSON(t, body, want) {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	if strings.Contains(string(body), m.Recipient().Name) {
		t.Error("the directory's name for the recipient is in the request")
	}
	if got := header.Get("webhook-timestamp"); got != fmt.Sprint(now.Unix()) {
		t.Errorf("timestamp %s, want that of the attempt", got)
	}
	for _, s := range []string{secret, previous} {
		if err := webhook.Verify(s, header, body, now, time.Minute); err != nil {
			t.Errorf("during the change of secrets: %v", err)
		}
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(x) == fmt.Sprint(y)
}

func TestAnIntermediaryHasNotDelivered(t *testing.T) {
	ch := answering(t, webhook.Endpoint{Intermediary: true}, func(http.ResponseWriter, *http.Request) {})
	r, err := ch.Send(t.Context(), message(t))
	if err != nil || r.State != "sent" {
		t.Errorf("%+v, %v; want sent", r, err)
	}
}

func TestAnAnswerIsReadWithinLimits(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"without end": func(w http.ResponseWriter, _ *http.Request) {
			for range 1 << 12 {
				if _, err := w.Write(make([]byte, 1<<12)); err != nil {
					return
				}
			}
		},
		"not JSON":               func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "thanks") },
		"a reference of numbers": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"reference":7}`) },
		"broken off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, `{"refer`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
	} {
		r, err := answering(t, webhook.Endpoint{}, h).Send(t.Context(), message(t))
		if err != nil || r.State != "delivered" || r.Remote != "" {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	r, err := answering(t, webhook.Endpoint{}, func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"reference": "a\r\nb \u202e" + strings.Repeat("long ", 100)})
	}).Send(t.Context(), message(t))
	if err != nil || len(r.Remote) > 210 || strings.ContainsAny(r.Remote, "\r\n\u202e") {
		t.Errorf("reference %q, %v", r.Remote, err)
	}
}

// A receiver that drops a kept-alive connection after taking the request is
// where net/http would repeat it by itself, because it has an Idempotency-Key.
func TestTheTransportDoesNotRepeatByItself(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		var requests atomic.Int32
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			io.Copy(io.Discard, q.Body)
			if requests.Add(1) > 1 {
				panic(http.ErrAbortHandler)
			}
			if want := 1; http2 {
				want = 2
				if q.ProtoMajor != want {
					t.Errorf("protocol %s", q.Proto)
				}
			}
		}))
		s.EnableHTTP2 = http2
		s.StartTLS()
		t.Cleanup(s.Close)
		e := webhook.Endpoint{URL: s.URL, RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
		ch := channel(t, e)
		if _, err := ch.Send(t.Context(), message(t)); err != nil {
			t.Fatal(err)
		}
		if f := failure(t, ch); f.Class != deliver.Uncertain {
			t.Errorf("%v, want uncertain", f)
		}
		if n := requests.Load(); n != 2 {
			t.Errorf("two attempts made %d requests (HTTP/2 %v)", n, http2)
		}
	}
}

func TestAnEndpointThatIsNotConfigured(t *testing.T) {
	ch := channel(t, webhook.Endpoint{URL: "https://example.org/hook"})
	_, err := ch.Send(t.Context(), delivertest.Message(t, delivertest.Letter{Channel: "webhook", Address: "palace"}))
	var f *deliver.Failure
	if !errors.As(err, &f) || f.Class != deliver.Permanent || !strings.Contains(f.Detail, `"palace"`) || tocsin.KindOf(err) != tocsin.Invalid {
		t.Errorf("%v", err)
	}
}

func TestACertificateThatIsNotTrustedGetsNothing(t *testing.T) {
	url, _ := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the words were sent") }), nil)
	if f := failure(t, channel(t, webhook.Endpoint{URL: url})); f.Class != deliver.Temporary || !strings.Contains(f.Detail, "certificate") {
		t.Errorf("%v", f)
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	good := webhook.Endpoint{URL: "https://example.org/hook", Secret: secret}
	for name, c := range map[string]struct {
		change func(*webhook.Endpoint)
		code   string
	}{
		"no URL":                        {func(e *webhook.Endpoint) { e.URL = "" }, "webhook_url"},
		"a URL that is a path":          {func(e *webhook.Endpoint) { e.URL = "/hook" }, "webhook_url"},
		"a URL with a password":         {func(e *webhook.Endpoint) { e.URL = "https://u:pass-word@example.org/" }, "webhook_url"},
		"a URL with a fragment":         {func(e *webhook.Endpoint) { e.URL = "https://example.org/#x" }, "webhook_url"},
		"a URL that cannot be read":     {func(e *webhook.Endpoint) { e.URL = "https://exa mple.org/\x00" }, "webhook_url"},
		"plain text to another machine": {func(e *webhook.Endpoint) { e.URL = "http://example.org/" }, "webhook_plain"},
		"plain text to a look-alike":    {func(e *webhook.Endpoint) { e.URL = "http://localhost.example.org/" }, "webhook_plain"},
		"another scheme":                {func(e *webhook.Endpoint) { e.URL = "ftp://127.0.0.1/" }, "webhook_plain"},
		"no secret":                     {func(e *webhook.Endpoint) { e.Secret = "" }, "webhook_secret"},
		"a secret without prefix":       {func(e *webhook.Endpoint) { e.Secret = strings.TrimPrefix(secret, "whsec_") }, "webhook_secret"},
		"a short secret":                {func(e *webhook.Endpoint) { e.Secret = whsec("too short") }, "webhook_secret"},
		"a long secret":                 {func(e *webhook.Endpoint) { e.Secret = whsec(strings.Repeat("x", 65)) }, "webhook_secret"},
		"a previous secret that is bad": {func(e *webhook.Endpoint) { e.PreviousSecrets = []string{"whsec_???"} }, "webhook_secret"},
	} {
		e := good
		c.change(&e)
		_, err := webhook.New(webhook.Config{Endpoints: map[string]webhook.Endpoint{"a": good, "ministry": e}})
		var te *tocsin.Error
		if !errors.As(err, &te) || te.Code != c.code || te.Do == "" || !strings.Contains(te.What, `"ministry"`) {
			t.Errorf("%s: %v, want code %s", name, err, c.code)
			continue
		}
		if strings.Contains(err.Error(), "pass-word") || e.Secret != "" && strings.Contains(err.Error(), e.Secret) {
			t.Errorf("%s: %v holds a secret", name, err)
		}
	}
}

func TestWhereAnEndpointMayLead(t *testing.T) {
	public := webhook.Endpoint{URL: "https://example.org/", Secret: secret}
	private := public
	private.AllowPrivate = true
	here := webhook.Endpoint{URL: "http://localhost/", Secret: secret}
	for _, c := range []struct {
		address               string
		public, private, here bool
	}{
		{"93.184.215.14:443", true, true, false},
		{"[2606:2800::1]:443", true, true, false},
		{"10.0.0.1:443", false, true, false},
		{"172.16.0.1:443", false, true, false},
		{"192.168.1.1:443", false, true, false},
		{"100.64.0.1:443", false, true, false},
		{"169.254.169.254:80", false, true, false},
		{"[fd00::1]:443", false, true, false},
		{"[fe80::1]:443", false, true, false},
		{"[::ffff:10.0.0.1]:443", false, true, false},
		{"0.0.0.0:443", false, true, false},
		{"127.0.0.1:443", false, true, true},
		{"[::1]:443", false, true, true},
		{"[::ffff:127.0.0.1]:443", false, true, true},
		{"nonsense", false, false, false},
	} {
		for e, want := range map[string]struct {
			e  webhook.Endpoint
			ok bool
		}{"a public": {public, c.public}, "a private": {private, c.private}, "a local": {here, c.here}} {
			if err := webhook.Permit(want.e, c.address); (err == nil) != want.ok {
				t.Errorf("%s endpoint to %s: %v", e, c.address, err)
			}
		}
	}
}

func TestANameThatLeadsInsideIsRefused(t *testing.T) {
	// localhost.localdomain-like names cannot be counted on; an address in the URL
	// goes through the same check.
	ch := channel(t, webhook.Endpoint{URL: "https://10.255.255.1/hook"})
	if f := failure(t, ch); f.Class != deliver.Permanent || !strings.Contains(f.Detail, "private") {
		t.Errorf("%v", f)
	}
}

func TestVerifyBelievesOnlyWhatWasSigned(t *testing.T) {
	body := []byte(`{"type":"contact.created"}`)
	head := func(id, ts, sig string) http.Header {
		h := http.Header{}
		h.Set("webhook-id", id)
		h.Set("webhook-timestamp", ts)
		h.Set("webhook-signature", sig)
		return h
	}
	ts := fmt.Sprint(now.Unix())
	good := byHand(secret, "msg_1", ts, body)
	for name, c := range map[string]struct {
		h    http.Header
		body []byte
		at   time.Time
		key  string
		code string
	}{
		"as sent":                       {head("msg_1", ts, good), body, now, secret, ""},
		"among other signatures":        {head("msg_1", ts, "v1a,AAAA v1,AAAA "+good), body, now, secret, ""},
		"at the edge of tolerance":      {head("msg_1", ts, good), body, now.Add(time.Minute).Truncate(time.Second), secret, ""},
		"too old":                       {head("msg_1", ts, good), body, now.Add(2 * time.Minute), secret, "webhook_timestamp"},
		"from the future":               {head("msg_1", ts, good), body, now.Add(-2 * time.Minute), secret, "webhook_timestamp"},
		"another body":                  {head("msg_1", ts, good), append(body, ' '), now, secret, "webhook_signature"},
		"another id":                    {head("msg_2", ts, good), body, now, secret, "webhook_signature"},
		"another time":                  {head("msg_1", fmt.Sprint(now.Unix()+1), good), body, now, secret, "webhook_signature"},
		"another secret":                {head("msg_1", ts, good), body, now, previous, "webhook_signature"},
		"another version":               {head("msg_1", ts, "v2"+good[2:]), body, now, secret, "webhook_signature"},
		"without its version":           {head("msg_1", ts, good[3:]), body, now, secret, "webhook_signature"},
		"no signature":                  {head("msg_1", ts, ""), body, now, secret, "webhook_signature"},
		"no id":                         {head("", ts, good), body, now, secret, "webhook_headers"},
		"no time":                       {head("msg_1", "", good), body, now, secret, "webhook_headers"},
		"a time that is written oddly":  {head("msg_1", "+"+ts, good), body, now, secret, "webhook_headers"},
		"a time with a full stop in it": {head("msg_1", ts+".0", good), body, now, secret, "webhook_headers"},
		"a secret that is none":         {head("msg_1", ts, good), body, now, "hunter2", "webhook_secret"},
		"no headers at all":             {http.Header{}, body, now, secret, "webhook_headers"},
	} {
		err := webhook.Verify(c.key, c.h, c.body, c.at, time.Minute)
		var e *tocsin.Error
		if code := ""; err != nil {
			if errors.As(err, &e) {
				code = e.Code
			}
			if code != c.code {
				t.Errorf("%s: %v, want code %q", name, err, c.code)
			}
		} else if c.code != "" {
			t.Errorf("%s was believed", name)
		}
	}
}

// byHand signs as the specification says, apart from the channel's code.
func byHand(secret, id, ts string, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		panic(err)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, ts, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func FuzzVerify(f *testing.F) {
	ts := fmt.Sprint(now.Unix())
	f.Add("msg_1", ts, byHand(secret, "msg_1", ts, []byte("{}")), []byte("{}"))
	f.Add("a.b", ts, byHand(secret, "a.b", ts, []byte("{}")), []byte("{}"))
	f.Add("msg_1", "0", "v1,", []byte("{}"))
	f.Add("", "-9223372036854775808", " ", []byte{})
	f.Fuzz(func(t *testing.T, id, ts, sig string, body []byte) {
		h := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {ts}, "Webhook-Signature": {sig}}
		err := webhook.Verify(secret, h, body, now, time.Minute)
		want := id != "" && ts == fmt.Sprint(parse(ts)) && now.Sub(time.Unix(parse(ts), 0)).Abs() <= time.Minute
		found := false
		for _, s := range strings.Fields(sig) {
			found = found || s == byHand(secret, id, ts, body)
		}
		if (err == nil) != (want && found) {
			t.Fatalf("Verify(%q, %q, %q, %q) = %v", id, ts, sig, body, err)
		}
	})
}

func parse(ts string) (n int64) {
	if _, err := fmt.Sscanf(ts, "%d", &n); err != nil {
		return -1 << 62
	}
	return n
}

func TestAnyWordsSurviveJSON(t *testing.T) {
	var got webhook.Payload
	ch := answering(t, webhook.Endpoint{}, func(_ http.ResponseWriter, q *http.Request) {
		got = webhook.Payload{}
		if err := json.NewDecoder(q.Body).Decode(&got); err != nil {
			t.Error(err)
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		text := tocsin.Text{Language: "en", Subject: rapid.String().Draw(rt, "subject"), Body: rapid.String().Draw(rt, "body")}
		m := delivertest.Message(t, delivertest.Letter{Channel: "webhook", Address: "ministry", Text: text})
		r, err := ch.Send(t.Context(), m)
		if err != nil || got.Words() != text || r.Body != m.Body() {
			rt.Fatalf("%+v, %v: got %+v, want %+v", r, err, got.Words(), text)
		}
	})
}

func TestWaitsThatReceiversAskFor(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"":                              0,
		"120":                           2 * time.Minute,
		" 5 ":                           5 * time.Second,
		"-5":                            0,
		"1.5":                           0,
		"99999999999":                   24 * time.Hour,
		"18446744073709551615":          24 * time.Hour,
		"18446744073709551616":          0,
		"Wed, 04 Mar 2026 06:10:00 GMT": 10*time.Minute - 123456789,
		"Wed, 04 Mar 2026 05:00:00 GMT": 0,
		"Wed, 04 Mar 2099 05:00:00 GMT": 24 * time.Hour,
		"soon":                          0,
	} {
		if got := webhook.RetryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"1", "-1", "1e9", "Wed, 04 Mar 2026 06:10:00 GMT", "18446744073709551615"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d := webhook.RetryAfter(s, now); d < 0 || d > 24*time.Hour {
			t.Fatalf("%q asks for %v", s, d)
		}
	})
}
