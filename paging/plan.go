package paging

import (
	"strings"
	"time"

	"tocsin"
)

// Ladder names the addresses that are tried in turn.
type Ladder string

// The ladders. Two are of the roles to which a missed clock is raised; who the
// supervisor is, the configuration says.
const (
	Duty       Ladder = Ladder(tocsin.DutyOfficer)
	Senior     Ladder = Ladder(tocsin.SeniorOfficer)
	Supervisor Ladder = "supervisor"
)

// Ladders lists them.
func Ladders() []Ladder { return []Ladder{Duty, Senior, Supervisor} }

// Rung is one address of somebody who is on call.
type Rung struct {
	Channel string `json:"channel"`
	Address string `json:"address"`
	Name    string `json:"name,omitempty"` // whom it reaches, for the console; it is never sent
}

// Plan is who is paged, and when.
type Plan struct {
	Origin  string        // of the console, for the link in a notice
	Unread  time.Duration // after which a report that nobody of the watch has looked at pages the supervisor
	Next    time.Duration // between a notice and the next rung's
	Ladders map[Ladder][]Rung
}

// longest is how long a page that nobody answers waits between two notices, once it
// has been around its ladder often enough. It bounds also how long a further report
// or clock, which rings with the page that goes on, can be silent.
const longest = 15 * time.Minute

// wait is how long after a notice of a round the next follows: each round around
// the ladder takes twice as long as the one before, so that a night's page does not
// drown the next, and never longer than longest.
func (p Plan) wait(round int) time.Duration {
	return max(min(p.Next<<min(round, 16), longest), p.Next)
}

// Check says what is wrong with a plan, or nil. has reports whether there is a
// pager of that name.
func (p Plan) Check(has func(channel string) bool) error {
	const do = "Correct paging in the configuration; see the runbook."
	if !originOK(p.Origin) {
		return tocsin.Fault(tocsin.Invalid, "paging_origin", "A page must say where the console is, and the configuration does not.", "Set access.origin, such as https://tocsin.example.org.")
	}
	if p.Unread < time.Second || p.Next < time.Second || p.Next > 24*time.Hour {
		return tocsin.Fault(tocsin.Invalid, "paging_clock", "The clocks of paging are at least one second, and next at most a day.", do)
	}
	for _, l := range Ladders() {
		if len(p.Ladders[l]) == 0 {
			return tocsin.Faultf(tocsin.Invalid, "paging_nobody", do, "Nobody is on call as %s.", l)
		}
		for _, r := range p.Ladders[l] {
			if r.Address == "" || !has(r.Channel) {
				return tocsin.Faultf(tocsin.Invalid, "paging_channel", do, "%s cannot be paged over channel %q at %q: no such channel is set up, or the address is missing.", l, r.Channel, r.Address)
			}
		}
	}
	return nil
}

// originOK reports whether s is where a console can be: a scheme and a host, and
// nothing behind it, so that a link carries nothing else.
func originOK(s string) bool {
	host, secure := strings.CutPrefix(s, "https://")
	if !secure {
		var plain bool
		if host, plain = strings.CutPrefix(s, "http://"); !plain {
			return false
		}
	}
	host = strings.TrimSuffix(host, "/")
	return host != "" && len(host) <= 253 && strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") == ""
}
