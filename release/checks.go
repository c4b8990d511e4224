package release

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tocsin"
	"tocsin/marking"
)

// checkDraft refuses a draft that does not say what it is.
func (g *guard) checkDraft() {
	d := g.q.Draft
	needs := func(ok bool, what, do string) {
		if !ok {
			g.block("digest", "", what, do)
		}
	}
	needs(tocsin.ValidID(string(d.Warning)) && d.Version >= 1, "The warning has no usable id or version.", "Draft it again.")
	needs(slices.Contains(tocsin.WarningKinds(), d.Kind), fmt.Sprintf("%q is not a kind of warning.", d.Kind), "Use victim, protector, government, facility, public, disruption or advisory.")
	needs(slices.Contains([]tocsin.MessageType{tocsin.Alert, tocsin.Update, tocsin.Cancel, tocsin.AllClear}, d.Message), fmt.Sprintf("%q is not a type of message.", d.Message), "Use alert, update, cancel or all_clear.")
	needs(d.Message == tocsin.Alert || d.Refers != "", "The message does not say which warning it is about.", "Name the earlier warning that it updates or ends.")
	needs(len(d.Victims) > 0, "The warning is about nobody.", "Name the intended victims that it covers.")
	needs(d.Pack.Name != "" && d.Pack.Digest != "", "The warning does not say under which policy pack it was written.", "Draft it again.")
	needs(strings.TrimSpace(d.Reference) != "", "The warning has no reference, so a recipient who calls back cannot say which one it is.", "Give it a reference.")
}

// checkMarking refuses a warning whose own marking is missing or unreadable.
func (g *guard) checkMarking() {
	if _, err := marking.Parse(g.q.Draft.Marking); err != nil {
		what, do := "The warning's marking cannot be read.", "Write it again."
		if e, ok := err.(*tocsin.Error); ok {
			what, do = "The warning's marking: "+e.What, e.Do
		}
		g.block("marking", "marking", what, do)
	}
}

// checkAudience asks for each recipient whether it may have what is so marked.
func (g *guard) checkAudience() {
	for _, r := range g.q.Draft.Recipients {
		a := marking.Audience{Country: r.Jurisdiction, Own: r.Relation == "own", Consented: g.consented || g.q.Exigent}
		if a.Own && g.q.Home != "" {
			a.Country = g.q.Home
		}
		if r.Clearance != "" {
			a.Clearance = marking.Read(r.Clearance)
			if !a.Clearance.Known() {
				g.caution("marking", string(r.ID), fmt.Sprintf("The clearance of %s (%q) cannot be read and was taken for none.", r.Name, r.Clearance), "Correct it in the directory.")
			}
		}
		if ok, reason := marking.May(g.mark, a); !ok && g.mark.Known() {
			g.block("marking", string(r.ID), fmt.Sprintf("%s may not have it. %s", r.Name, reason), "Mark the warning lower if its words allow it, or choose another recipient.")
		}
	}
}

var marksInText = regexp.MustCompile(`\([A-Z][A-Z0-9 /,:+&-]{0,200}\)`)

// checkMarksInText looks for portion marks and banners left in the words, which
// say where the words come from.
func (g *guard) checkMarksInText() {
	for _, f := range texts(g.q.Draft) {
		for _, at := range marksInText.FindAllStringIndex(f.text, -1) {
			inner := f.text[at[0]+1 : at[1]-1]
			leads := strings.TrimRight(f.text[:at[0]], " \t") == "" || strings.HasSuffix(strings.TrimRight(f.text[:at[0]], " \t"), "\n")
			if strings.Contains(inner, "//") || leads {
				g.markInText(f, at[0], at[1], inner)
			}
		}
		at := 0
		for line := range strings.SplitAfterSeq(f.text, "\n") {
			if s := strings.TrimSpace(line); len(s) > 2 && s[0] != '(' && s == strings.ToUpper(s) {
				g.markInText(f, at, at+len(strings.TrimRight(line, "\r\n")), s)
			}
			at += len(line)
		}
	}
}

func (g *guard) markInText(f field, start, end int, mark string) {
	m, err := marking.ParsePortion(mark, g.mark)
	switch {
	case err != nil && !strings.Contains(mark, "//"), err == nil && marking.Dominates(g.mark, m):
	case len(mark) == 1: // (C) may be the third item of a list
		g.caution("marking", f.where(start, end), "This may be a portion mark that was left in the words.", "Take it out if it is one.")
	default:
		g.block("marking", f.where(start, end), fmt.Sprintf("A marking was left in the words that the warning (%s) does not cover.", shown(g.mark)),
			"Take it out, and make sure that the words beside it are releasable.")
	}
}

