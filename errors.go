package tocsin

import (
	"errors"
	"fmt"
)

// Kind is the class of an error, chosen by what the caller can do about it.
// A Kind is itself an error, so errors.Is(err, tocsin.Conflict) works.
type Kind string

// The kinds. Every edge maps them, and only them, to its own form: HTTP status,
// exit code, console text. An error of no kind is an internal fault and its
// text is never shown to a user.
const (
	Invalid     Kind = "invalid"     // the input is wrong; correct it and send it again
	Forbidden   Kind = "forbidden"   // this person may not do this; somebody else may
	Refused     Kind = "refused"     // the case's rules do not allow this step now
	NotFound    Kind = "not_found"   // it does not exist, or this person may not know that it does
	Conflict    Kind = "conflict"    // the case moved on; look at it again
	TooLarge    Kind = "too_large"   // over a limit; what arrived is kept in quarantine where that was possible
	Unavailable Kind = "unavailable" // try again later; nothing was recorded
)

// Error is the kind's name.
func (k Kind) Error() string { return string(k) }

// Error is an error meant for a person: what happened, what was kept, and what
// to do next. Cause, if any, is for the log and is not shown.
type Error struct {
	Kind  Kind   `json:"kind"`
	Code  string `json:"code"`           // stable word for programs, such as "approver_is_author"
	What  string `json:"what"`           // what happened
	Kept  string `json:"kept,omitempty"` // what was kept
	Do    string `json:"do,omitempty"`   // what to do next
	Cause error  `json:"-"`
	// Fields are the parts of the input that are wrong or missing, as the input's JSON
	// names them: reason, facts.contact.fa, findings.credible.reason. Empty where no
	// part by itself is at fault. An edge shows the error at its own name for them.
	Fields []string `json:"fields,omitempty"`
}

// Error is What, Kept and Do as one paragraph.
func (e *Error) Error() string {
	s := e.What
	if e.Kept != "" {
		s += " " + e.Kept
	}
	if e.Do != "" {
		s += " " + e.Do
	}
	return s
}

// Unwrap exposes the kind and the cause to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// Fault makes an Error. what is a full sentence; do says what to do next.
func Fault(kind Kind, code, what, do string) *Error {
	return &Error{Kind: kind, Code: code, What: what, Do: do}
}

// Faultf is Fault with a formatted first sentence.
func Faultf(kind Kind, code, do, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, What: fmt.Sprintf(format, args...), Do: do}
}

// Keeping returns a copy of e that says what was kept.
func (e *Error) Keeping(kept string) *Error {
	c := *e
	c.Kept = kept
	return &c
}

// At returns a copy of e that says which parts of the input it is about.
func (e *Error) At(fields ...string) *Error {
	c := *e
	c.Fields = fields
	return &c
}

// Within says of an error about a part of the input where that part stands in the
// whole: name becomes victim.name. Any other error it returns as it is.
func Within(part string, err error) error {
	var e *Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return err
	}
	fields := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		fields[i] = part + "." + f
	}
	return e.At(fields...)
}

// KindOf returns the kind of err, or "" for an internal fault.
func KindOf(err error) Kind {
	var k Kind
	if errors.As(err, &k) {
		return k
	}
	return ""
}
