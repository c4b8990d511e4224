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
			add(f.Evidence, mark{"finding", f.Element, f.Value})
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

func byMark(a, b mark) int {
	switch {
	case a.Kind+a.Name < b.Kind+b.Name:
		return -1
	case a.Kind+a.Name > b.Kind+b.Name:
		return 1
	}
	return 0
}
