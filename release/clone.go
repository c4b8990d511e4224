package release

import (
	"maps"
	"slices"

	"tocsin"
)

// What was cleared must not change because whoever asked still holds the slices
// and maps of the draft, or because a channel writes into those of a recipient.

func cloneDraft(d tocsin.Draft) tocsin.Draft {
	d.Victims, d.Texts = slices.Clone(d.Victims), slices.Clone(d.Texts)
	d.Gaps, d.Authors = slices.Clone(d.Gaps), slices.Clone(d.Authors)
	d.Recipients = slices.Clone(d.Recipients)
	for i, r := range d.Recipients {
		d.Recipients[i] = cloneRecipient(r)
	}
	d.Facts = slices.Clone(d.Facts)
	for i := range d.Facts {
		d.Facts[i].Values = maps.Clone(d.Facts[i].Values)
		d.Facts[i].Evidence = slices.Clone(d.Facts[i].Evidence)
	}
	return d
}

func cloneRecipient(r tocsin.Recipient) tocsin.Recipient {
	r.Languages, r.Groups, r.Ladder = slices.Clone(r.Languages), slices.Clone(r.Groups), slices.Clone(r.Ladder)
	for i := range r.Ladder {
		r.Ladder[i] = cloneRung(r.Ladder[i])
	}
	return r
}

func cloneRung(r tocsin.Rung) tocsin.Rung {
	r.Via = slices.Clone(r.Via)
	for i := range r.Via {
		r.Via[i].Groups = slices.Clone(r.Via[i].Groups)
	}
	return r
}

func cloneClearance(c tocsin.Clearance) tocsin.Clearance {
	c.Cautions = slices.Clone(c.Cautions)
	return c
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
