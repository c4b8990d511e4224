package web_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/web"
	"tocsin/ledger/memory"
	"tocsin/view"
)

// To somebody who does not know of it a sealed case is no case: every operation
// answers about it, its report and its delivery as about ones that never were
// (design section 4, invariant 12).
func TestASealedCaseAnswersAsOneThatNeverWas(t *testing.T) {
	h, names := furnished(t)
	id := tocsin.CaseID(names["/v1/cases/{id}"])
	h.command("dora", id, "seal-case", casefile.SealCase{People: []tocsin.ActorID{"dora", "dele"}, Reason: "the source is one of ours"})
	never := maps.Clone(names)
	never["/v1/cases/{id}"], never["/v1/reports/{id}"], never["/v1/deliveries/{key}"] = "case-never", "report-never", strings.Repeat("0", 32)
	compared := 0
	for _, op := range described(t, h).operations() {
		if !strings.Contains(op.path, "{") || op.tag == "users" || op.tag == "packs" || op.tag == "directory" {
			continue
		}
		for _, who := range []string{"anna", "rolf", "rita", "lena"} {
			var body any
			if op.method != "GET" {
				body = map[string]any{}
			}
			real, fake := h.send(who, op.method, fill(op.path, names), body), h.send(who, op.method, fill(op.path, never), body)
			if real.status != fake.status || string(real.body) != string(fake.body) {
				t.Errorf("%s by %s: about the sealed case %d %s, about none %d %s", op.id, who, real.status, real.body, fake.status, fake.body)
			}
			for name := range real.header {
				if real.header.Get(name) != fake.header.Get(name) && name != "Date" {
					t.Errorf("%s by %s: the header %s tells them apart: %q, %q", op.id, who, name, real.header.Get(name), fake.header.Get(name))
				}
			}
			compared++
		}
	}
	if compared < 150 {
		t.Fatalf("only %d answers were compared", compared)
	}
	h.caseView("dora", id, "")
	for _, path := range []string{"/v1/cases?state=all", "/v1/reports", "/v1/deliveries", "/v1/oversight/exceptions", "/v1/oversight/sealed-reads"} {
		got := h.send("anna", "GET", path, nil).want(http.StatusOK)
		for _, secret := range []string{string(id), names["/v1/reports/{id}"], names["/v1/deliveries/{key}"]} {
			if strings.Contains(string(got.body), `"`+secret+`"`) {
				t.Errorf("%s shows %s", path, secret)
			}
		}
		if known := h.send("dora", "GET", path, nil).want(http.StatusOK); string(known.body) == string(got.body) && path != "/v1/oversight/exceptions" {
			t.Errorf("%s is the same for somebody who knows: the test shows nothing", path)
		}
	}
}

func TestTheEventStreamDoesNotTellOfASealedCase(t *testing.T) {
	h, names := furnished(t)
	id := tocsin.CaseID(names["/v1/cases/{id}"])
	h.command("dora", id, "seal-case", casefile.SealCase{People: []tocsin.ActorID{"dora"}, Reason: "the source is one of ours"})
	outside, inside := h.follow("anna", "?from=0"), h.follow("dora", "?from=0")
	h.command("dora", id, "review", casefile.Review{Note: "nothing new"})
	h.report("ines", "Something else altogether.") // the last event, which both see
	last := h.size() - 1
	for name, s := range map[string]*stream{"outside": outside, "inside": inside} {
		seen := 0
		for {
			e, err := s.next()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if strings.HasSuffix(e.data.Stream, "/"+string(id)) || e.data.Stream == "report/"+names["/v1/reports/{id}"] {
				seen++
			}
			if int64(e.id) == last {
				break
			}
		}
		if (name == "outside") != (seen == 0) {
			t.Errorf("%s sees %d events of the sealed case", name, seen)
		}
	}
}

