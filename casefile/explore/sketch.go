package explore

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"tocsin"
	"tocsin/casefile"
)

// sketch is the abstraction of a state: everything that can make a difference to
// what Decide accepts or to an invariant, without times, words and identifiers.
// Two victims with swapped roles give one sketch. Left out, because nothing looks
// at them: texts, reasons, review counts, how often a clock was raised (except
// where that opens the exigent path), settled disputes, repeated reports.
type sketch [16]byte

// pen writes one sketch. Its buffers are used again for the next.
type pen struct {
	w          *world
	a, b       []byte
	deliveries []int
}

func (p *pen) sketch(s casefile.State) sketch {
	p.a = p.state(p.a[:0], s, false)
	short := p.a
	if len(s.Victims) == 2 {
		p.b = p.state(p.b[:0], s, true)
		if bytes.Compare(p.b, p.a) < 0 {
			short = p.b
		}
	}
	sum := sha256.Sum256(short)
	return sketch(sum[:16])
}

func flags(bits ...bool) byte {
	var b byte
	for i, on := range bits {
		if on {
			b |= 1 << i
		}
	}
	return b
}

func (p *pen) state(b []byte, s casefile.State, swap bool) []byte {
	b = append(b, flags(s.Version > 0, s.Closed, s.Outcome != nil, s.OutcomeStale, s.Exigent != nil, len(s.Threat.ActorGroups) > 0, s.Threat.Harm != "", s.Threat.Window.Known()))
	b = append(b, byte(len(s.Further)), flags(s.Version > 0 && s.Terms.Pack != p.w.Terms.Pack, s.Sealed != nil))
	if p.w.Bounds.Seals {
		var counts []string // a missed clock opens it to those to whom it is raised
		for _, c := range casefile.Clocks(s) {
			if c.Count > 0 {
				counts = append(counts, fmt.Sprint(c.Name, c.Target, min(c.Count, 3)))
			}
		}
		slices.Sort(counts)
		for _, c := range counts {
			b = append(append(b, c...), 0)
		}
	}
	b = p.office(b, s)
	for i := range s.Victims {
		b = p.victim(b, s, s.Victims[at(i, swap)])
	}
	b = append(b, 0xfe)
	for _, w := range s.Warnings {
		b = p.warning(b, s, w, swap)
	}
	b = append(b, 0xfe)
	b = p.allDeliveries(b, s)
	b = append(b, 0xfe)
	b = p.parities(b, s, swap)
	return p.late(b, s, swap)
}

// at is the index of the i-th victim, counted from the other end if swap.
func at(i int, swap bool) int {
	if swap {
		return 1 - i
	}
	return i
}

// who is a cast member's index, for comparison only where later rules look at it.
func (p *pen) who(id tocsin.ActorID, later uint64) byte {
	i, ok := p.w.index[id]
	if !ok || later&(1<<i) == 0 {
		return 0xff
	}
	return byte(i)
}

func (p *pen) whos(b []byte, ids []tocsin.ActorID, later uint64) []byte {
	var m uint64
	for _, id := range ids {
		if i, ok := p.w.index[id]; ok {
			m |= 1 << i
		}
	}
	m &= later
	return append(b, byte(m), byte(m>>8), byte(m>>16), byte(m>>24))
}

const everybody = ^uint64(0)

func (p *pen) office(b []byte, s casefile.State) []byte {
	b = append(b, p.who(s.Owner, everybody))
	if t := s.Transfer; t != nil {
		b = append(b, 1, p.who(t.To, everybody), p.who(t.By, everybody))
	}
	b = append(b, 0xfd)
	b = p.whos(b, s.SeenGrade, p.w.signers)
	for _, r := range s.Reports {
		if !r.Controlled {
			continue
		}
		c := byte(0)
		for _, x := range s.Consents {
			if x.Report == r.ID {
				c = 1 | flags(false, !x.Answered.IsZero(), x.Granted)
			}
		}
		b = append(b, 0xf0|c)
	}
	for _, t := range s.Tearlines {
		b = append(b, 0xc0, flags(t.ClearedBy != ""), p.who(t.By, p.w.clearers))
	}
	for _, d := range s.Disputes {
		if d.Settled.IsZero() {
			b = append(b, 0xe0, p.who(d.By, p.w.settlers))
		}
	}
	for _, d := range s.Duties {
		b = append(b, 0xd0, byte(len(d.Warning)), d.Warning[len(d.Warning)-1], flags(d.Done.IsZero()))
	}
	return append(b, 0xfd)
}

func (p *pen) victim(b []byte, s casefile.State, v casefile.Victim) []byte {
	b = append(b, v.Disposition[0], v.Disposition[1], flags(v.How == casefile.HowAcknowledged))
	for _, u := range s.Under(v) {
		st, found := u.Standing, len(u.Found(v.Findings))
		b = append(b, flags(found > 0, found >= len(u.Terms.Elements), st.Determination != nil, st.Stale, st.Affirmed != "",
			st.Determination != nil && st.Determination.Result == tocsin.ResultNotOwed, // owed and doubtful are one to every rule
			st.Determination != nil && st.Determination.Route == tocsin.RouteVictim, st.Determination != nil && st.Determination.Route == tocsin.RouteAdvisory))
	}
	b = p.whos(b, v.Graders, p.w.signers)
	var m uint64
	for _, f := range v.Findings {
		if i, ok := p.w.index[f.By]; ok {
			m |= 1 << i
		}
	}
	m &= p.w.affirmers
	b = append(b, byte(m), byte(m>>8))
	if w := v.Waiver; w != nil {
		b = append(b, 1, byte(slices.IndexFunc(p.w.Terms.Grounds, func(g tocsin.Ground) bool { return g.ID == w.Ground })), flags(w.Approver != "", len(w.Further) > 0))
		if w.Approver == "" {
			b = append(b, p.who(w.Proposer, p.w.approvers))
		}
	}
	if r := v.Refusal; r != nil {
		b = append(b, 2, r.Ground[0], flags(r.Signer != ""))
		if r.Signer == "" {
			b = append(b, p.who(r.Proposer, p.w.signers))
		}
	}
	if h := v.Handover; h != nil {
		b = append(b, 3, flags(!h.Accepted.IsZero()))
	}
	return append(b, 0xfc)
}

