package prove

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/compose"
)

// words writes every kind of warning at every moment of its life in every language:
// with a fact on every item, with a gap for every item, with what is optional left
// out, and with each item left out alone.
func (p *proof) words() {
	for _, kind := range tocsin.WarningKinds() {
		for _, m := range []tocsin.MessageType{tocsin.Alert, tocsin.Update, tocsin.Cancel, tocsin.AllClear} {
			for _, l := range p.texts.Languages() {
				p.occasion(kind, m, []string{l})
			}
			p.occasion(kind, m, p.texts.Languages())
		}
	}
}

func (p *proof) occasion(kind tocsin.WarningKind, m tocsin.MessageType, languages []string) {
	items := p.texts.Says(kind, m)
	absent := func(out func(tocsin.ContentItem) bool, gaps bool) { p.write(kind, m, languages, items, out, gaps) }
	absent(func(tocsin.ContentItem) bool { return false }, true)
	absent(func(tocsin.ContentItem) bool { return true }, true)
	absent(func(c tocsin.ContentItem) bool { return !c.Required }, true)
	absent(func(c tocsin.ContentItem) bool { return !c.Required }, false)
	for _, one := range items {
		absent(func(c tocsin.ContentItem) bool { return c.ID == one.ID }, true)
	}
}

// gapReason is a reason that must never be printed.
const gapReason = "zzz-nothing-can-be-said"

// write writes one warning in which the items that are out have a gap, or nothing.
func (p *proof) write(kind tocsin.WarningKind, m tocsin.MessageType, languages []string, items []tocsin.ContentItem, out func(tocsin.ContentItem) bool, gaps bool) {
	r := request(kind, m, languages)
	for _, c := range items {
		switch {
		case !out(c):
			words := map[string]string{}
			for _, l := range languages {
				words[l] = fact(c.ID, l)
			}
			r.Facts = append(r.Facts, tocsin.Fact{Item: c.ID, Values: words, Releasable: true})
		case gaps:
			r.Gaps = append(r.Gaps, tocsin.Gap{Item: c.ID, Reason: gapReason})
		}
	}
	p.res.Counted.Words += len(languages)
	d, err := p.texts.Compose(r)
	wrong := ""
	if err != nil {
		wrong = err.Error()
	} else {
		wrong = flaw(d, r, languages)
	}
	if wrong == "" {
		return
	}
	v := Violation{Sort: Unsaid, File: fmt.Sprintf("texts/%s/%s.yaml", languages[0], kind), Line: 1, What: fmt.Sprintf("the %s %s in %s cannot be written: %s", kind, m, strings.Join(languages, ", "), wrong)}
	if !slices.ContainsFunc(p.res.Violations, func(o Violation) bool { return o.Sort == Unsaid && o.File == v.File }) {
		p.broken(v)
	}
}

func fact(item, language string) string { return "fact-" + item + "-" + language + "." }

func request(kind tocsin.WarningKind, m tocsin.MessageType, languages []string) compose.Request {
	to := tocsin.ProtectorWarning
	if kind == tocsin.DisruptionNotice {
		to = kind
	}
	r := compose.Request{Warning: "w2", Version: 1, Case: "exercise", Kind: kind, Message: m, Marking: "UNCLASSIFIED", Reference: "W-2", First: "W-1", Languages: languages,
		Authors: []tocsin.ActorID{"author"}, Window: tocsin.Window{Earliest: begin, Latest: begin.Add(24 * time.Hour)},
		Victims:        []tocsin.Victim{{ID: "v1", Kind: tocsin.Person, Name: "Person 1", Identity: tocsin.Named}},
		Recipients:     []tocsin.Recipient{{ID: "desk", Name: "Desk", Kind: to, Languages: languages, Ladder: []tocsin.Rung{{Channel: "smtp", Address: "desk@ministry.example"}}}},
		Determinations: []tocsin.Determination{{Victim: "v1", Result: tocsin.ResultDoubtful}}}
	if m != tocsin.Alert {
		r.Refers = "w1"
	}
	return r
}

// flaw says what is wrong with a draft: a fact that is not said once, a reason for
// silence that is printed, an open field, or a language without words.
func flaw(d tocsin.Draft, r compose.Request, languages []string) string {
	if len(d.Texts) != len(languages) {
		return fmt.Sprintf("%d languages were asked for, and there are words in %d", len(languages), len(d.Texts))
	}
	for _, t := range d.Texts {
		all := t.Subject + "\n" + t.Body
		for _, f := range r.Facts {
			if n := strings.Count(t.Body, fact(f.Item, t.Language)); n != 1 {
				return fmt.Sprintf("in %s the fact on %s is said %d times", t.Language, f.Item, n)
			}
		}
		switch {
		case strings.TrimSpace(t.Subject) == "" || strings.TrimSpace(t.Body) == "":
			return "in " + t.Language + " it has no words"
		case strings.Contains(all, gapReason):
			return "in " + t.Language + " the reason for leaving something out is printed"
		case strings.ContainsAny(all, "{}"):
			return "in " + t.Language + " a field is left open"
		case !strings.Contains(all, r.Reference):
			return "in " + t.Language + " the reference is not said"
		}
	}
	for _, g := range r.Gaps {
		if !slices.Contains(d.Gaps, g) {
			return "the gap on " + g.Item + " is not recorded"
		}
	}
	return ""
}
