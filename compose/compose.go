package compose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin"
)

// MaxFactBytes bounds the words of one fact in one language, and MaxLineBytes
// those of a reference or a marking.
const (
	MaxFactBytes = 2000
	MaxLineBytes = 200
)

// Request is everything that a draft is made from.
type Request struct {
	Warning    tocsin.WarningID
	Version    int // from 1
	Case       tocsin.CaseID
	Kind       tocsin.WarningKind
	Message    tocsin.MessageType
	Refers     tocsin.WarningID // for every message but an alert: the warning that it is about
	First      string           // for those: the reference that the first message gave; empty: the same as Reference
	Victims    []tocsin.Victim
	Marking    string
	Window     tocsin.Window // in which the words hold; an alert and an update need its end
	Reference  string        // what a recipient quotes when calling back
	Facts      []tocsin.Fact // several on one item become a list, in the order given
	Gaps       []tocsin.Gap
	Recipients []tocsin.Recipient
	Languages  []string         // BCP 47; the draft has a text in each
	Pack       tocsin.PackRef   // the zero value is the pack of the texts; another one is refused
	Authors    []tocsin.ActorID // everybody who wrote any of it

	// Determinations on the victims. Where one is doubtful the text says that
	// the threat is not certain.
	Determinations []tocsin.Determination
}

