package provenance

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin"
)

// Origin is one source that really knew, with everything that goes back to it.
type Origin struct {
	Name    string            `json:"name,omitempty"` // as the oldest report that names it writes it; "" if unknown
	Known   bool              `json:"known"`
	Reports []tocsin.ReportID `json:"reports"`       // oldest first
	First   time.Time         `json:"first"`         // when anybody first knew of it, by its oldest report
	Why     []string          `json:"why,omitempty"` // one line for each joining
}

// Repeat says that one report adds no knowledge to an older one.
type Repeat struct {
	Report tocsin.ReportID `json:"report"`
	Of     tocsin.ReportID `json:"of"`
	Reason string          `json:"reason"` // "same source key", "same content", "same origin", "shares at least N words"
}

// Picture is what a set of reports comes down to.
type Picture struct {
	Origins     []Origin `json:"origins"`     // oldest first
	Independent int      `json:"independent"` // different known origins; 1 if there are reports but no known origin
	Repeats     []Repeat `json:"repeats,omitempty"`
	Cautions    []string `json:"cautions,omitempty"` // for a person to look at
}

// Trace joins reports that go back to one origin: the same declared origin, the
// same content, the same source key, or a large share of the same words even
// where different origins are declared. A report of unknown origin that shares
// nothing stands alone and raises nothing.
//
// A compilation, which quotes reports of several origins, is a repeat of each
// and joins none of them to another.
func Trace(reports []tocsin.Report) Picture {
	t := newTracing(reports)
	t.joinKeys("same source key", func(r tocsin.Report) string { return r.SourceKey })
	t.joinKeys("same content", func(r tocsin.Report) string { return string(r.Content) })
	pairs := overlaps(t.reports)
	t.joinTexts(pairs)
	t.joinRest()
	return t.picture(pairs)
}

// tracing is the work of one Trace. Reports are known by their index in order
// of age, so that nothing depends on the order in which they were given.
type tracing struct {
	reports []tocsin.Report
	origin  []string // normalised declared origin; "" is unknown
	group   sets
	byWords sets // the same without joinings for the declared origin alone

	quotes      []pair       // a shorter report that is for the most part in a longer one
	compilation map[int]bool // reports that quote several origins
	repeats     []Repeat
	cautions    []string
}

func newTracing(reports []tocsin.Report) *tracing {
	t := &tracing{compilation: map[int]bool{}}
	sorted := slices.Clone(reports)
	slices.SortFunc(sorted, older)
	seen := map[tocsin.ReportID]tocsin.Digest{}
	for _, r := range sorted {
		switch raw, twice := seen[r.ID]; {
		case !twice:
			seen[r.ID] = r.Raw
			t.reports = append(t.reports, r)
			t.origin = append(t.origin, normalOrigin(r.Origin))
		case raw != r.Raw:
			t.caution("Two different reports have the id %s; the older one is used.", r.ID)
		}
	}
	t.group, t.byWords = newSets(len(t.reports)), newSets(len(t.reports))
	return t
}

// older orders by first knowledge, then entry; the rest only breaks ties.
func older(a, b tocsin.Report) int {
	return cmp.Or(a.FirstKnown().Compare(b.FirstKnown()), a.Entered.Compare(b.Entered), cmp.Compare(a.ID, b.ID),
		cmp.Compare(a.Raw, b.Raw), cmp.Compare(a.Content, b.Content), cmp.Compare(a.Text, b.Text))
}

func (t *tracing) caution(format string, args ...any) {
	t.cautions = append(t.cautions, fmt.Sprintf(format, args...))
}

func (t *tracing) id(i int) tocsin.ReportID { return t.reports[i].ID }

// join records that two reports go back to one origin by what they are, not by
// what they declare. The older one is what the other repeats.
func (t *tracing) join(a, b int, reason string) {
	t.byWords.union(a, b)
	if t.group.union(a, b) {
		t.repeat(a, b, reason)
	}
}

func (t *tracing) repeat(a, b int, reason string) {
	t.repeats = append(t.repeats, Repeat{Report: t.id(max(a, b)), Of: t.id(min(a, b)), Reason: reason})
}

// joinKeys joins reports with the same key; an empty key says nothing.
func (t *tracing) joinKeys(reason string, key func(tocsin.Report) string) {
	first := map[string]int{}
	var changed []string
	for i, r := range t.reports {
		k := key(r)
		if k == "" {
			continue
		}
		j, seen := first[k]
		if !seen {
			first[k] = i
			continue
		}
		t.join(i, j, reason)
		if r.Content != t.reports[j].Content {
			changed = append(changed, fmt.Sprintf("%s (that of %s)", r.ID, t.id(j)))
		}
	}
	if len(changed) > 0 {
		t.caution("An older report's source key comes with other words: %s. It is a correction, or the key is not unique or was forged.", enumerate(changed))
	}
}

// joinTexts joins reports of which each is for the most part in the other, and
// keeps aside those where only one is.
func (t *tracing) joinTexts(pairs []pair) {
	for _, p := range pairs {
		switch {
		case p.same():
			t.join(p.a, p.b, p.reason())
		case p.quoted():
			t.quotes = append(t.quotes, p)
		}
	}
}

