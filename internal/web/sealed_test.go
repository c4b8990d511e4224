package web_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"tocsin"
	"tocsin/casefile"
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
	for _, path := range []string{"/v1/cases?state=all", "/v1/reports", "/v1/deliveries", "/v1/oversight/exceptions"} {
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
