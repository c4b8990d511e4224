package console

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/view"
)

// recent keeps what costs most of a case's page for the cases that were looked at
// last: the record read, and what the guard said. An open page asks for itself anew
// whenever anything that its person may see has happened, mostly elsewhere. What is
// kept is of one version of the case, and is given out only to make a page for
// somebody who may see that case.
type recent struct {
	mu    sync.Mutex
	cases map[tocsin.CaseID]keptCase
	order []tocsin.CaseID // the one looked at last is last
}

type keptCase struct {
	version int
	record  []happened
	guard   map[guardAsked][]tocsin.GuardFinding
}

// guardAsked is all that the guard's answer hangs on beside the version of the case.
// Time and the rights of an approver move on by themselves, so an answer is good for
// the minute in which it was given. A release always asks the guard anew.
type guardAsked struct {
	warning tocsin.WarningID
	by      tocsin.ActorID
	roles   string
	minute  int64
}

// keptCases is how many cases are kept.
const keptCases = 64

// at returns what is kept of a case at a version.
func (r *recent) at(id tocsin.CaseID, version int) (keptCase, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.cases[id]
	return k, ok && k.version == version
}

// keep remembers something of a case at a version, unless a later one is known.
func (r *recent) keep(id tocsin.CaseID, version int, change func(*keptCase)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.cases[id]
	if k.version > version {
		return
	}
	if k.version < version {
		k = keptCase{version: version}
	}
	change(&k)
	if r.cases == nil {
		r.cases = map[tocsin.CaseID]keptCase{}
	}
	r.cases[id] = k
	r.order = append(slices.DeleteFunc(r.order, func(o tocsin.CaseID) bool { return o == id }), id)
	if len(r.order) > keptCases {
		delete(r.cases, r.order[0])
		r.order = slices.Delete(r.order, 0, 1)
	}
}

// events reads the events of a case up to the version that is shown.
func (c *Console) events(ctx context.Context, s casefile.State) ([]happened, error) {
	if k, ok := c.recent.at(s.ID, s.Version); ok && k.record != nil {
		return k.record, nil
	}
	out := make([]happened, 0, s.Version)
	for r, err := range c.cfg.Store.Load(ctx, view.CasePrefix+string(s.ID)) {
		if err != nil {
			return nil, err
		}
		if r.Seq > s.Version {
			break
		}
		e, err := view.Event(r)
		if err != nil {
			return nil, err
		}
		out = append(out, happened{r, e})
	}
	c.recent.keep(s.ID, s.Version, func(k *keptCase) { k.record = out })
	return out, nil
}

// preview is what the guard would say now.
func (c *Console) preview(v *visit, s casefile.State, w tocsin.WarningID) ([]tocsin.GuardFinding, error) {
	var roles []string
	for _, r := range v.by.Roles {
		roles = append(roles, string(r))
	}
	asked := guardAsked{w, v.by.ID, strings.Join(roles, " "), v.now.Truncate(time.Minute).Unix()}
	if k, ok := c.recent.at(s.ID, s.Version); ok {
		if findings, ok := k.guard[asked]; ok {
			return findings, nil
		}
	}
	findings, err := c.cfg.Engine.Preview(v.by, s.ID, w)
	if err != nil {
		return nil, err
	}
	c.recent.keep(s.ID, s.Version, func(k *keptCase) {
		answers := map[guardAsked][]tocsin.GuardFinding{asked: findings}
		for a, f := range k.guard {
			if a.minute == asked.minute {
				answers[a] = f
			}
		}
		k.guard = answers
	})
	return findings, nil
}