// checkTerms looks for protected terms in all that is said.
func (g *guard) checkTerms() {
	scanners := []*Scanner{NewScanner(g.q.Protected)}
	if g.q.Lexicon != nil {
		scanners = append(scanners, g.q.Lexicon)
	}
	for _, s := range scanners {
		for _, t := range s.blank {
			g.caution("term", "", fmt.Sprintf("One of the protected terms (%s) has no letter or digit and cannot be looked for.", kindOf(t)), "Whoever keeps the terms must correct it.")
		}
	}
	for _, f := range g.spoken() {
		for _, s := range scanners {
			var before tocsin.GuardFinding
			for _, h := range s.Scan(f.text) {
				found := tocsin.GuardFinding{Check: "term", Blocks: true, Level: tocsin.GuardBlock, Rule: string(exactly), Where: f.where(h.Start, h.End),
					ID:   findingID(string(exactly), f.text[h.Start:h.End]),
					What: fmt.Sprintf("A protected term stands here (%s).", kindOf(h.Term)),
					Do:   "Say it without this word. If it is not protected in this case, whoever keeps the terms can remove it."}
				if found != before { // several terms of one kind may be one word in other spellings
					g.blocked = true
					g.findings = append(g.findings, found)
				}
				before = found
			}
		}
	}
}

func kindOf(t Term) string { return cmp.Or(t.Kind, "no kind given") }

// checkContent asks for the minimum of a good warning (T-21). A message that
// ends a warning tells no danger and needs none of it.
func (g *guard) checkContent() {
	d := g.q.Draft
	for _, f := range d.Facts {
		if !f.Releasable {
			g.block("content", "fact "+f.Item, "The words rest on something that nobody has judged releasable.", "Have it judged free of sources and methods, or write the warning without it.")
		}
	}
	if len(d.Texts) == 0 {
		g.block("content", "", "The warning has no words.", "Write it in a language of each recipient.")
	}
	seen := make(map[string]bool)
	for _, t := range d.Texts {
		if strings.TrimSpace(t.Subject) == "" || strings.TrimSpace(t.Body) == "" {
			g.block("content", t.Language, "There is a text without a subject or without a body.", "Write both, or remove the text.")
		}
		if t.Language == "" || seen[t.Language] {
			g.block("content", t.Language, "There is a text without a language, or a second one in the same language.", "Give each text its own language, such as en or fa.")
		}
		seen[t.Language] = true
	}
	if d.Message.Ends() {
		return
	}
	for _, item := range g.q.Content {
		if item.Required {
			g.checkItem(item)
		}
	}
}

func (g *guard) checkItem(item tocsin.ContentItem) {
	for _, f := range g.q.Draft.Facts {
		if f.Item != item.ID || !f.Releasable || !anyWords(f.Values) {
			continue
		}
		for _, l := range languages(g.q.Draft) {
			if strings.TrimSpace(f.Values[l]) == "" {
				g.caution("content", "fact "+item.ID, fmt.Sprintf("%s: there are no words for it in language %s.", item.Title, l), "Read that text once more and make sure that it says so.")
			}
		}
		return
	}
	for _, gap := range g.q.Draft.Gaps {
		if gap.Item == item.ID && strings.TrimSpace(gap.Reason) != "" {
			return
		}
	}
	g.block("content", "", fmt.Sprintf("The warning does not say: %s.", cmp.Or(item.Title, item.ID)), "Say it, or state why it is left out.")
}

func anyWords(values map[string]string) bool {
	for _, v := range values {
		if strings.TrimSpace(v) != "" {
			return true
		}
	}
	return false
}

// checkRecipients asks whether each recipient can be reached and can read it.
func (g *guard) checkRecipients() {
	d := g.q.Draft
	if len(d.Recipients) == 0 {
		g.block("recipient", "", "The warning goes to nobody.", "Name at least one recipient.")
	}
	seen := make(map[tocsin.RecipientID]bool)
	for _, r := range d.Recipients {
		if err := r.Validate(); err != nil {
			what, do := err.Error(), "Correct the recipient in the directory."
			if e, ok := err.(*tocsin.Error); ok {
				what, do = e.What, e.Do
			}
			g.block("recipient", string(r.ID), what, do)
		}
		if seen[r.ID] {
			g.block("recipient", string(r.ID), fmt.Sprintf("%s is named twice.", r.Name), "Name each recipient once.")
		}
		seen[r.ID] = true
		switch t, ok := d.Text(r); {
		case !ok:
			g.block("recipient", string(r.ID), fmt.Sprintf("There is no text in a language that %s reads.", r.Name), "Write the warning in one of: "+strings.Join(r.Languages, ", ")+".")
		case t.Language != r.Languages[0]:
			g.caution("recipient", string(r.ID), fmt.Sprintf("%s will get it in language %s, not in %s.", r.Name, t.Language, r.Languages[0]), "Translate it if time allows.")
		}
		g.checkRecipientKind(r)
	}
}

