package explore

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tocsin/casefile"
)

// Result is what a search found.
type Result struct {
	Plan        string
	States      int            // visited, told apart by their sketches
	Transitions int            // commands accepted and clocks run out
	Refused     int            // commands refused
	Depth       int            // length of the longest of all shortest paths
	Whole       bool           // every state within the bounds was visited
	Commands    map[string]int // accepted, by kind
	Events      map[string]int // by kind
	Rechecked   int            // states expanded a second time from another path
	Coarse      string         // the first disagreement between the two, "" if none: the abstraction does not hold
	Violation   *Violation     // nil if every invariant holds
}

// Violation is an invariant that does not hold, with a shortest path to it.
type Violation struct {
	Invariant int // of design section 4; 0 for the rules that casefile sets itself
	What      string
	Path      []string // one line for each step, the last one the step that breaks it
}

// String tells what is wrong and, step by step, how it comes to that.
func (v *Violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "invariant %d is broken: %s\nhow it comes to that:\n", v.Invariant, v.What)
	for i, line := range v.Path {
		fmt.Fprintf(&b, "  %2d. %s\n", i+1, line)
	}
	return b.String()
}

// node is how a state was first reached: by which move, counted among all moves,
// of which earlier state. Paths are rebuilt from these.
type node struct {
	parent int32
	move   int32
	depth  int32
	after  uint64 // digest of the set of successors, once expanded
}

type search struct {
	w     *world
	pen   pen
	nodes []node
	known map[sketch]int32
	queue []casefile.State // states to expand; queue[i] belongs to node head+i
	head  int
	again []second
	res   Result
	buf   []move
	kids  []sketch
}

// second is another state with a sketch that was known already.
type second struct {
	node int32
	s    casefile.State
}

// Run explores p on m until everything within the bounds has been visited, the
// bound on states is reached, or an invariant is broken.
func Run(p Plan, m Machine) Result {
	x := &search{w: newWorld(p, m), known: map[sketch]int32{}}
	x.pen.w = x.w
	x.res = Result{Plan: p.Name, Commands: map[string]int{}, Events: map[string]int{}}
	x.add(casefile.State{}, node{parent: -1, move: -1})
	for len(x.queue) > 0 {
		if n := x.w.Bounds.States; n > 0 && len(x.nodes) > n {
			return x.res
		}
		s := x.queue[0]
		x.queue[0] = casefile.State{}
		x.queue = x.queue[1:]
		if !x.expand(int32(x.head), s) {
			return x.res
		}
		x.head++
	}
	x.res.Whole = true
	x.recheck()
	return x.res
}

func (x *search) add(s casefile.State, n node) {
	k := x.pen.sketch(s)
	if _, ok := x.known[k]; ok {
		return
	}
	x.known[k] = int32(len(x.nodes))
	x.nodes = append(x.nodes, n)
	x.queue = append(x.queue, s)
	x.res.States = len(x.nodes)
	x.res.Depth = max(x.res.Depth, int(n.depth))
}

// expand tries every move from s. It returns false if an invariant is broken.
func (x *search) expand(at int32, s casefile.State) bool {
	if f := x.w.holdsIn(s); f != nil {
		x.broken(at, nil, f)
		return false
	}
	if int(at)%x.w.sample == 0 && !x.full(at, s) {
		return false
	}
	x.buf = x.w.moves(s, false, x.buf)
	x.kids = x.kids[:0]
	for i := range x.buf {
		m := &x.buf[i]
		events, err := x.w.try(s, m)
		if err != nil {
			x.res.Refused++
			continue
		}
		next, f := x.w.follow(s, m, events)
		if f != nil {
			x.broken(at, m, f)
			return false
		}
		x.count(m, events)
		k := x.pen.sketch(next)
		x.kids = append(x.kids, k)
		to, ok := x.known[k]
		if !ok {
			x.add(next, node{parent: at, move: int32(i), depth: x.nodes[at].depth + 1})
			continue
		}
		if x.res.Transitions%(x.w.sample*16) == 0 && to != at {
			x.again = append(x.again, second{to, next})
		}
	}
	x.nodes[at].after = digest(x.kids)
	return true
}

func (x *search) count(m *move, events []casefile.Event) {
	x.res.Transitions++
	x.res.Commands[m.command.Kind()]++
	for _, e := range events {
		x.res.Events[e.Kind()]++
	}
}

// full tries every actor and every wrong content from s, and holds what is
// accepted against what is allowed. It adds no states.
func (x *search) full(at int32, s casefile.State) bool {
	if f := x.w.comesToRest(s); f != nil {
		x.broken(at, nil, f)
		return false
	}
	was := written(s)
	a := newAgreement(x.w, s)
	moves := x.w.moves(s, true, nil)
	for i := range moves {
		m := &moves[i]
		events, err := x.w.try(s, m)
		if err != nil {
			x.res.Refused++
			if f := speaks(err); f != nil {
				x.broken(at, m, f)
				return false
			}
			continue
		}
		_, f := x.w.follow(s, m, events)
		if f == nil {
			f = a.accepted(m)
		}
		if f != nil {
			x.broken(at, m, f)
			return false
		}
		x.count(m, events)
	}
	f := a.missing()
	if f == nil && written(s) != was {
		f = faultf(0, "trying commands has changed the state that they were tried on")
	}
	if f != nil {
		x.broken(at, nil, f)
		return false
	}
	return true
}

