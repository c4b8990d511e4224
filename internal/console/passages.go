package console

import (
	"slices"
	"unicode/utf8"

	"tocsin"
	"tocsin/casefile"
)

// passage is a stretch of a report with what it supports.
type passage struct {
	Text  string
	Marks []mark
	First []mark // those that begin here, to be named once
}

// mark says what words support: a part of the threat, or an element found for a
// victim.
type mark struct {
	Kind  string // "threat" or "finding"
	Name  string // part of the threat, or element
	Value tocsin.FindingValue
	Label string // of an element, as people read it
	Own   bool   // the label is the pack's, in its language
}

type marked struct {
	start, end int
	mark       mark
}

// passages cuts a text where its evidence begins and ends. A span that does not
// fit the text is passed over: it belongs to another version of the words.
func passages(text string, id tocsin.ReportID, s casefile.State) []passage {
	var spans []marked
	add := func(list []tocsin.Span, m mark) {
		for _, sp := range list {
			if sp.Report == id && sp.Start >= 0 && sp.Start < sp.End && sp.End <= len(text) &&
				(sp.Quote == "" || text[sp.Start:sp.End] == sp.Quote) && utf8.ValidString(text[sp.Start:sp.End]) {
				spans = append(spans, marked{sp.Start, sp.End, m})
			}
		}
	}
	t := s.Threat
	for name, c := range map[string]tocsin.Claim{"actor": t.Actor, "target": t.Target, "place": t.Place, "means": t.Means} {
		add(c.Evidence, mark{Kind: "threat", Name: name})
	}
	for _, v := range s.Victims {
		for _, f := range v.Findings {
			add(f.Evidence, mark{Kind: "finding", Name: f.Element, Value: f.Value})
		}
	}
	return cut(text, spans)
}

func cut(text string, spans []marked) []passage {
	at := []int{0, len(text)}
	for _, sp := range spans {
		at = append(at, sp.start, sp.end)
	}
	slices.Sort(at)
	at = slices.Compact(at)
	var out []passage
	for i := 0; i+1 < len(at); i++ {
		p := passage{Text: text[at[i]:at[i+1]]}
		for _, sp := range spans {
			if sp.start <= at[i] && sp.end >= at[i+1] {
				if !slices.Contains(p.Marks, sp.mark) {
					p.Marks = append(p.Marks, sp.mark)
				}
				if sp.start == at[i] && !slices.Contains(p.First, sp.mark) {
					p.First = append(p.First, sp.mark)
				}
			}
		}
		slices.SortFunc(p.Marks, byMark)
		slices.SortFunc(p.First, byMark)
		out = append(out, p)
	}
	return out
}

// named gives the marks of findings the names of what they are findings on.
func named(parts []passage, a *asking) []passage {
	for i := range parts {
		for j := range parts[i].First {
			m := &parts[i].First[j]
			if m.Kind != "finding" {
				continue
			}
			m.Label, m.Own = m.Name, true
			if e, _, ok := a.element(m.Name); ok {
				m.Label, m.Own = a.v.say.asked(e.Title)
			}
		}
	}
	return parts
}

// reading is the words of the reports of a case, as they stand beside a form that
// asks for exact quotes. They stand there bare: a mark among them would be copied
// along.
type reading struct {
	Reports []quotable
	More    int // reports whose words are not among them
}

type quotable struct {
	ID      tocsin.ReportID
	Heading string
	Text    string
}

// mostQuotable bounds what stands beside each form of a page, which may have many.
const mostQuotable = 32 << 10

// sourceOf gathers the words of those reports that the page shows anyway, so that
// nobody reads here what they are not recorded to have looked at.
func (c *Console) sourceOf(s casefile.State, shown []tocsin.ReportID) *reading {
	out, size := &reading{}, 0
	for _, r := range s.Reports {
		full, err := c.cfg.Engine.Report(r.ID)
		if err != nil || !slices.Contains(shown, r.ID) || size+len(full.Text) > mostQuotable && len(out.Reports) > 0 {
			out.More++
			continue
		}
		size += len(full.Text)
		out.Reports = append(out.Reports, quotable{r.ID, full.Subject, full.Text})
	}
	return out
}

func byMark(a, b mark) int {
	switch {
	case a.Kind+a.Name < b.Kind+b.Name:
		return -1
	case a.Kind+a.Name > b.Kind+b.Name:
		return 1
	}
	return 0
}
