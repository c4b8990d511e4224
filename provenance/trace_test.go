package provenance_test

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin"
	"tocsin/provenance"
)

const (
	bakery = "A resident says that two men rent a flat above the bakery and asked when the procession passes the old gate on Friday morning"
	cousin = "His cousin heard him say at the wedding that nobody at the ceremony will live to see the evening and that the vests are ready"
	bridge = "Our patrol saw a white van without plates stop under the northern bridge three nights in a row and men carry boxes to the pillar"
)

var start = time.Date(2023, 12, 27, 9, 0, 0, 0, time.UTC)

// report makes a report that was known and entered n minutes after start.
func report(id string, n int, origin, text string) tocsin.Report {
	at := start.Add(time.Duration(n) * time.Minute)
	return tocsin.Report{ID: tocsin.ReportID(id), Origin: origin, Text: text, Occurred: at, Entered: at,
		Raw: tocsin.DigestOf([]byte(id + text)), Content: tocsin.DigestOf([]byte(strings.ToLower(strings.Join(strings.Fields(text), " "))))}
}

func keyed(r tocsin.Report, key string) tocsin.Report {
	r.SourceKey = key
	return r
}

// groups writes a picture's origins as "name: r1 r2", oldest first.
func groups(p provenance.Picture) []string {
	var out []string
	for _, o := range p.Origins {
		name := o.Name
		if !o.Known {
			name = "?"
		}
		line := name + ":"
		for _, r := range o.Reports {
			line += " " + string(r)
		}
		out = append(out, line)
	}
	return out
}

