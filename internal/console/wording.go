package console

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

type warningView struct {
	casefile.Warning
	Outdated   []string // who has been described otherwise since
	Names      []string
	Title      string // of the policy that it is written under, where a case has several
	Texts      []textView
	Levels     []guardLevel
	GuardErr   string
	Folded     bool // it is over: its words are shown on demand
	Stops      bool // something in the words
	Asks       bool
	Waits      bool // a step that is still to come, such as the approval
	Versions   []view.Version
	Newest     view.Version
	Changes    []changeView
	Deliveries []deliveryView
	Asking     *questioning // the form that answers the guard, if there is something to show of it
	Actions    []action
	Closed     []action
	MayWrite   bool // the viewer may write a new version of it, or what follows it
}

// textView is the warning in one language, with the words that the guard found.
type textView struct {
	Language      string
	Subject, Body []passage
	Copy          bool // it is there to be read here, and goes to nobody
}

// guardLevel groups what the guard found by what it asks for.
type guardLevel struct {
	Level    tocsin.GuardLevel
	Findings []findingView
}

type findingView struct {
	tocsin.GuardFinding
	Number int  // by which its words are marked; 0 if it is about no place
	Asked  bool // it stands among the questions of the form that answers them
}

// changeView is one part of a warning that differs from the version that was
// approved last.
type changeView struct {
	Part   string
	Pieces []view.Piece
}

func (c *Console) warningView(v *visit, s casefile.State, w casefile.Warning, events []casefile.Event) warningView {
	n := warningView{Warning: w}
	for _, id := range w.Draft.Victims {
		victim, _ := s.Victim(id)
		n.Names = append(n.Names, cmp.Or(victim.Name, string(id)))
	}
	for _, id := range s.Outdated(w) {
		victim, _ := s.Victim(id)
		n.Outdated = append(n.Outdated, victim.Name)
	}
	if t, ok := s.Pack(w.Draft.Pack.Name); ok && len(s.Further) > 0 {
		n.Title = t.Title
	}
	guard := w.Refused
	if w.Clearance != nil {
		guard = w.Clearance.Cautions
	} else if now, err := c.preview(v, s, w.ID); err == nil {
		guard = now
	} else {
		n.GuardErr = err.Error()
	}
	n.levels(guard)
	n.history(events)
	for _, d := range s.Deliveries {
		if d.Warning == w.ID {
			n.Deliveries = append(n.Deliveries, deliveryOf(s, w, d, v.now))
		}
	}
	return n
}

// toCome groups what stops words because a step is missing, and that no change of them
// would mend: the author of a clean draft must not read that it would be stopped.
const toCome tocsin.GuardLevel = "to_come"

// levels sorts findings by level and numbers those that are about words, in the
// order of the words.
func (n *warningView) levels(all []tocsin.GuardFinding) {
	list := make([]findingView, 0, len(all))
	for _, f := range all {
		if f.Level == "" {
			f.Level = tocsin.GuardNote
			if f.Blocks {
				f.Level = tocsin.GuardBlock
			}
		}
		n.answered(&f)
		list = append(list, findingView{GuardFinding: f})
		if f.Blocks && f.Check == "approval" {
			list[len(list)-1].Level, n.Waits = toCome, true
			continue
		}
		n.Stops = n.Stops || f.Blocks
		n.Asks = n.Asks || f.Level == tocsin.GuardAsk && f.AnsweredBy == ""
	}
	marks := map[string][]marked{}
	number := 0
	for _, level := range []tocsin.GuardLevel{tocsin.GuardBlock, tocsin.GuardAsk, toCome, tocsin.GuardNote} {
		g := guardLevel{Level: level}
		for _, f := range list {
			if f.Level != level {
				continue
			}
			if part, start, end, ok := placeOf(f.Where); ok {
				number++
				f.Number = number
				marks[part] = append(marks[part], marked{start, end, mark{Kind: string(level), Name: strconv.Itoa(number)}})
			}
			g.Findings = append(g.Findings, f)
		}
		if len(g.Findings) > 0 {
			n.Levels = append(n.Levels, g)
		}
	}
	for _, t := range n.Draft.Texts {
		goes := func(r tocsin.Recipient) bool { got, _ := n.Draft.Text(r); return got.Language == t.Language }
		n.Texts = append(n.Texts, textView{t.Language, cut(t.Subject, fitting(t.Subject, marks[t.Language+" subject"])), cut(t.Body, fitting(t.Body, marks[t.Language+" body"])),
			!slices.ContainsFunc(n.Draft.Recipients, goes)})
	}
}

