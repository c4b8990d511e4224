package provenance

import (
	"fmt"
	"slices"
	"strings"

	"tocsin"
)

// most bounds how many of one kind of caution are given.
const most = 20

// warn adds what a person should look at: both errors, circular reporting and
// corroboration not recognised.
func (t *tracing) warn(p Picture, names map[int][]string, pairs []pair) {
	t.warnCircular(names)
	t.warnAttributed()
	t.warnPartial(names, pairs)
	var known []string
	var unknown []tocsin.ReportID
	repeated := false
	for _, o := range p.Origins {
		if o.Known {
			repeated = repeated || len(o.Reports) > 1
			known = append(known, fmt.Sprintf("%s (%s)", o.Name, o.Reports[0]))
		} else {
			unknown = append(unknown, o.Reports[0])
		}
	}
	switch {
	case len(known) > 1:
		t.caution("%s are declared as different origins and share neither key, content nor large parts of their words: this is corroboration by %d origins. Tell those who hold each.",
			enumerate(known), len(known))
	case len(known) == 1 && repeated:
		t.caution("All reports of known origin go back to %s: repetition, not corroboration.", known[0])
	}
	if len(unknown) > 0 {
		t.caution("The origin of %s is unknown; it corroborates nothing. Ask who really knew.", enumerate(unknown))
	}
}

// warnCircular names origins that were joined although they are declared to be
// different, and what of theirs stands apart and might corroborate after all.
func (t *tracing) warnCircular(names map[int][]string) {
	words := t.names(t.byWords)
	said := map[int]bool{}
	for i := range t.reports {
		g := t.group.find(i)
		if len(names[g]) < 2 || said[g] {
			continue
		}
		said[g] = true
		var declared, apart []string
		for _, n := range names[g] {
			declared = append(declared, t.written([]string{n}))
		}
		for j := range t.reports {
			w := t.byWords.find(j)
			if t.group.find(j) == g && len(words[w]) < 2 && t.origin[j] != "" && !t.compilation[j] {
				apart = append(apart, fmt.Sprintf("%s (%s)", t.id(j), t.written([]string{t.origin[j]})))
			}
		}
		line := fmt.Sprintf("%s are declared as different origins but reports of theirs repeat each other: circular reporting suspected; they count as one.", enumerate(declared))
		if len(apart) > 0 {
			line += fmt.Sprintf(" %s shares no words with the others' reports: if that is own knowledge, it is corroboration.", enumerate(apart))
		}
		t.cautions = append(t.cautions, line)
	}
}

// warnAttributed says where an origin rests only on a later report that repeats
// an older one without origin.
func (t *tracing) warnAttributed() {
	oldest := map[int]int{} // set -> its oldest report, if that names no origin
	for i := range t.reports {
		w := t.byWords.find(i)
		o, seen := oldest[w]
		switch {
		case !seen:
			oldest[w] = i
		case t.origin[o] == "" && t.origin[i] != "" && !t.compilation[i]:
			t.caution("%s came without an origin; %s, which repeats it, says %s.", t.id(o), t.id(i), t.written([]string{t.origin[i]}))
			oldest[w] = i // say it once
		}
	}
}

// warnPartial names pairs of different known origins that share a passage, too
// little to join them. Of each two groups the pair that shares most is named.
func (t *tracing) warnPartial(names map[int][]string, pairs []pair) {
	type groups struct{ a, b int }
	best := map[groups]pair{}
	for _, p := range pairs {
		g := groups{t.group.find(p.a), t.group.find(p.b)}
		if g.a == g.b || len(names[g.a]) == 0 || len(names[g.b]) == 0 || t.compilation[p.a] || t.compilation[p.b] {
			continue
		}
		if g.a > g.b {
			g = groups{g.b, g.a}
		}
		if had, ok := best[g]; !ok || p.shared > had.shared {
			best[g] = p
		}
	}
	list := make([]pair, 0, len(best))
	for _, p := range best {
		list = append(list, p)
	}
	slices.SortFunc(list, byIndex)
	for n, p := range list {
		if n == most {
			t.caution("%d further pairs of reports share a passage.", len(list)-most)
			break
		}
		t.caution("%s and %s share a passage (at least %d words), too little to take them for one origin; see whether one had the other's report.",
			t.id(p.a), t.id(p.b), p.words())
	}
}

// enumerate joins names as "a, b and c", and leaves out what is too many.
func enumerate[S ~string](list []S) string {
	texts := make([]string, 0, len(list))
	for _, s := range list {
		texts = append(texts, string(s))
	}
	if len(texts) > most {
		texts = append(texts[:most:most], fmt.Sprintf("%d more", len(list)-most))
	}
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " and " + texts[last]
}