func TestReportsAreTakenBackToTheirOrigins(t *testing.T) {
	long := func(parts ...string) string { return strings.Join(parts, "\n\n") }
	for _, c := range []struct {
		name        string
		reports     []tocsin.Report
		groups      []string
		independent int
		cautions    []string // words that must be in them; "" for no caution at all
	}{
		{"nothing", nil, nil, 0, nil},
		{"one known source", []tocsin.Report{report("r1", 0, "O1", bakery)}, []string{"O1: r1"}, 1, nil},
		{"one unknown source", []tocsin.Report{report("r1", 0, "", bakery)}, []string{"?: r1"}, 1, []string{"origin of r1 is unknown"}},
		{"the crowd at the anniversary: partner repeats O1, O2 corroborates",
			[]tocsin.Report{report("r1", 0, "O1", bakery), report("r2", 5, "o1", "Partner: we hear of an attack"), report("r3", 9, "O2", cousin)},
			[]string{"O1: r1 r2", "O2: r3"}, 2, []string{"O1 (r1) and O2 (r3)", "corroboration by 2 origins"}},
		{"one account through five agencies that name no origin",
			[]tocsin.Report{report("r1", 0, "O1", bakery), report("r2", 1, "", "FW: "+bakery), report("r3", 2, "", "> "+strings.ToUpper(bakery)), report("r4", 3, "", bakery+" Regards, desk"), report("r5", 4, "", bakery)},
			[]string{"O1: r1 r2 r3 r4 r5"}, 1, []string{"repetition, not corroboration"}},
		{"circular reporting under two names", []tocsin.Report{report("r1", 0, "O1", bakery), report("r2", 5, "O2", "We have learned: "+bakery)},
			[]string{"O1: r1 r2"}, 1, []string{"O1 and O2 are declared as different origins", "circular reporting suspected"}},
		{"circular reporting, and something of its own", []tocsin.Report{report("r1", 0, "O1", bakery), report("r2", 5, "O2", bakery), report("r3", 6, "O2", cousin)},
			[]string{"O1: r1 r2 r3"}, 1, []string{"r3 (O2) shares no words with the others' reports"}},
		{"unknown origins raise nothing beside a known one", []tocsin.Report{report("r1", 0, "O1", bakery), report("r2", 1, "", cousin), report("r3", 2, "unknown", bridge), report("r4", 3, " Anonymous ", "x")},
			[]string{"O1: r1", "?: r2", "?: r3", "?: r4"}, 1, []string{"r2, r3 and r4 is unknown"}},
		{"two anonymous callers are not two origins", []tocsin.Report{report("r1", 0, "anonymous", bakery), report("r2", 1, "anonymous", cousin)},
			[]string{"?: r1", "?: r2"}, 1, nil},
		{"same words within short texts", []tocsin.Report{report("r1", 0, "O1", "Bomb at noon."), report("r2", 1, "O2", "bomb  at noon.")},
			[]string{"O1: r1 r2"}, 1, []string{"circular"}},
		{"short texts that differ", []tocsin.Report{report("r1", 0, "O1", "Bomb at noon at the gate."), report("r2", 1, "O2", "Bomb at noon at the gate!!! Run.")},
			[]string{"O1: r1", "O2: r2"}, 2, nil},
		{"same source key, corrected words", []tocsin.Report{keyed(report("r1", 0, "O1", bakery), "mid:<a>"), keyed(report("r2", 1, "", cousin), "mid:<a>")},
			[]string{"O1: r1 r2"}, 1, []string{"r2 (that of r1)", "correction"}},
		{"origin named only by the repetition", []tocsin.Report{report("r1", 0, "", bakery), report("r2", 1, "O1", bakery), report("r3", 2, "O2", cousin)},
			[]string{"O1: r1 r2", "O2: r3"}, 2, []string{"r1 came without an origin; r2, which repeats it, says O1"}},
		{"a situation report that compiles two origins joins neither", []tocsin.Report{report("r1", 0, "O1", bakery), report("r2", 1, "O2", cousin), report("r3", 2, "", long("Summary of the day.", bakery, cousin))},
			[]string{"O1: r1 r3", "O2: r2"}, 2, []string{"r3: words of several origins"}},
		{"a compilation with an origin of its own", []tocsin.Report{report("r1", 0, "O1", bakery), report("r2", 1, "O2", cousin), report("r3", 2, "Fusion cell", long(bakery, cousin)), report("r4", 3, "Fusion cell", bridge)},
			[]string{"O1: r1", "O2: r2", "Fusion cell: r3 r4"}, 3, []string{"r3: words"}},
		{"the compilation came first", []tocsin.Report{report("r1", 0, "", long(bakery, cousin)), report("r2", 1, "O2", cousin), report("r3", 2, "O1", bakery)},
			[]string{"O2: r1 r2", "O1: r3"}, 2, []string{"r1: words"}},
		{"two copies of a compilation", []tocsin.Report{report("r1", 0, "O1", bakery), report("r2", 1, "O2", cousin), report("r3", 2, "", long(bakery, cousin)), report("r4", 3, "", "Fw: "+long(bakery, cousin))},
			[]string{"O1: r1 r3 r4", "O2: r2"}, 2, []string{"r3 and r4: words"}},
		{"an excerpt of a longer report", []tocsin.Report{report("r1", 0, "O1", long(bakery, cousin, bridge)), report("r2", 1, "", cousin)},
			[]string{"O1: r1 r2"}, 1, nil},
		{"a shared passage, too little to join", []tocsin.Report{report("r1", 0, "O1", long(bakery, cousin[:80])), report("r2", 1, "O2", long(bridge, cousin[:80]))},
			[]string{"O1: r1", "O2: r2"}, 2, []string{"r1 and r2 share a passage (at least"}},
		{"attachments only", []tocsin.Report{report("r1", 0, "O1", ""), func() tocsin.Report { r := report("r2", 1, "O2", ""); r.Content = ""; return r }()},
			[]string{"O1: r1", "O2: r2"}, 2, nil},
		{"Chinese, which writes no spaces", []tocsin.Report{report("r1", 0, "O1", "两名男子在面包店楼上租了一套公寓并询问游行何时经过"), report("r2", 1, "", "转发：两名男子在面包店楼上租了一套公寓，并询问游行何时经过。")},
			[]string{"O1: r1 r2"}, 1, nil},
		{"Persian with and without joiners", []tocsin.Report{report("r1", 0, "O1", "دو مرد آپارتمانی بالای نانوایی اجاره کرده\u200cاند و پرسیده\u200cاند مراسم چه ساعتی از دروازه می\u200cگذرد"), report("r2", 1, "", "دو مرد آپارتمانی بالای نانوایی اجاره کردهاند و پرسیدهاند مراسم چه ساعتی از دروازه میگذرد، پایان")},
			[]string{"O1: r1 r2"}, 1, nil},
		{"the same report given twice", []tocsin.Report{report("r1", 0, "O1", bakery), report("r1", 0, "O1", bakery)}, []string{"O1: r1"}, 1, nil},
		{"one id, two reports", []tocsin.Report{report("r1", 0, "O1", bakery), report("r1", 1, "O2", cousin)}, []string{"O1: r1"}, 1, []string{"Two different reports have the id r1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := provenance.Trace(c.reports)
			if got := groups(p); !slices.Equal(got, c.groups) || p.Independent != c.independent {
				t.Errorf("origins %q, %d independent; want %q, %d\n%s", got, p.Independent, c.groups, c.independent, strings.Join(p.Cautions, "\n"))
			}
			all := strings.Join(p.Cautions, "\n")
			for _, w := range c.cautions {
				if !strings.Contains(all, w) {
					t.Errorf("no caution of %q in:\n%s", w, all)
				}
			}
		})
	}
}

