package release

import (
	"cmp"
	"fmt"
	"slices"

	"tocsin"
)

// Trace and Exposure show a release officer where each sentence comes from and who
// could have told each fact. Words are compared as in copies.go; a sentence counts
// as supported by a part that shares at least a third of its telling words, or one
// of its figures.
//
// Limits: support means shared words, not that the part says the same; a denial
// supports as well as an assertion. A person must read both.

// Support is one part of the case behind a sentence.
type Support struct {
	Report     tocsin.ReportID `json:"report,omitempty"`  // empty is the case itself
	Portion    int             `json:"portion,omitempty"` // from 1; 0 is a tearline, or no portion
	Kind       string          `json:"kind"`              // "portion", "tearline" or "case"
	Restricted bool            `json:"restricted"`
	Share      float64         `json:"share"` // of the sentence's words, 0 to 1
}

// Traced is one sentence with what supports it.
type Traced struct {
	Start      int       `json:"start"` // bytes of the text
	End        int       `json:"end"`
	Factual    bool      `json:"factual"`              // it states something about this case, rather than advice
	Supports   []Support `json:"supports,omitempty"`   // that the audience may have
	Restricted []Support `json:"restricted,omitempty"` // that it may not

	telling int  // words that only restricted parts hold
	advice  bool // it tells the reader what to do
}

// leans reports whether a sentence may stand on nothing but what may not be said.
func (t Traced) leans() bool {
	return t.OnlyRestricted() && t.Factual && t.Restricted[0].Share >= 0.5
}

// rests reports whether it plainly does: in three telling words, and not as advice. Two
// are asked about: honest sentences of daily life share as many.
func (t Traced) rests() bool { return t.leans() && t.telling >= 3 && !t.advice }

// OnlyRestricted reports whether nothing but restricted parts supports the sentence.
func (t Traced) OnlyRestricted() bool { return len(t.Supports) == 0 && len(t.Restricted) > 0 }

// Exposure is one fact of a text with everybody behind it: the answer to "if the
// threat actor reads this, how many people could have been the source?"
type Exposure struct {
	Start      int               `json:"start"`
	End        int               `json:"end"`
	Kind       string            `json:"kind"`
	Origins    []string          `json:"origins,omitempty"` // distinct; for those entitled to know
	Unknown    int               `json:"unknown,omitempty"` // reports of unknown origin that hold it
	Reports    []tocsin.ReportID `json:"reports,omitempty"`
	Portions   int               `json:"portions"`
	Releasable bool              `json:"releasable"` // something that may be said states it
}

func (e *examiner) trace() []Traced {
	var out []Traced
	sc := newScore(e.p)
	for _, s := range e.d.sents {
		out = append(out, e.traceSentence(sc, s))
	}
	return out
}

func (e *examiner) traceSentence(sc *score, s sentence) Traced {
	defer sc.clear()
	t := Traced{Start: s.at, End: s.end, telling: e.rareShare(s), advice: s.first < s.last && e.advice(s.at)}
	total := 0.0
	for i := s.first; i < s.last; i++ {
		tok := e.d.toks[i]
		if stopWords[tok.word] {
			continue
		}
		w := 1.0
		if tok.plain() {
			w = 0.35
		} else {
			t.Factual = true
		}
		total += w
		for _, p := range e.p.stems[tok.stem] {
			if sc.shared[p] == 0 {
				sc.touched = append(sc.touched, p)
			}
			sc.weight[p] += w
			sc.shared[p]++
		}
	}
	for _, v := range e.vals {
		if v.at >= s.at && v.end <= s.end && v.kind != aPhone {
			t.Factual = true
			for _, k := range v.keys {
				for _, p := range e.p.holders(v, k) {
					if sc.shared[p] == 0 {
						sc.touched = append(sc.touched, p)
					}
					sc.weight[p] += 1
					sc.shared[p]++
				}
			}
		}
	}
	if total == 0 {
		return t
	}
	for _, p := range sc.touched {
		share := min(1, sc.weight[p]/total)
		if share < 0.3 && sc.shared[p] < 3 || e.p.parts[p].kind == theSource {
			continue
		}
		e.support(&t, p, share)
	}
	order := func(a, b Support) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Report, b.Report), cmp.Compare(a.Portion, b.Portion), cmp.Compare(a.Kind, b.Kind))
	}
	slices.SortFunc(t.Supports, order)
	slices.SortFunc(t.Restricted, order)
	t.Supports, t.Restricted = t.Supports[:min(8, len(t.Supports))], t.Restricted[:min(8, len(t.Restricted))]
	return t
}