// answered puts an answer that is on record onto a finding of a preview.
func (n *warningView) answered(f *tocsin.GuardFinding) {
	if f.AnsweredBy != "" || f.ID == "" {
		return
	}
	for _, a := range n.Answers {
		if a.Finding == f.ID {
			f.AnsweredBy, f.Answer = a.By, a.Words
		}
	}
}

// found is how the guard names words: language, part, and bytes of that part.
var found = regexp.MustCompile(`^(\S+ (?:subject|body)) (\d+)-(\d+)$`)

func placeOf(where string) (part string, start, end int, ok bool) {
	m := found.FindStringSubmatch(where)
	if m == nil {
		return "", 0, 0, false
	}
	start, err := strconv.Atoi(m[2])
	end, err2 := strconv.Atoi(m[3])
	return m[1], start, end, err == nil && err2 == nil && start < end
}

// fitting drops what does not fit the text, and what would cut a letter in two.
func fitting(text string, all []marked) []marked {
	return slices.DeleteFunc(all, func(m marked) bool {
		return m.end > len(text) || !utf8.RuneStart(text[m.start]) || m.end < len(text) && !utf8.RuneStart(text[m.end])
	})
}

// history fills in the versions of a warning and what has changed since the last
// that was approved.
func (n *warningView) history(events []casefile.Event) {
	n.Versions = view.Versions(events, n.ID)
	if len(n.Versions) == 0 {
		return
	}
	n.Newest = n.Versions[len(n.Versions)-1]
	for _, ch := range n.Newest.Changes {
		n.Changes = append(n.Changes, changeView{ch.Part, around(view.Words(ch.Before, ch.After))})
	}
}

// verdicts puts what the guard says of the words as they are beside each button that
// sends them on: the words and what was found may be out of sight by then.
func (n *warningView) verdicts(say words) {
	if n.Clearance != nil {
		return
	}
	for i := range n.Actions {
		if x := &n.Actions[i]; x.Kind == (casefile.ApproveWarning{}).Kind() || x.Kind == (casefile.ReleaseWarning{}).Kind() {
			x.Verdict = n.verdict(say, x.Kind == (casefile.ApproveWarning{}).Kind())
		}
	}
}

// verdict is the guard's. Whoever is about to approve is not told that the words
// would be stopped because nobody has.
func (n *warningView) verdict(say words, approving bool) *verdict {
	switch {
	case n.GuardErr != "":
		return &verdict{n.GuardErr, "stops"}
	case n.Stops:
		return &verdict{say.t("guard.stops"), "stops"}
	case n.Asks:
		return &verdict{say.t("guard.asks"), "asks"}
	case n.Waits && !approving:
		return &verdict{say.t("guard.waits"), "asks"}
	}
	return &verdict{say.t("guard.clear"), ""}
}

// stoppedWords is the first thing that the guard holds against a warning and that
// writing it anew would mend, or nil.
func (n *warningView) stoppedWords() *tocsin.GuardFinding {
	for _, l := range n.Levels {
		for _, f := range l.Findings {
			if f.Blocks && f.Check != "approval" && f.Check != "digest" && f.Check != "consent" {
				return &f.GuardFinding
			}
		}
	}
	return nil
}

// near is how many letters of unchanged words are shown on each side of a change.
const near = 120

// around shortens what stayed the same to the words next to a change.
func around(all []view.Piece) []view.Piece {
	for i, p := range all {
		text := []rune(p.Text)
		head, tail := near, near
		if i == 0 {
			head = 0
		}
		if i == len(all)-1 {
			tail = 0
		}
		if p.How == view.Same && len(text) > head+tail+near {
			all[i].Text = string(text[:head]) + " … " + string(text[len(text)-tail:])
		}
	}
	return all
}