// checkRecipientKind compares whom the warning speaks to with whom it goes to.
// Only the suspect gets a disruption notice, and a suspect nothing else: the one
// would tell a victim nothing, the other would tell the attacker everything.
func (g *guard) checkRecipientKind(r tocsin.Recipient) {
	kind := g.q.Draft.Kind
	switch {
	case r.Kind == kind:
	case r.Kind == tocsin.DisruptionNotice || kind == tocsin.DisruptionNotice:
		g.block("recipient", string(r.ID), fmt.Sprintf("%s is entered for kind %s, and this is a warning of kind %s. A disruption notice goes to the suspect and nothing else does.", r.Name, r.Kind, kind), "Choose another recipient, or correct the kind.")
	default:
		g.caution("recipient", string(r.ID), fmt.Sprintf("%s is entered for kind %s, and this is a warning of kind %s.", r.Name, r.Kind, kind), "Make sure that the words speak to them.")
	}
}

// checkRoute refuses every route through the threat actor (invariant 8). Names
// are compared in folded form, so that "Isis-K" in the directory is ISIS-K.
func (g *guard) checkRoute() {
	if len(g.q.ActorGroups) == 0 {
		g.caution("route", "", "Nobody has said who the threat actor belongs to, so no route could be checked against it.", "Ask yourself for each recipient whether the actor could be inside.")
		return
	}
	groups := foldedNames(g.q.ActorGroups)
	for _, r := range g.q.Draft.Recipients {
		if g.q.Draft.Kind == tocsin.DisruptionNotice && r.Kind == tocsin.DisruptionNotice {
			r.Groups, r.Name = nil, "" // it goes to the suspect; those between must still be others
		}
		if party := routable(r).RouteTouches(groups); party != "" {
			g.block("route", string(r.ID), fmt.Sprintf("The route to %s runs through the threat actor or somebody it controls (%s).", cmp.Or(r.Name, string(r.ID)), party), "Choose a recipient and channels that the actor does not control.")
		}
	}
}

// routable returns a copy of r for RouteTouches: groups folded, each party in the
// group of its own name, and no party without a name, because an empty answer of
// RouteTouches means "no".
func routable(r tocsin.Recipient) tocsin.Recipient {
	r.Groups = foldedNames(append(slices.Clone(r.Groups), r.Name))
	r.Name = cmp.Or(r.Name, "the recipient")
	ladder := slices.Clone(r.Ladder)
	for i, rung := range ladder {
		via := slices.Clone(rung.Via)
		for j, p := range via {
			via[j] = tocsin.Party{Name: cmp.Or(p.Name, "a party without a name"), Groups: foldedNames(append(slices.Clone(p.Groups), p.Name))}
		}
		ladder[i].Via = via
	}
	r.Ladder = ladder
	return r
}

// foldedNames brings names to letters and digits only; a name in a script that
// folds to nothing stays as it is.
func foldedNames(names []string) []string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		out = append(out, cmp.Or(runesOf(fold(n, false)), n))
	}
	return out
}

// checkWindow refuses words that are valid no longer, or without end.
func (g *guard) checkWindow() {
	w, now := g.q.Draft.Window, g.q.Now
	switch {
	case now.IsZero() || g.q.Validity <= 0:
		g.block("window", "", "The guard was not told the time, or for how long a clearance is good.", "This is a fault of the program or of the policy pack: report it.")
	case !g.digested:
		g.block("window", "", "The window has a date that cannot be written down.", "Correct the dates.")
	case w.Latest.IsZero():
		g.block("window", "", "The warning does not say until when it is valid.", "Give its end. It can be extended later.")
	case w.Validate() != nil:
		g.block("window", "", "The warning's window ends before it begins.", "Give the earliest moment first.")
	case !w.Latest.After(now):
		g.block("window", "", fmt.Sprintf("The warning's window ended at %s.", w.Latest.Format(time.RFC3339)), "Draft it again for the time that is left, or as an update.")
	case w.Latest.Sub(now) > MaxWindow:
		g.block("window", "", fmt.Sprintf("The warning would be valid until %s, more than a year ahead.", w.Latest.Format(time.RFC3339)), "Correct the date, or give a nearer end and review the warning then.")
	}
}