func (e *examiner) support(t *Traced, p int32, share float64) {
	part := e.p.parts[p]
	s := Support{Portion: part.number, Kind: part.kind, Restricted: part.restricted, Share: share}
	if part.source >= 0 {
		s.Report = e.p.q.Contributing[part.source].Report
	}
	if part.restricted {
		t.Restricted = append(t.Restricted, s)
	} else {
		t.Supports = append(t.Supports, s)
	}
}

// unsupported asks about factual sentences that nothing releasable carries.
func (e *examiner) unsupported(trace []Traced) {
	if e.p.q.Setting == nil {
		return
	}
	for _, t := range trace {
		switch {
		case t.rests():
			e.find(tocsin.GuardBlock, "support", "support/restricted", t.Start, t.End, fmt.Sprintf("Nothing that may be said supports this sentence; report %s does.", t.Restricted[0].Report), "What only restricted portions say is what they were restricted for.", "Ask for the portion to be released, or leave the sentence out.")
		case t.leans() && t.telling >= 2 && !t.advice:
			e.find(tocsin.GuardAsk, "support", "support/leaning", t.Start, t.End, fmt.Sprintf("Nothing that may be said supports this sentence; report %s seems to.", t.Restricted[0].Report), "What only restricted portions say is what they were restricted for.", "Ask for the portion to be released, say which releasable part the sentence rests on, or leave it out.")
		case t.OnlyRestricted() && t.Factual && t.telling >= 1:
			e.find(tocsin.GuardAsk, "support", "support/restricted", t.Start, t.End, fmt.Sprintf("Nothing that may be said supports this sentence; report %s does.", t.Restricted[0].Report), "What only restricted portions say is what they were restricted for.", "Ask for the portion to be released, or leave the sentence out.")
		case len(t.Supports) == 0 && len(t.Restricted) == 0 && t.Factual && e.harmful(t.Start):
			e.find(tocsin.GuardNote, "support", "support/none", t.Start, t.End, "Nothing in the case supports this sentence.", "A warning is believed for what it rests on.", "Check where it comes from.")
		}
	}
}

// rareShare counts the telling words of a sentence that the case holds and that may
// not be said.
func (e *examiner) rareShare(s sentence) int {
	n := 0
	for i := s.first; i < s.last; i++ {
		t := e.d.toks[i]
		if e.p.weight(t) >= 0.8 && len(e.p.stems[t.stem]) > 0 && !e.everyday(t) && !publicNames[t.word] {
			n++
		}
	}
	return n
}

// exposure lists the figures and names of the text that the case holds.
func (e *examiner) exposure() []Exposure {
	var out []Exposure
	add := func(kind string, at, end int, parts []int32) {
		x := Exposure{Start: at, End: end, Kind: kind}
		for _, p := range parts {
			e.exposed(&x, e.p.parts[p])
		}
		if x.Portions > 0 || x.Releasable {
			slices.Sort(x.Origins)
			slices.Sort(x.Reports)
			x.Origins, x.Reports = slices.Compact(x.Origins), slices.Compact(x.Reports)
			out = append(out, x)
		}
	}
	for _, v := range e.vals {
		var parts []int32
		for _, k := range v.keys {
			parts = append(parts, e.p.holders(v, k)...)
		}
		slices.Sort(parts)
		add(v.kind, v.at, v.end, slices.Compact(parts))
	}
	for _, t := range e.d.toks {
		if !t.plain() && !t.is(numeral) && len(t.word) >= 3 {
			add("word", int(t.at), int(t.end), e.p.stems[t.stem])
		}
	}
	slices.SortStableFunc(out, func(a, b Exposure) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

func (e *examiner) exposed(x *Exposure, p part) {
	x.Releasable = x.Releasable || !p.restricted
	if p.source < 0 || p.kind == theSource {
		return
	}
	s := e.p.q.Contributing[p.source]
	x.Portions++
	x.Reports = append(x.Reports, s.Report)
	if s.Origin == "" {
		x.Unknown++
	} else {
		x.Origins = append(x.Origins, s.Origin)
	}
}
