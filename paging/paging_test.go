package paging_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/deliver"
	"tocsin/paging"
)

var plan = paging.Plan{Origin: "https://tocsin.example.org", Unread: 10 * time.Minute, Next: 5 * time.Minute, Ladders: map[paging.Ladder][]paging.Rung{
	paging.Supervisor: {{Channel: "smtp", Address: "a@b.example"}}, paging.Duty: {{Channel: "smtp", Address: "c@b.example"}}, paging.Senior: {{Channel: "smtp", Address: "d@b.example"}}}}

func has(channel string) bool { return channel == "smtp" }

func TestAPlanThatWouldCallNobodyIsRefused(t *testing.T) {
	if err := plan.Check(has); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*paging.Plan){
		"no console":                func(p *paging.Plan) { p.Origin = "" },
		"a console with a path":     func(p *paging.Plan) { p.Origin = "https://example.org/case-1" },
		"a console with a password": func(p *paging.Plan) { p.Origin = "https://a:b@example.org" },
		"no clock":                  func(p *paging.Plan) { p.Unread = 0 },
		"no next":                   func(p *paging.Plan) { p.Next = 0 },
		"nobody senior":             func(p *paging.Plan) { delete(p.Ladders, paging.Senior) },
		"a channel that is not":     func(p *paging.Plan) { p.Ladders[paging.Duty] = []paging.Rung{{Channel: "pigeon", Address: "x"}} },
		"no address":                func(p *paging.Plan) { p.Ladders[paging.Duty] = []paging.Rung{{Channel: "smtp"}} },
	} {
		p := plan
		p.Ladders = map[paging.Ladder][]paging.Rung{}
		for k, v := range plan.Ladders {
			p.Ladders[k] = v
		}
		change(&p)
		var told *tocsin.Error
		if err := p.Check(has); !errors.As(err, &told) || told.Do == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What may leave without the guard may not be able to say anything: a notice has no
// place for words.
func TestANoticeHasNoPlaceForWordsOfACase(t *testing.T) {
	n := reflect.TypeFor[paging.Notice]()
	for i := range n.NumField() {
		if f := n.Field(i); f.IsExported() {
			t.Errorf("%s can be set from outside", f.Name)
		}
	}
	words := rapid.StringMatching(`[A-Z][a-z]{2,10} [A-Z][a-z]{2,10}`)
	rapid.Check(t, func(rt *rapid.T) {
		secret := words.Draw(rt, "words")
		p := paging.Page{ID: "page-1", Opened: paging.Opened{Cause: rapid.SampledFrom([]paging.Cause{paging.Unread, paging.Raised, paging.Cause(secret)}).Draw(rt, "cause"),
			Report: tocsin.ReportID(secret), Case: tocsin.CaseID(secret), To: rapid.SampledFrom(append(paging.Ladders(), paging.Ladder(secret))).Draw(rt, "to")}}
		s := paging.Send{Key: "k", Rung: paging.Rung{Name: secret, Address: secret}, Origin: rapid.SampledFrom([]string{"https://tocsin.example.org", "https://x/" + secret, secret}).Draw(rt, "origin"), Detail: secret, Waited: rapid.IntRange(-5, 1e6).Draw(rt, "waited")}
		notice, err := p.Notice(s)
		if text := notice.Text(); err == nil && (strings.Contains(text.Subject+text.Body, secret) || strings.Contains(notice.Link(), secret)) {
			rt.Fatalf("it says %+v", text)
		}
	})
	if (paging.Notice{}).Valid() {
		t.Error("a notice that nobody made is one")
	}
}

type fixed struct {
	r   tocsin.Receipt
	err error
}

func (f fixed) Name() string { return "smtp" }
func (f fixed) Page(context.Context, paging.Rung, paging.Notice) (tocsin.Receipt, error) {
	return f.r, f.err
}

func TestASetSaysWhatCannotBeSentAndBelievesNoStateThatIsNone(t *testing.T) {
	p := paging.Page{ID: "page-1", Opened: paging.Opened{Cause: paging.Unread, To: paging.Supervisor}}
	s, _ := p.Next(plan, time.Unix(0, 0))
	n, err := p.Notice(s)
	if err != nil {
		t.Fatal(err)
	}
	to := paging.Rung{Channel: "smtp", Address: "a@b.example"}
	for name, c := range map[string]struct {
		set   paging.Set
		n     paging.Notice
		class deliver.Class
	}{
		"no such channel":       {paging.Set{}, n, deliver.Permanent},
		"no notice":             {paging.Set{"smtp": fixed{}}, paging.Notice{}, deliver.Permanent},
		"a state of its own":    {paging.Set{"smtp": fixed{r: tocsin.Receipt{State: "read"}}}, n, deliver.Uncertain},
		"an unclassified error": {paging.Set{"smtp": fixed{err: errors.New("?")}}, n, deliver.Uncertain},
	} {
		var f *deliver.Failure
		if _, err := c.set.Page(t.Context(), to, c.n); !errors.As(err, &f) || f.Class != c.class {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r, err := (paging.Set{"smtp": fixed{r: tocsin.Receipt{State: "sent"}}}).Page(t.Context(), to, n); err != nil || r.State != "sent" {
		t.Errorf("%+v %v", r, err)
	}
}
