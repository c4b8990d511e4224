package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aymanbagabas/go-udiff"

	"tocsin"
	"tocsin/casefile"
)

// Version is one version of a warning's words and recipients, and what became of
// it.
type Version struct {
	Number   int            `json:"number"`
	At       time.Time      `json:"at"`
	By       tocsin.ActorID `json:"by"`
	Digest   tocsin.Digest  `json:"digest"`
	Draft    tocsin.Draft   `json:"draft"`
	Approved tocsin.ActorID `json:"approved,omitempty"`
	Returned string         `json:"returned,omitempty"` // why it was sent back
	Released time.Time      `json:"released,omitzero"`
	// Changes are against the last version before this one that was approved, or,
	// where none was, against the one before: what an approver has not read yet.
	Against int      `json:"against,omitempty"` // that version's number; 0 for a first version
	Changes []Change `json:"changes,omitempty"`
}

// Change is one part of a warning that differs between two versions.
type Change struct {
	Part   string `json:"part"` // such as "en body", "recipients", "window"
	Before string `json:"before"`
	After  string `json:"after"`
	Diff   string `json:"diff"` // of the lines, in the unified form without a head
}

// Versions lists the versions of one warning from the events of its case, the
// first first.
func Versions(events []casefile.Event, id tocsin.WarningID) []Version {
	var all []Version
	at := func(n int) *Version {
		for i := range all {
			if all[i].Number == n {
				return &all[i]
			}
		}
		return &Version{} // a record out of order says nothing
	}
	for _, e := range events {
		switch e := e.(type) {
		case casefile.WarningDrafted:
			if e.Draft.Warning != id {
				continue
			}
			v := Version{Number: e.Draft.Version, At: e.At, By: e.By, Digest: e.Digest, Draft: e.Draft}
			if before := basisOf(all); before != nil {
				v.Against, v.Changes = before.Number, changes(before.Draft, v.Draft)
			}
			all = append(all, v)
		case casefile.WarningApproved:
			if e.Warning == id {
				at(e.Version).Approved = e.By
			}
		case casefile.WarningReturned:
			if e.Warning == id {
				at(e.Version).Returned = e.Reason
			}
		case casefile.WarningReleased:
			if e.Clearance.Warning == id {
				at(e.Clearance.Version).Released = e.At
			}
		}
	}
	return all
}

// basisOf is the version that a new one is compared with.
func basisOf(all []Version) *Version {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Approved != "" {
			return &all[i]
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &all[len(all)-1]
}

func changes(a, b tocsin.Draft) []Change {
	was, is := parts(a), parts(b)
	var names []string
	for _, p := range append(slices.Clone(is), was...) {
		if !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	var out []Change
	for _, name := range names {
		if x, y := partOf(was, name), partOf(is, name); x != y {
			out = append(out, Change{name, x, y, unified(x, y)})
		}
	}
	return out
}

// unified is the difference of two texts by lines, without the head that names
// files.
func unified(a, b string) string {
	lines := func(s string) string {
		if s == "" || strings.HasSuffix(s, "\n") {
			return s
		}
		return s + "\n"
	}
	d := udiff.Unified("a", "b", lines(a), lines(b))
	if i := strings.Index(d, "@@"); i >= 0 {
		d = d[i:]
	}
	return d
}

// part is one piece of a warning that an approval is bound to, as text.
type part struct{ name, text string }

func partOf(all []part, name string) string {
	i := slices.IndexFunc(all, func(p part) bool { return p.name == name })
	if i < 0 {
		return ""
	}
	return all[i].text
}

func parts(d tocsin.Draft) []part {
	var all []part
	for _, t := range d.Texts {
		all = append(all, part{t.Language + " subject", t.Subject}, part{t.Language + " body", t.Body})
	}
	var to, about []string
	for _, r := range d.Recipients {
		to = append(to, fmt.Sprintf("%s (%s)", r.Name, r.ID))
		for _, g := range r.Ladder {
			to = append(to, fmt.Sprintf("  %d. %s %s to %s", g.Level, g.Channel, g.Address, g.Addressee))
		}
	}
	for _, v := range d.Victims {
		about = append(about, string(v))
	}
	window := ""
	if !d.Window.Earliest.IsZero() || !d.Window.Latest.IsZero() {
		window = d.Window.Earliest.Format(time.RFC3339) + " to " + d.Window.Latest.Format(time.RFC3339)
	}
	return append(all, part{"recipients", strings.Join(to, "\n")}, part{"victims", strings.Join(about, "\n")}, part{"kind", string(d.Kind)},
		part{"marking", d.Marking}, part{"window", window}, part{"pack", d.Pack.Name + " " + d.Pack.Version + " " + string(d.Pack.Digest)})
}
