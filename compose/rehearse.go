package compose

import (
	"fmt"
	"strings"

	"tocsin"
	"tocsin/packs/packfile"
)

// rehearse writes every kind of warning at every moment of its life in every
// language, once with two facts on every item and once with a gap for every item,
// and adds a problem for a text that could not go out.
func (t *Texts) rehearse(files *packfile.Files, problems *packfile.Problems) {
	for _, code := range t.languages {
		for _, k := range tocsin.WarningKinds() {
			for _, m := range messageTypes() {
				for _, r := range []Request{t.sample(k, m, true), t.sample(k, m, false)} {
					text := t.words[code].write(t.forms[occasion{k, m}], r)
					if wrong := t.words[code].flaw(text); wrong != "" {
						problems.Add(files.Where("texts/"+code+"/"+string(k)+".yaml"), 1, fmt.Sprintf("the %s cannot be sent: %s", m, wrong), "correct the words of that paragraph, here or in words.yaml")
					}
				}
			}
		}
	}
}

func (t *Texts) sample(k tocsin.WarningKind, m tocsin.MessageType, facts bool) Request {
	r := Request{Kind: k, Message: m, Reference: "AB-1", First: "AB-0", Marking: "MARKED",
		Window:         tocsin.Window{Earliest: sampleMoment, Latest: sampleMoment.AddDate(0, 0, 1)},
		Determinations: []tocsin.Determination{{Result: tocsin.ResultDoubtful}}}
	for _, c := range t.Says(k, m) {
		if !facts {
			r.Gaps = append(r.Gaps, tocsin.Gap{Item: c.ID, Reason: "rehearsal"})
			continue
		}
		for _, n := range []string{"1", "2"} {
			values := map[string]string{}
			for _, l := range t.languages {
				values[l] = n + " " + c.ID
			}
			r.Facts = append(r.Facts, tocsin.Fact{Item: c.ID, Values: values, Releasable: true})
		}
	}
	return r
}

// flaw says what is wrong with a finished text, or "".
func (l *language) flaw(text tocsin.Text) string {
	for _, line := range strings.Split(text.Subject+"\n"+text.Body, "\n") {
		switch {
		case strings.ContainsAny(line, "{}"):
			return fmt.Sprintf("a field is left open in %q", line)
		case line != strings.TrimSpace(line):
			return fmt.Sprintf("there are spaces around %q", line)
		case l.rtl && line != "" && !startsRightToLeft(line):
			return fmt.Sprintf("%q would be laid out from the left", line)
		}
	}
	return ""
}