func TestEachJoiningGivesItsReason(t *testing.T) {
	p := provenance.Trace([]tocsin.Report{
		keyed(report("r1", 0, "O1", bakery), "k"), keyed(report("r2", 1, "", cousin), "k"), report("r3", 2, "", bakery),
		report("r4", 3, "", "Passed on for what it is worth: "+bakery), report("r5", 4, "O1", bridge), report("r6", 5, "O2", "other"),
	})
	want := []provenance.Repeat{{"r2", "r1", "same source key"}, {"r3", "r1", "same content"}, {"r4", "r1", "shares at least 24 words"}, {"r5", "r1", "same origin"}}
	if !slices.Equal(p.Repeats, want) {
		t.Errorf("repeats %v\nwant %v", p.Repeats, want)
	}
	why := []string{"r2 repeats r1: same source key.", "r3 repeats r1: same content.", "r4 repeats r1: shares at least 24 words.", "r5 repeats r1: same origin."}
	if !slices.Equal(p.Origins[0].Why, why) || p.Origins[1].Why != nil {
		t.Errorf("why %q, %q", p.Origins[0].Why, p.Origins[1].Why)
	}
	if !p.Origins[0].First.Equal(start) || !p.Origins[1].First.Equal(start.Add(5*time.Minute)) {
		t.Errorf("first %v, %v", p.Origins[0].First, p.Origins[1].First)
	}
}

// What was known first counts as first, also where it reached us last.
func TestTheOldestReportIsTheOneKnownFirst(t *testing.T) {
	late := report("r9", 0, "O1", bakery)
	late.Entered = start.Add(48 * time.Hour)
	early := report("r1", 30, "o1", bakery)
	p := provenance.Trace([]tocsin.Report{early, late})
	if got := p.Origins[0]; got.Reports[0] != "r9" || got.Name != "O1" || !got.First.Equal(start) {
		t.Errorf("%+v", got)
	}
}

func TestCautionsStayReadableForManyReports(t *testing.T) {
	var many []tocsin.Report
	for i := range 60 {
		own := ""
		for w := range 40 {
			own += fmt.Sprintf(" w%d-%d", i, w)
		}
		many = append(many, report(fmt.Sprintf("r%02d", i), i, fmt.Sprintf("O%d", i), "This form must be signed by the officer in charge and kept for seven years in the safe of the station"+own))
	}
	p := provenance.Trace(many)
	if p.Independent != 60 {
		t.Errorf("a printed form made %d origins of 60", p.Independent)
	}
	if len(p.Cautions) > 25 {
		t.Errorf("%d cautions", len(p.Cautions))
	}
	for _, c := range p.Cautions {
		if len(c) > 1500 {
			t.Errorf("caution of %d bytes", len(c))
		}
	}
}

// drawn makes reports whose origins, keys and words often coincide.
func drawn(t *rapid.T) []tocsin.Report {
	n := rapid.IntRange(1, 9).Draw(t, "n")
	out := make([]tocsin.Report, 0, n)
	for i := range n {
		out = append(out, drawnReport(t, fmt.Sprintf("r%d", i)))
	}
	return out
}

func drawnReport(t *rapid.T, id string) tocsin.Report {
	passages := []string{bakery, cousin, bridge, bakery[:60], "And more words of the desk which sent it on", "short", cousin[40:]}
	text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(passages), 1, 4).Draw(t, id+" text"), " \n")
	r := report(id, rapid.IntRange(0, 5).Draw(t, id+" minute"), rapid.SampledFrom([]string{"", "O1", "o1 ", "O2", "O3", "unknown"}).Draw(t, id+" origin"), text)
	return keyed(r, rapid.SampledFrom([]string{"", "", "", "", "k1", "k2"}).Draw(t, id+" key"))
}

func TestOrderOfReportsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reports := drawn(t)
		want := provenance.Trace(reports)
		if got := provenance.Trace(rapid.Permutation(reports).Draw(t, "order")); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v\nwant %+v", got, want)
		}
	})
}