func (p *pen) warning(b []byte, s casefile.State, w casefile.Warning, swap bool) []byte {
	var about byte
	for i := range s.Victims {
		if slices.Contains(w.Draft.Victims, s.Victims[at(i, swap)].ID) {
			about |= 1 << i
		}
	}
	var to byte
	for _, r := range w.Draft.Recipients {
		to |= 1 << p.w.recipient(r.ID)
	}
	released := byte(0)
	for _, o := range s.Warnings {
		if w.Clearance != nil && o.Clearance != nil && o.Order <= w.Order {
			released++
		}
	}
	end := byte(0)
	if w.EndedBy != "" {
		end = w.EndedBy[len(w.EndedBy)-1]
	}
	refers := byte(0)
	if w.Draft.Refers != "" {
		refers = w.Draft.Refers[len(w.Draft.Refers)-1]
	}
	under := slices.IndexFunc(s.Packs(), func(t tocsin.Terms) bool { return t.Pack == w.Draft.Pack })
	var before byte // of those whom the danger has become graver for since
	for i := range s.Victims {
		if w.Clearance != nil && w.Order < s.Victims[at(i, swap)].Afresh {
			before |= 1 << i
		}
	}
	b = append(b, byte(under), before, w.Draft.Message[0], w.Draft.Message[1], w.Draft.Kind[0], w.Draft.Kind[1], byte(w.Draft.Version), about, to, released, end, refers,
		flags(w.Approval != nil, w.Returned != "", len(w.Refused) > 0, w.Untold, len(w.Refused) > 0 && w.Refused[0].Level == tocsin.GuardAsk, answered(w, 0), answered(w, 1)))
	if w.Clearance == nil {
		b = p.whos(b, w.Authors, p.w.wording)
	}
	return b
}

// answered reports whether question i of those that the guard asks here is answered.
func answered(w casefile.Warning, i int) bool {
	return slices.ContainsFunc(w.Answers, func(a casefile.FindingAnswer) bool { return a.Finding == questions[i] })
}

// allDeliveries writes the deliveries in an order of their own: in which order they
// were planned makes no difference.
func (p *pen) allDeliveries(b []byte, s casefile.State) []byte {
	p.deliveries = p.deliveries[:0]
	for i := range s.Deliveries {
		p.deliveries = append(p.deliveries, i)
	}
	rank := func(i int) int {
		d := &s.Deliveries[i]
		return int(d.Warning[len(d.Warning)-1])<<16 | p.w.recipient(d.Recipient)<<8 | d.Rung
	}
	slices.SortFunc(p.deliveries, func(i, j int) int { return rank(i) - rank(j) })
	for _, i := range p.deliveries {
		d := &s.Deliveries[i]
		st := d.State
		if st == casefile.Acting {
			st = casefile.AckedState // no rule tells them apart
		}
		b = append(b, d.Warning[len(d.Warning)-1], byte(p.w.recipient(d.Recipient)), byte(d.Rung), st[0], st[1], st[2],
			byte(min(d.Attempt, max(p.w.Terms.MaxAttempts, 1))), flags(d.FirstTry.IsZero(), d.NotBefore.IsZero(), d.Raised))
	}
	return b
}

func (p *pen) parities(b []byte, s casefile.State, swap bool) []byte {
	for _, w := range s.Warnings {
		for i := range s.Victims {
			for _, q := range s.Parities {
				if q.Warning == w.ID && q.Victim == s.Victims[at(i, swap)].ID {
					b = append(b, w.ID[len(w.ID)-1], byte(i), flags(q.Decided.IsZero()))
				}
			}
		}
	}
	return b
}

// late writes which clocks have been missed, where that opens the exigent path.
func (p *pen) late(b []byte, s casefile.State, swap bool) []byte {
	if !s.Threat.Window.Known() || s.Exigent != nil {
		return b
	}
	var set [8]byte
	for _, m := range s.Missed {
		if m.Clock != tocsin.ClockConsent && m.Clock != tocsin.ClockFirstDelivery && m.Clock != casefile.ClockUntold {
			continue
		}
		for _, c := range casefile.Clocks(s) {
			if c.Name != m.Clock || c.Target != m.Target || !c.Anchor.Equal(m.Anchor) {
				continue
			}
			i := slices.IndexFunc(s.Victims, func(v casefile.Victim) bool { return string(v.ID) == m.Target })
			j := slices.IndexFunc(s.Deliveries, func(d casefile.Delivery) bool { return string(d.Key) == m.Target })
			switch {
			case m.Clock == casefile.ClockUntold:
				set[6] |= 1
			case i >= 0:
				set[0] |= 1 << at(i, swap && len(s.Victims) == 2)
			case j >= 0:
				d := s.Deliveries[j]
				set[1+d.Rung%3] |= 1 << (p.w.recipient(d.Recipient)*3 + int(d.Warning[len(d.Warning)-1]-'1'))
			default:
				set[7] |= 1
			}
		}
	}
	return append(b, set[:]...)
}
