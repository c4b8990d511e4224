package packfile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tocsin"
)

// maxTold is how many problems one error tells; the rest are counted.
const maxTold = 12

// Problem is one mistake in a pack: where it is and what to write instead.
type Problem struct {
	File  string // relative to the pack's folder; "../set/..." in a set of texts beside it
	Line  int    // from 1
	What  string
	Write string
}

// String is the problem as a line of a compiler's error.
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d: %s; %s", p.File, p.Line, p.What, p.Write)
}

// Problems gathers every mistake of one pack, so that its author sees them all
// at once. The zero value is ready.
type Problems struct {
	list []Problem
}

// Add adds one problem.
func (p *Problems) Add(file string, line int, what, write string) {
	p.list = append(p.list, Problem{File: file, Line: max(line, 1), What: what, Write: write})
}

// None reports whether there is no problem so far.
func (p *Problems) None() bool { return len(p.list) == 0 }

// refusal is the error of a pack with problems: a fault for a person, and the
// problems one by one for a program.
type refusal struct {
	fault    *tocsin.Error
	problems []Problem
}

func (r *refusal) Error() string { return r.fault.Error() }
func (r *refusal) Unwrap() error { return r.fault }

// ProblemsIn returns the problems that err tells, in the order of file and line,
// or nil if it is not an error of Problems.Err.
func ProblemsIn(err error) []Problem {
	var r *refusal
	if errors.As(err, &r) {
		return slices.Clone(r.problems)
	}
	return nil
}

// Err returns nil, or one Invalid error that tells the problems in the order of
// file and line.
func (p *Problems) Err(pack string) error {
	if len(p.list) == 0 {
		return nil
	}
	sorted := slices.Clone(p.list)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	var told []string
	for _, one := range sorted[:min(len(sorted), maxTold)] {
		place := pack + "/" + one.String()
		if beside, ok := strings.CutPrefix(one.String(), "../"); ok {
			place = beside
		}
		told = append(told, place)
	}
	if more := len(sorted) - maxTold; more > 0 {
		told = append(told, fmt.Sprintf("and %d more", more))
	}
	fault := tocsin.Faultf(tocsin.Invalid, "pack_invalid", "Correct the pack; nothing of it is in use until all of it is right.",
		"The pack %s cannot be used:\n%s\n", pack, strings.Join(told, "\n"))
	return &refusal{fault, sorted}
}
