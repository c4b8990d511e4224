package deliver

import (
	"context"
	"errors"
	"slices"
	"sort"
	"strings"

	"tocsin"
	"tocsin/release"
)

// Set is the channels of an installation by name.
type Set map[string]Channel

// NewSet makes a Set. Two channels of one name are an error, because which of
// them a rung means would be chance.
func NewSet(channels ...Channel) (Set, error) {
	s := Set{}
	for _, c := range channels {
		if _, ok := s[c.Name()]; ok {
			return nil, tocsin.Faultf(tocsin.Invalid, "channel_twice", "Keep one of them.", "The channel %s is configured twice.", c.Name())
		}
		s[c.Name()] = c
	}
	return s, nil
}

// Names lists the configured channels in alphabetical order.
func (s Set) Names() []string {
	names := make([]string, 0, len(s))
	for n := range s {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Channel returns the channel of that name. If there is none the error, of
// kind Invalid, says what is configured; draw on it when a ladder is written
// down, not first when somebody is to be warned.
func (s Set) Channel(name string) (Channel, error) {
	if c, ok := s[name]; ok {
		return c, nil
	}
	have := "No channel is configured."
	if len(s) > 0 {
		have = "Configured are " + strings.Join(s.Names(), ", ") + "."
	}
	return nil, tocsin.Faultf(tocsin.Invalid, "channel_not_configured",
		"Configure "+name+", or give the recipient a rung on a channel that is configured. "+have,
		"There is no channel %q here.", name)
}

// Send hands m to the channel that its rung names and compares the receipt with
// what was cleared. Any error is a *Failure.
//
// A receipt for other words than the cleared ones becomes an Uncertain failure:
// something was handed over, and the record must not say that it was this.
func (s Set) Send(ctx context.Context, m release.Message) (tocsin.Receipt, error) {
	c, err := s.Channel(m.Rung().Channel)
	if err != nil {
		if !m.Valid() {
			return tocsin.Receipt{}, Admit(m, m.Rung().Channel)
		}
		var e *tocsin.Error
		errors.As(err, &e)
		return tocsin.Receipt{}, Refusal(e)
	}
	r, err := c.Send(ctx, m)
	if err != nil {
		return tocsin.Receipt{}, AsFailure(err)
	}
	if r.Body != m.Body() || !slices.Contains([]string{"sent", "delivered", "assigned"}, r.State) {
		return tocsin.Receipt{}, &Failure{Class: Uncertain,
			Detail: "the receipt of channel " + c.Name() + " is not for the words that were cleared; have the administrator look at this channel before it is used again"}
	}
	return r, nil
}