// written is a state as text, to see whether it has changed.
func written(s casefile.State) string {
	b, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// digest names a set of sketches.
func digest(kids []sketch) uint64 {
	slices.SortFunc(kids, compare)
	h := uint64(14695981039346656037)
	for i, k := range kids {
		if i > 0 && k == kids[i-1] {
			continue
		}
		h = (h ^ binary.LittleEndian.Uint64(k[:8])) * 1099511628211
	}
	return h
}

func compare(a, b sketch) int {
	x, y := binary.LittleEndian.Uint64(a[:8]), binary.LittleEndian.Uint64(b[:8])
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return slices.Compare(a[8:], b[8:])
}

// recheck expands states that were reached a second time by another path: equal
// sketches must lead to equal sketches.
func (x *search) recheck() {
	for _, o := range x.again {
		x.buf = x.w.moves(o.s, false, x.buf)
		x.kids = x.kids[:0]
		for i := range x.buf {
			events, err := x.w.try(o.s, &x.buf[i])
			if err != nil {
				continue
			}
			next, f := x.w.follow(o.s, &x.buf[i], events)
			if f != nil {
				x.broken(o.node, &x.buf[i], f)
				return
			}
			x.kids = append(x.kids, x.pen.sketch(next))
		}
		x.res.Rechecked++
		if digest(x.kids) != x.nodes[o.node].after && x.res.Coarse == "" {
			x.res.Coarse = x.disagreement(o)
		}
	}
}

// disagreement says how a state and another with the same sketch differ in what
// can follow.
func (x *search) disagreement(o second) string {
	_, first := x.rebuild(o.node)
	list := func(s casefile.State) map[sketch]string {
		out := map[sketch]string{}
		for _, m := range x.w.moves(s, false, nil) {
			if events, err := x.w.try(s, &m); err == nil {
				next, _ := x.w.follow(s, &m, events)
				out[x.pen.sketch(next)] = x.w.line(s, &m, events)
			}
		}
		return out
	}
	var b strings.Builder
	path, _ := x.rebuild(o.node)
	fmt.Fprintf(&b, "equal sketches, different futures; one is reached by\n  %s\n", strings.Join(path, "\n  "))
	one, two := list(first), list(o.s)
	for k, l := range one {
		if _, ok := two[k]; !ok {
			fmt.Fprintf(&b, "only from it: %s\n", l)
		}
	}
	for k, l := range two {
		if _, ok := one[k]; !ok {
			fmt.Fprintf(&b, "only from the other: %s\n", l)
		}
	}
	return b.String()
}

// broken records the violation with its path: how the state was reached, and the
// move that broke it, if it was a move.
func (x *search) broken(at int32, m *move, f *fault) {
	path, s := x.rebuild(at)
	if m != nil {
		events, _ := x.w.try(s, m)
		path = append(path, x.w.line(s, m, events))
	}
	x.res.Violation = &Violation{Invariant: f.invariant, What: f.what, Path: path}
}

// rebuild walks from the beginning to a node again, by the moves noted.
func (x *search) rebuild(at int32) ([]string, casefile.State) {
	var steps []int32
	for n := at; x.nodes[n].parent >= 0; n = x.nodes[n].parent {
		steps = append(steps, x.nodes[n].move)
	}
	slices.Reverse(steps)
	var path []string
	var s casefile.State
	for _, i := range steps {
		m := x.w.moves(s, false, nil)[i]
		events, err := x.w.try(s, &m)
		if err != nil {
			return append(path, "(this path cannot be walked again: "+err.Error()+")"), s
		}
		path = append(path, x.w.line(s, &m, events))
		for _, e := range events {
			s = x.w.machine.Apply(s, e)
		}
	}
	return path, s
}

// line is one step for a reader: who did what, and what the record says of it.
func (w *world) line(s casefile.State, m *move, events []casefile.Event) string {
	name := func(t string) string {
		if d, ok := s.Delivery(keyOf(t)); ok {
			return "delivery of " + string(d.Warning) + " to " + d.Addressee
		}
		return t
	}
	var kinds []string
	for _, e := range events {
		kinds = append(kinds, strings.ReplaceAll(e.Kind(), "_", " "))
	}
	line := string(w.Cast[m.actor].ID) + " " + m.words
	if m.target != "" {
		line += " " + name(m.target)
	}
	if m.clock != nil {
		line = strings.TrimSpace(m.words + strings.ReplaceAll(string(m.clock.Name), "_", " ") + " " + name(m.clock.Target))
	}
	return line + "  [" + strings.Join(kinds, ", ") + "]"
}