// joinRest joins reports that declare the same known origin, and reports to the
// shorter ones that they quote, except compilations: those that quote two or
// more groups of known origin to which they do not belong themselves. As joining
// one may show that what another quotes is one group after all, it goes on until
// nothing changes; what then is left are the compilations.
func (t *tracing) joinRest() {
	copies := slices.Clone(t.group) // a report with its copies, all of which quote the same
	quotes := map[int][]pair{}
	for _, q := range t.quotes {
		if c := copies.find(q.long()); c != copies.find(q.short()) {
			quotes[c] = append(quotes[c], q)
		}
	}
	first := map[string]int{} // origin -> the first report joined for it
	for i := range t.reports {
		if _, waits := quotes[copies.find(i)]; !waits {
			t.joinOrigin(first, i)
		}
	}
	waiting := slices.Sorted(maps.Keys(quotes))
	for {
		names := t.names(t.group)
		join := map[int]bool{}
		for _, c := range waiting {
			join[c] = t.quotesOneGroup(c, quotes[c], names)
		}
		left := slices.DeleteFunc(slices.Clone(waiting), func(c int) bool { return join[c] })
		if len(left) == len(waiting) {
			break
		}
		for i := range t.reports {
			c := copies.find(i)
			if !join[c] {
				continue
			}
			if c == i {
				for _, q := range quotes[c] {
					t.join(q.long(), q.short(), q.reason())
				}
			}
			t.joinOrigin(first, i)
		}
		waiting = left
	}
	t.placeCompilations(copies, quotes, waiting, first)
}

// joinOrigin joins report i to the others of its declared origin.
func (t *tracing) joinOrigin(first map[string]int, i int) {
	o := t.origin[i]
	if o == "" {
		return
	}
	if j, seen := first[o]; !seen {
		first[o] = i
	} else if t.group.union(i, j) {
		t.repeat(i, j, "same origin")
	}
}

// quotesOneGroup reports whether what c quotes comes from at most one group of
// known origin besides c's own.
func (t *tracing) quotesOneGroup(c int, quotes []pair, names map[int][]string) bool {
	own := names[t.group.find(c)]
	foreign := map[int]bool{}
	for _, q := range quotes {
		g := t.group.find(q.short())
		isOwn := slices.ContainsFunc(names[g], func(n string) bool { return slices.Contains(own, n) })
		if len(names[g]) > 0 && !isOwn {
			foreign[g] = true
		}
	}
	return len(foreign) < 2
}

// placeCompilations lets each stand with one group, that of its own origin or
// else the first of known origin that it quotes, and repeat all that it quotes.
func (t *tracing) placeCompilations(copies sets, quotes map[int][]pair, left []int, first map[string]int) {
	var list []tocsin.ReportID
	own := map[int]int{} // compilation -> a report of its own origin
	for i, o := range t.origin {
		c := copies.find(i)
		if !slices.Contains(left, c) {
			continue
		}
		t.compilation[i] = true
		list = append(list, t.id(i))
		if j, seen := first[o]; seen {
			own[c] = j
		}
	}
	before, known := slices.Clone(t.group), t.names(t.group)
	for _, c := range left {
		with, found := own[c]
		for _, q := range quotes[c] {
			t.repeat(q.long(), q.short(), q.reason())
			if g := copies.find(q.short()); !found && len(known[before.find(g)]) > 0 && !t.compilation[g] {
				with, found = g, true
			}
		}
		if found {
			t.group.union(c, with)
		}
	}
	if len(list) > 0 {
		t.caution("%s: words of several origins put together; this repeats each and is not taken as a source of its own.", enumerate(list))
	}
}

// names lists the known origins of each set, oldest first. Compilations do not
// name an origin unless nothing else is in the set.
func (t *tracing) names(s sets) map[int][]string {
	out := map[int][]string{}
	for i, o := range t.origin {
		if g := s.find(i); o != "" && !t.compilation[i] && !slices.Contains(out[g], o) {
			out[g] = append(out[g], o)
		}
	}
	for i, o := range t.origin {
		if g := s.find(i); o != "" && t.compilation[i] && len(out[g]) == 0 {
			out[g] = append(out[g], o)
		}
	}
	return out
}

func (t *tracing) picture(pairs []pair) Picture {
	names := t.names(t.group)
	at := map[int]int{} // group -> index in origins
	var p Picture
	for i, r := range t.reports {
		g := t.group.find(i)
		k, seen := at[g]
		if !seen {
			k = len(p.Origins)
			at[g] = k
			p.Origins = append(p.Origins, Origin{Known: len(names[g]) > 0, Name: t.written(names[g]), First: r.FirstKnown()})
			if p.Origins[k].Known {
				p.Independent++
			}
		}
		p.Origins[k].Reports = append(p.Origins[k].Reports, r.ID)
	}
	if p.Independent == 0 && len(p.Origins) > 0 {
		p.Independent = 1
	}
	p.Repeats = t.sortedRepeats()
	t.explain(&p, at)
	t.warn(p, names, pairs)
	p.Cautions = t.cautions
	return p
}

// written returns the first of the names as its oldest report writes it.
func (t *tracing) written(names []string) string {
	if len(names) == 0 {
		return ""
	}
	i := slices.Index(t.origin, names[0])
	return strings.Join(strings.Fields(t.reports[i].Origin), " ")
}

// sortedRepeats orders by age of the repeating report, then of the repeated one.
func (t *tracing) sortedRepeats() []Repeat {
	index := map[tocsin.ReportID]int{}
	for i := range t.reports {
		index[t.id(i)] = i
	}
	slices.SortStableFunc(t.repeats, func(a, b Repeat) int {
		return cmp.Or(cmp.Compare(index[a.Report], index[b.Report]), cmp.Compare(index[a.Of], index[b.Of]))
	})
	return slices.Compact(t.repeats)
}

// explain writes one line for each joining to the origin of the later report.
func (t *tracing) explain(p *Picture, at map[int]int) {
	where := map[tocsin.ReportID]int{}
	for i := range t.reports {
		where[t.id(i)] = at[t.group.find(i)]
	}
	for _, r := range p.Repeats {
		o := &p.Origins[where[r.Report]]
		o.Why = append(o.Why, fmt.Sprintf("%s repeats %s: %s.", r.Report, r.Of, r.Reason))
	}
}
