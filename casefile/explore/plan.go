package explore

import (
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
)

// Machine is what is explored. Zero fields stand for casefile's own functions;
// a test plants a fault by wrapping one of them.
type Machine struct {
	Decide func(casefile.State, casefile.Meta, casefile.Command) ([]casefile.Event, error)
	Apply  func(casefile.State, casefile.Event) casefile.State
}

// Bounds say how much of each thing a plan uses.
type Bounds struct {
	Victims   int      // how many are named
	Grounds   []string // waiver grounds that are proposed
	Refusals  bool     // refusals below the threshold, and as overtaken
	Handovers bool
	Reports   bool                 // further reports, and repeats of the first
	Assess    bool                 // findings and determinations; without them an obligation becomes owed by its clock
	Findings  bool                 // findings recorded again, and less than all of them at once, and the harm stated late
	Alerts    int                  // first warnings
	Following int                  // updates, cancels and all-clears
	Messages  []tocsin.MessageType // which of them; empty is all
	Narrow    bool                 // following messages that leave a recipient out are tried
	Versions  int                  // of one draft
	Writers   bool                 // who writes and who approves varies
	Partial   bool                 // alerts that leave the second victim out
	Attempts  int                  // tries of one rung
	Consent   bool                 // the first report is under originator control
	Exigent   bool
	Far       bool // the attack is stated, and far off
	Disputes  bool
	Transfers bool
	Turncoat  bool // a recipient turns out to belong to the threat actor
	Outcome   bool
	Closing   bool                 // closing and reopening
	Silent    bool                 // no recipient ever answers
	Manual    bool                 // services, confirmations and answers that people record
	Guard     bool                 // the guard asks before it releases, and tearlines are written and cleared
	Routes    bool                 // answers lead to an advisory or to the victim, and may change
	Seals     bool                 // the case is sealed to the analyst and the senior officer, and opened
	Editions  bool                 // a new edition of the first pack is taken up, once
	Kinds     []tocsin.WarningKind // of first warnings; empty is a warning to the victim
	Sample    int                  // see the package comment; 0 is 64
	States    int                  // give up beyond this many states; 0 is no limit
}

// Plan is one bounded case.
type Plan struct {
	Name       string
	Terms      tocsin.Terms
	Further    []tocsin.Terms // packs that may join; they give the powers that Terms gives
	Cast       []tocsin.Actor
	Recipients []tocsin.Recipient
	Bounds     Bounds
}

// Source is the origin of the first report of every explored case. One actor of
// DefaultCast handles it.
const Source = "source-1"

// DefaultCast has one actor for each role; a second one, who handles the source,
// for each role that may approve a waiver under t; the machine; the system of
// every recipient; and the system of somebody who is no recipient of the case.
func DefaultCast(t tocsin.Terms, to []tocsin.Recipient) []tocsin.Actor {
	var cast []tocsin.Actor
	for _, r := range tocsin.Roles() {
		if r != tocsin.RecipientRole {
			cast = append(cast, tocsin.Actor{ID: tocsin.ActorID(r), Roles: []tocsin.Role{r}})
		}
	}
	for _, r := range t.Powers[tocsin.MayApproveWaiver] {
		cast = append(cast, tocsin.Actor{ID: tocsin.ActorID(r + "-2"), Roles: []tocsin.Role{r}, Handles: []string{Source}})
	}
	for _, r := range to {
		cast = append(cast, tocsin.Actor{ID: tocsin.ActorID("system-of-" + r.ID), Roles: []tocsin.Role{tocsin.RecipientRole}, Recipient: r.ID})
	}
	return append(cast,
		tocsin.Actor{ID: "another-system", Roles: []tocsin.Role{tocsin.RecipientRole}, Recipient: "nobody-here"},
		tocsin.Actor{ID: "tocsin", Roles: []tocsin.Role{tocsin.Machine}})
}

// start is when every explored case begins. The moment means nothing.
var start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// far is a time that no explored path comes near.
var far = start.AddDate(10, 0, 0)

// actorGroup is what a recipient turns out to belong to under Bounds.Turncoat.
const actorGroup = "actor-front"

// world is a plan made ready: who holds which power, as indexes into the cast.
type world struct {
	Plan
	machine Machine
	index   map[tocsin.ActorID]int
	holders map[tocsin.Power][]int
	all     []int
	robot   int
	sample  int
	running []casefile.Clock // of the state whose moves were listed last
	// Masks of those cast members whose identity a later rule looks at.
	approvers, signers, affirmers, wording, settlers, clearers uint64
}

func newWorld(p Plan, m Machine) *world {
	if m.Decide == nil {
		m.Decide = casefile.Decide
	}
	if m.Apply == nil {
		m.Apply = casefile.Apply
	}
	w := &world{Plan: p, machine: m, index: map[tocsin.ActorID]int{}, holders: map[tocsin.Power][]int{}, robot: -1, sample: p.Bounds.Sample}
	if w.sample == 0 {
		w.sample = 64
	}
	if p.Bounds.Attempts > 0 {
		w.Terms.MaxAttempts = p.Bounds.Attempts
	}
	s := casefile.State{Terms: w.Terms}
	for i, a := range w.Cast {
		w.index[a.ID] = i
		w.all = append(w.all, i)
		if a.Has(tocsin.Machine) {
			w.robot = i
		}
		for _, pw := range tocsin.Powers() {
			if s.May(a, pw) {
				w.holders[pw] = append(w.holders[pw], i)
			}
		}
	}
	w.approvers = w.mask(tocsin.MayApproveWaiver)
	w.signers = w.mask(tocsin.MaySignRefusal)
	w.affirmers = w.mask(tocsin.MayAffirm)
	w.settlers = w.mask(tocsin.MaySettle)
	w.clearers = w.mask(tocsin.MayAskConsent)
	w.wording = w.mask(tocsin.MayApproveWording)
	if p.Bounds.Exigent {
		w.wording |= w.mask(tocsin.MayApproveExigent)
	}
	return w
}

func (w *world) mask(p tocsin.Power) uint64 {
	var m uint64
	for _, i := range w.holders[p] {
		m |= 1 << i
	}
	return m
}

// classes picks from those who hold p one for each way in which a later rule can
// tell them apart: one who is in later, and one who is not. Two who are in it are
// told apart only by having done something, and one of them has done nothing yet.
func (w *world) classes(p tocsin.Power, later uint64) []int {
	var out []int
	var seen [2]bool
	for _, i := range w.holders[p] {
		in := later >> i & 1
		if !seen[in] {
			out, seen[in] = append(out, i), true
		}
	}
	return out
}

func (w *world) recipient(id tocsin.RecipientID) int {
	return slices.IndexFunc(w.Recipients, func(r tocsin.Recipient) bool { return r.ID == id })
}