// Compose writes the draft. Its errors:
//
//   - Invalid: something is missing or does not fit together. Where required
//     items have neither a fact nor a gap, one error names all of them, with
//     the languages that they are missing in;
//   - Refused: a fact that nobody judged releasable;
//   - Conflict: the request names another pack than that of the texts.
//
// The draft's recipients and victims are in the order of their ids, its facts
// and gaps in the pack's order, and its texts in the order of r.Languages. Items
// that the form leaves out by itself are among the gaps, with the pack's reason.
func (t *Texts) Compose(r Request) (tocsin.Draft, error) {
	if r.Pack == (tocsin.PackRef{}) {
		r.Pack = t.pack
	}
	if r.First == "" {
		r.First = r.Reference
	}
	for _, verify := range []func(Request) error{t.checkShape, t.checkVictims, t.checkLines, t.checkRecipients, t.checkFacts, t.checkGaps, t.checkContent} {
		if err := verify(r); err != nil {
			return tocsin.Draft{}, err
		}
	}
	d := tocsin.Draft{
		Warning: r.Warning, Version: r.Version, Case: r.Case, Kind: r.Kind, Message: r.Message, Refers: r.Refers,
		Marking: r.Marking, Reference: r.Reference, Pack: r.Pack,
		Window:     tocsin.Window{Earliest: tocsin.Instant(r.Window.Earliest), Latest: tocsin.Instant(r.Window.Latest)},
		Recipients: slices.Clone(r.Recipients), Facts: slices.Clone(r.Facts), Gaps: t.gaps(r), Authors: slices.Clone(r.Authors),
	}
	for _, v := range r.Victims {
		d.Victims = append(d.Victims, v.ID)
	}
	slices.Sort(d.Victims)
	slices.Sort(d.Authors)
	d.Authors = slices.Compact(d.Authors)
	slices.SortStableFunc(d.Recipients, func(a, b tocsin.Recipient) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(d.Facts, func(a, b tocsin.Fact) int { return cmp.Compare(t.item(a.Item), t.item(b.Item)) })
	for _, l := range r.Languages {
		d.Texts = append(d.Texts, t.words[l].write(t.forms[occasion{r.Kind, r.Message}], r))
	}
	return d, nil
}

func invalid(code, do, format string, args ...any) *tocsin.Error {
	return tocsin.Faultf(tocsin.Invalid, code, do, format, args...)
}

func (t *Texts) checkShape(r Request) error {
	switch {
	case !tocsin.ValidID(string(r.Warning)) || !tocsin.ValidID(string(r.Case)):
		return invalid("warning_id", "Use up to 64 of a-z, 0-9, dot, dash, underscore.", "The warning %q of the case %q has no usable id.", r.Warning, r.Case)
	case r.Version < 1:
		return invalid("warning_version", "Count versions from 1.", "The warning has the version %d.", r.Version)
	case !slices.Contains(tocsin.WarningKinds(), r.Kind):
		return invalid("warning_kind", "Use victim, protector, government, facility, public, disruption or advisory.", "%q is not a kind of warning.", r.Kind).At("kind")
	case !slices.Contains(messageTypes(), r.Message):
		return invalid("message_type", "Use alert, update, cancel or all_clear.", "%q is not a type of message.", r.Message).At("message")
	case r.Message == tocsin.Alert && r.Refers != "":
		return invalid("alert_refers", "Leave it out, or make this an update.", "An alert is the first of its kind and refers to no other warning.").At("refers")
	case r.Message != tocsin.Alert && (!tocsin.ValidID(string(r.Refers)) || r.Refers == r.Warning):
		return invalid("refers_missing", "Name the warning that it is about.", "The %s does not say which earlier warning it is about.", r.Message).At("refers")
	case r.Pack != t.pack:
		return tocsin.Faultf(tocsin.Conflict, "pack_changed", "Compose with the pack that is loaded, so that the record names the texts that were really used.",
			"The texts are those of %s %s (%s), and the request names %s %s (%s).", t.pack.Name, t.pack.Version, t.pack.Digest, r.Pack.Name, r.Pack.Version, r.Pack.Digest)
	case len(r.Authors) == 0 || slices.Contains(r.Authors, ""):
		return invalid("author_missing", "Name everybody who wrote any of it.", "The draft has no author, so nobody could be barred from approving their own words.")
	}
	return nil
}

func (t *Texts) checkVictims(r Request) error {
	if len(r.Victims) == 0 {
		return invalid("victims_missing", "Name at least one intended victim of the case.", "The draft does not say whom it is about.").At("victims")
	}
	seen := map[tocsin.VictimID]bool{}
	for _, v := range r.Victims {
		if err := v.Validate(); err != nil {
			return tocsin.Within("victims", err)
		}
		if seen[v.ID] {
			return invalid("victim_twice", "Name each victim once.", "The victim %s is named twice.", v.ID).At("victims")
		}
		seen[v.ID] = true
	}
	for _, d := range r.Determinations {
		if !seen[d.Victim] {
			return invalid("determination_victim", "Leave it out, or add the victim.", "A determination is on %q, whom this draft is not about.", d.Victim)
		}
	}
	return nil
}

func (t *Texts) checkLines(r Request) error {
	for _, part := range [][2]string{{"marking", r.Marking}, {"reference", r.Reference}, {"first reference", r.First}} {
		name, line := part[0], part[1]
		if bad, found := unprintable(line); found || strings.TrimSpace(line) == "" || len(line) > MaxLineBytes {
			return invalid("line_unusable", fmt.Sprintf("Write one line of at most %d bytes.", MaxLineBytes), "The %s %q is empty, too long or holds a character that cannot be printed (%U).", name, line, bad).At(name)
		}
	}
	if err := r.Window.Validate(); err != nil {
		return tocsin.Within("window", err)
	}
	if !r.Message.Ends() && r.Window.Latest.IsZero() {
		return invalid("window_without_end", "Say until when it holds. It does not lapse by itself; it is extended, changed or withdrawn before then.", "The warning does not say until when it holds.").At("valid_for")
	}
	return nil
}

// noTexts says that the pack has no texts in a language, and who asked for it: that
// is where it is corrected.
func (t *Texts) noTexts(r Request, lang string) error {
	var who []string
	for _, to := range r.Recipients {
		if len(to.Languages) > 0 && to.Languages[0] == lang {
			who = append(who, fmt.Sprintf("%s (%s)", to.Name, to.ID))
		}
	}
	has := "The pack has texts in " + strings.Join(t.languages, ", ") + "."
	if len(who) == 0 {
		return invalid("language_unknown", has+" Ask for one of them.", "The pack %s has no texts in the language %q.", t.pack.Name, lang).At("recipients")
	}
	return invalid("language_unknown", has+" If one of them is meant, or is read too, correct the entry in the directory and put it first; else deliver in person, with an interpreter.",
		"The pack %s has no texts in the language %q, which the directory has as the first language of %s.", t.pack.Name, lang, strings.Join(who, ", ")).At("recipients")
}

func (t *Texts) checkRecipients(r Request) error {
	if len(r.Languages) == 0 {
		return invalid("language_missing", "Name at least one of "+strings.Join(t.languages, ", ")+".", "No language was asked for.").At("recipients")
	}
	for i, l := range r.Languages {
		switch {
		case slices.Index(r.Languages, l) != i:
			return invalid("language_twice", "Name each language once.", "The language %q is asked for twice.", l).At("recipients")
		case t.words[l] == nil:
			return t.noTexts(r, l)
		}
	}
	if len(r.Recipients) == 0 {
		return invalid("recipients_missing", "Name at least one recipient.", "The draft goes to nobody.").At("recipients")
	}
	seen := map[tocsin.RecipientID]bool{}
	for _, to := range r.Recipients {
		if err := to.Validate(); err != nil {
			return tocsin.Within("recipients", err)
		}
		switch reads := func(l string) bool { return slices.Contains(to.Languages, l) }; {
		case seen[to.ID]:
			return invalid("recipient_twice", "Name each recipient once.", "The recipient %s is named twice.", to.ID).At("recipients")
		case !slices.ContainsFunc(r.Languages, reads):
			return invalid("recipient_language", "Ask for one of their languages too; the pack has "+strings.Join(t.languages, ", ")+". If it has none of them, deliver in person with an interpreter and add the language of the script to the recipient.",
				"%s reads %s, and the draft is in %s.", to.Name, strings.Join(to.Languages, ", "), strings.Join(r.Languages, ", ")).At("recipients")
		case (to.Kind == tocsin.DisruptionNotice) != (r.Kind == tocsin.DisruptionNotice):
			// The one mix-up that tells the suspect where the victim is.
			return invalid("recipient_suspect", "Take the recipient out, or correct the kind.", "%s receives %s notices, and this is a %s warning.", to.Name, to.Kind, r.Kind).At("recipients", "kind")
		}
		seen[to.ID] = true
	}
	return nil
}

func (t *Texts) checkFacts(r Request) error {
	says := t.forms[occasion{r.Kind, r.Message}].Says
	var withheld, unsaid, at []string
	for i, f := range r.Facts {
		switch {
		case t.item(f.Item) < 0:
			return invalid("fact_item", "Use "+strings.Join(t.itemIDs(), ", ")+".", "The pack %s has no content item %q.", t.pack.Name, f.Item)
		case !slices.Contains(says, f.Item):
			unsaid, at = append(unsaid, f.Item), append(at, parts(f)...)
		case !f.Releasable:
			withheld = append(withheld, f.Item)
		}
		for _, l := range slices.Sorted(maps.Keys(f.Values)) {
			if bad, found := unprintable(f.Values[l]); found || len(f.Values[l]) > MaxFactBytes {
				return invalid("fact_words", fmt.Sprintf("Write one paragraph of at most %d bytes. For a list, give several facts on the same item.", MaxFactBytes),
					"The fact on %s in %s is too long, or holds a line break or a character that cannot be printed (%U).", f.Item, l, bad).At("facts." + f.Item + "." + l)
			}
		}
		for _, other := range r.Facts[:i] {
			if other.Item == f.Item && maps.Equal(other.Values, f.Values) {
				return invalid("fact_twice", "Give it once.", "The same fact on %s is given twice.", f.Item).At("facts." + f.Item)
			}
		}
	}
	if len(unsaid) > 0 {
		return invalid("fact_not_said", fmt.Sprintf("Take them out. A %s %s says %s.", r.Kind, r.Message, strings.Join(t.saidIDs(r), ", ")),
			"A %s %s does not say %s.", r.Kind, r.Message, strings.Join(unsaid, ", ")).At(at...)
	}
	if len(withheld) > 0 {
		return tocsin.Faultf(tocsin.Refused, "fact_not_releasable", "Have somebody judge the words free of sources and methods and mark the fact releasable, reword it, or state a gap instead.",
			"Nobody has judged these facts releasable: %s.", strings.Join(withheld, ", "))
	}
	return nil
}

func (t *Texts) checkGaps(r Request) error {
	seen := map[string]bool{}
	for _, g := range r.Gaps {
		switch {
		case t.item(g.Item) < 0:
			return invalid("gap_item", "Use "+strings.Join(t.itemIDs(), ", ")+".", "The pack %s has no content item %q.", t.pack.Name, g.Item)
		case strings.TrimSpace(g.Reason) == "":
			return invalid("gap_reason", "Say why; the reason is kept in the record and is not printed.", "The gap for %s has no reason.", g.Item).At("gaps." + g.Item)
		case seen[g.Item]:
			return invalid("gap_twice", "Give one gap for each item.", "The gap for %s is stated twice.", g.Item)
		case slices.ContainsFunc(r.Facts, func(f tocsin.Fact) bool { return f.Item == g.Item }):
			return invalid("gap_and_fact", "Take out one of the two.", "The item %s has a fact and a gap.", g.Item).At("gaps." + g.Item)
		}
		seen[g.Item] = true
	}
	return nil
}

// parts are a fact in each of its languages, as the request names them.
func parts(f tocsin.Fact) []string {
	var out []string
	for _, l := range slices.Sorted(maps.Keys(f.Values)) {
		out = append(out, "facts."+f.Item+"."+l)
	}
	return out
}

// checkContent names every item that has no words in some language asked for: a
// required item without a fact or a gap, and a fact without that language.
func (t *Texts) checkContent(r Request) error {
	var missing, at []string
	for _, c := range t.Says(r.Kind, r.Message) {
		var in []string
		for _, l := range r.Languages {
			if lacks(c, l, r) {
				in, at = append(in, l), append(at, "facts."+c.ID+"."+l)
			}
		}
		if len(in) > 0 {
			missing = append(missing, fmt.Sprintf("%s (%s) in %s", c.ID, c.Title, strings.Join(in, ", ")))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return invalid("content_missing", "For each, give a releasable fact with words in that language, or state a gap with its reason.",
		"The %s %s cannot be written. Missing: %s.", r.Kind, r.Message, strings.Join(missing, "; ")).At(at...)
}

func lacks(c tocsin.ContentItem, language string, r Request) bool {
	given := false
	for _, f := range r.Facts {
		if f.Item == c.ID {
			given = true
			if strings.TrimSpace(f.Values[language]) == "" {
				return true
			}
		}
	}
	gap := slices.ContainsFunc(r.Gaps, func(g tocsin.Gap) bool { return g.Item == c.ID })
	return c.Required && !given && !gap
}

// gaps are those of the request and those that the form states by itself.
func (t *Texts) gaps(r Request) []tocsin.Gap {
	out := slices.Clone(r.Gaps)
	for id, reason := range t.forms[occasion{r.Kind, r.Message}].LeavesOut {
		if !slices.ContainsFunc(r.Gaps, func(g tocsin.Gap) bool { return g.Item == id }) {
			out = append(out, tocsin.Gap{Item: id, Reason: reason})
		}
	}
	slices.SortFunc(out, func(a, b tocsin.Gap) int { return cmp.Compare(t.item(a.Item), t.item(b.Item)) })
	return out
}

func (t *Texts) itemIDs() []string {
	var ids []string
	for _, c := range t.content {
		ids = append(ids, c.ID)
	}
	return ids
}

func (t *Texts) saidIDs(r Request) []string {
	var ids []string
	for _, c := range t.Says(r.Kind, r.Message) {
		ids = append(ids, c.ID)
	}
	return ids
}

// write writes the words of a request that has been checked.
func (l *language) write(f form, r Request) tocsin.Text {
	at := occasion{r.Kind, r.Message}
	values := map[string]string{"reference": isolate(r.Reference, l.rtl), "first": isolate(r.First, l.rtl), "marking": isolate(r.Marking, l.rtl)}
	head := l.headings[at]
	paragraphs := []string{head.opening.fill(values)}
	for _, id := range f.Says {
		var p string
		switch id {
		case lineReference:
			p = l.reference.fill(values)
		case lineHandling:
			p = l.handling.fill(values)
		case lineValidity:
			p = l.validity(r.Window)
		default:
			p = l.say(id, l.items[r.Kind][id], r, values)
		}
		if p != "" {
			paragraphs = append(paragraphs, p)
		}
	}
	return tocsin.Text{Language: l.code, Subject: head.subject.fill(values), Body: strings.Join(paragraphs, "\n\n") + "\n"}
}

func (l *language) validity(w tocsin.Window) string {
	values := map[string]string{"until": l.when(w.Latest)}
	if w.Earliest.IsZero() {
		return l.until.fill(values)
	}
	values["from"] = l.when(w.Earliest)
	return l.from.fill(values)
}

// say writes one content item, or "" if there is nothing to say on it.
func (l *language) say(id string, words item, r Request, values map[string]string) string {
	var facts []string
	for _, f := range r.Facts {
		if f.Item == id {
			facts = append(facts, isolate(strings.TrimSpace(f.Values[l.code]), l.rtl))
		}
	}
	gap := slices.ContainsFunc(r.Gaps, func(g tocsin.Gap) bool { return g.Item == id })
	always := words.standard.fill(values)
	if id == itemConfident && slices.ContainsFunc(r.Determinations, doubtful) {
		always = strings.TrimSpace(always + " " + l.doubt)
	}
	switch {
	case gap && words.gap != "":
		return strings.TrimSpace(words.gap + " " + always)
	case always == "" && len(facts) == 0:
		return ""
	case always == "" && len(facts) == 1:
		return words.label + " " + facts[0]
	}
	lines := []string{strings.TrimSpace(words.label + " " + always)}
	for _, f := range facts {
		lines = append(lines, l.bullet+f)
	}
	return strings.Join(lines, "\n")
}

func doubtful(d tocsin.Determination) bool { return d.Result == tocsin.ResultDoubtful }

// sampleMoment is only ever shown in a rehearsal.
var sampleMoment = time.Date(2024, time.January, 3, 16, 0, 0, 0, time.UTC)