// Invariant 11: a report that repeats one that is there raises nothing, however
// it is wrapped and whoever passes it on.
func TestARepeatNeverRaisesCorroboration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reports := drawn(t)
		before := provenance.Trace(reports)
		of := rapid.SampledFrom(reports).Draw(t, "repeated")
		text := rapid.SampledFrom([]string{"%s", "> %s", "  %s\n", "%s ."}).Draw(t, "wrapping")
		r := report("z", rapid.IntRange(-3, 9).Draw(t, "minute"), rapid.SampledFrom([]string{"", of.Origin, "Anonymous"}).Draw(t, "origin"), fmt.Sprintf(text, of.Text))
		if rapid.Bool().Draw(t, "same content") {
			r.Content = of.Content
		}
		r.Conveyor = "somebody else"
		after := provenance.Trace(append(slices.Clone(reports), r))
		if after.Independent > before.Independent {
			t.Fatalf("%d became %d\n%q\n%q\n%q", before.Independent, after.Independent, groups(before), groups(after), after.Cautions)
		}
	})
}

func TestEveryReportHasExactlyOneOrigin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reports := drawn(t)
		p := provenance.Trace(reports)
		seen := map[tocsin.ReportID]bool{}
		known := 0
		for _, o := range p.Origins {
			if o.Known {
				known++
			}
			if o.Known != (o.Name != "") || len(o.Reports) == 0 {
				t.Fatalf("%+v", o)
			}
			for _, r := range o.Reports {
				if seen[r] {
					t.Fatalf("%s twice", r)
				}
				seen[r] = true
			}
		}
		declared := map[string]bool{}
		for _, r := range reports {
			if o := strings.ToLower(strings.TrimSpace(r.Origin)); o != "" && o != "unknown" {
				declared[o] = true
			}
		}
		if len(seen) != len(reports) || p.Independent != max(known, 1) || known > len(declared) {
			t.Fatalf("%d of %d reports, %d independent, %d known, %d declared", len(seen), len(reports), p.Independent, known, len(declared))
		}
	})
}

// Texts that share nothing and origins that differ are always counted apart:
// the error that missed an independent second source.
func TestRealCorroborationIsNeverLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "n")
		var reports []tocsin.Report
		for i := range n {
			own := ""
			for w := range rapid.IntRange(1, 40).Draw(t, "words") {
				own += fmt.Sprintf("w%d-%d ", i, w)
			}
			reports = append(reports, report(fmt.Sprintf("r%d", i), i, fmt.Sprintf("O%d", i), own))
		}
		if p := provenance.Trace(reports); p.Independent != n || len(p.Repeats) != 0 {
			t.Fatalf("%d of %d: %+v", p.Independent, n, p.Repeats)
		}
	})
}

// FuzzTrace takes lines as texts with their origins before a tab: no panic, the
// same answer for the reverse order, and a copy of everything raises nothing.
func FuzzTrace(f *testing.F) {
	f.Add("O1\t" + bakery + "\nO2\t" + cousin + "\n\t" + bakery + " " + cousin)
	f.Add("\t\nO\t\n\t\xff\xfe\n")
	f.Fuzz(func(t *testing.T, s string) {
		var reports []tocsin.Report
		for i, l := range strings.Split(s, "\n") {
			origin, text, _ := strings.Cut(l, "\t")
			if i < 12 {
				reports = append(reports, report(fmt.Sprintf("r%d", i), i%3, origin, text))
			}
		}
		want := provenance.Trace(reports)
		back := slices.Clone(reports)
		slices.Reverse(back)
		if got := provenance.Trace(back); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v\nwant %+v", got, want)
		}
		for i, r := range reports {
			back[i] = r
			back[i].ID += "x"
		}
		if got := provenance.Trace(append(back, reports...)); got.Independent != want.Independent {
			t.Fatalf("copies made %d of %d", got.Independent, want.Independent)
		}
	})
}

// BenchmarkTrace gives the time for 500 reports, of which most repeat one of
// fifty, as a multiple of hashing their texts once.
func BenchmarkTrace(b *testing.B) {
	var reports []tocsin.Report
	for i := range 500 {
		var text strings.Builder
		for w := range 200 {
			fmt.Fprintf(&text, "w%d-%d ", i%50, w)
		}
		fmt.Fprintf(&text, "copy %d", i)
		reports = append(reports, report(fmt.Sprintf("r%d", i), i, fmt.Sprintf("O%d", i%50), text.String()))
	}
	begin := time.Now()
	for range b.N {
		for _, r := range reports {
			sha256.Sum256([]byte(r.Text))
		}
	}
	limit := time.Since(begin)
	b.ResetTimer()
	for range b.N {
		if p := provenance.Trace(reports); p.Independent != 50 {
			b.Fatal(p.Independent)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(limit), "x-sha256")
}