// Whoever may read a sealed case is recorded, whatever of it they ask for; nobody
// else learns of it, in a list, in the stream, or from how much there is.
func TestWhoReadsASealedCaseIsRecordedForItsOwnerAndNobodyElseIsTold(t *testing.T) {
	h, names := furnished(t)
	id := tocsin.CaseID(names["/v1/cases/{id}"])
	h.command("dora", id, "seal-case", casefile.SealCase{People: []tocsin.ActorID{"dora", "anna", "dele"}, Reason: "the source is one of ours"})
	outside, inside, owner := h.follow("rita", ""), h.follow("anna", ""), h.follow("dora", "")
	at := "/v1/cases/" + string(id)
	for range 2 {
		for _, path := range []string{at, at + "/events", at + "/warnings/w1/versions", at + "/warnings/w1/guard", "/v1/reports/report-1", "/v1/reports/report-1/raw"} {
			h.send("anna", "GET", path, nil).want(http.StatusOK)
		}
		h.send("dele", "GET", "/v1/deliveries/"+names["/v1/deliveries/{key}"], nil).want(http.StatusOK)
		h.send("dele", "GET", "/v1/deliveries", nil).want(http.StatusOK)
		h.send("ivan", "GET", at, nil).want(http.StatusOK)
		h.send("rita", "GET", at, nil).want(http.StatusNotFound)
	}
	type item struct {
		Case  tocsin.CaseID
		Reads []view.Read
	}
	reads := func(who string) string {
		var out []string
		for _, i := range into[web.Page[item]](h.send(who, "GET", "/v1/oversight/sealed-reads", nil).want(http.StatusOK)).Items {
			for _, r := range i.Reads {
				out = append(out, string(r.By)+" "+r.What)
			}
		}
		return strings.Join(out, ", ")
	}
	const want = "anna case, anna timeline, anna words, anna report, dele delivery, ivan case"
	for _, who := range []string{"dora", "ivan"} {
		if got := reads(who); got != want {
			t.Errorf("%s is told of %q, want %q", who, got, want)
		}
	}
	for _, who := range []string{"anna", "rita", "sven"} {
		if got := reads(who); got != "" {
			t.Errorf("%s is told of %q", who, got)
		}
	}
	h.report("ines", "Something else altogether.") // the last event, which all see
	last := h.size() - 1
	for name, s := range map[string]struct {
		*stream
		want int
	}{"outside": {outside, 0}, "inside": {inside, 0}, "owner": {owner, 6}} {
		seen := 0
		for {
			e, err := s.next()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if strings.HasPrefix(e.data.Stream, "read/") {
				seen++
			}
			if int64(e.id) == last {
				break
			}
		}
		if seen != s.want {
			t.Errorf("the stream tells %s of %d reads, want %d", name, seen, s.want)
		}
	}
}

func TestNothingOfASealedCaseIsShownWhoseReadingCannotBeRecorded(t *testing.T) {
	store := memory.Open()
	h := open(t, setup{store: store})
	id := h.released()
	report, key := "/v1/reports/report-1", "/v1/deliveries/"+string(h.waiting("dele")[0].Key)
	store.FailAppend(func(int) memory.Fault { return memory.NotWritten })
	at := "/v1/cases/" + string(id)
	paths := []string{at, at + "/events", at + "/warnings/w1/versions", at + "/warnings/w1/guard", report, report + "/raw", key, "/v1/deliveries"}
	for _, path := range paths {
		h.send("dora", "GET", path, nil).want(http.StatusOK) // it is not sealed
	}
	store.FailAppend(nil)
	h.command("dora", id, "seal-case", casefile.SealCase{People: []tocsin.ActorID{"dora"}, Reason: "the source is one of ours"})
	store.FailAppend(func(int) memory.Fault { return memory.NotWritten })
	for _, path := range paths {
		if r := h.send("dora", "GET", path, nil); r.wantProblem(http.StatusServiceUnavailable, "read_not_recorded").Do == "" || strings.Contains(string(r.body), "CANARY") {
			t.Errorf("%s: %s", path, r.body)
		}
		if p := h.send("rita", "GET", path, nil); p.status == http.StatusServiceUnavailable {
			t.Errorf("%s tells somebody who does not know of the case: %s", path, p.body)
		}
	}
}
