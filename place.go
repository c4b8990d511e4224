package tocsin

import (
	"math"
	"strings"
)

// Whereabouts is what a person said about where a place lies that is named in a
// case: which of the places of that name is meant, or that none of them is. It is
// complete in itself: no record is read through the gazetteer that it was chosen
// from.
type Whereabouts struct {
	Victim  VictimID `json:"victim,omitempty" doc:"Whose place it is; absent for the place of the threat"`
	Words   string   `json:"words" doc:"The place as the case names it"`
	None    bool     `json:"none,omitempty" doc:"None of the places of that name is meant"`
	Name    string   `json:"name,omitempty" doc:"The place that is meant"`
	Country string   `json:"country,omitempty" doc:"ISO 3166-1 alpha-2, upper case"`
	Region  string   `json:"region,omitempty"`
	Lat     float64  `json:"lat,omitempty" doc:"Degrees north, WGS 84"`
	Lon     float64  `json:"lon,omitempty" doc:"Degrees east, WGS 84"`
	By      ActorID  `json:"by,omitempty" doc:"Who said so; whoever gives the command"`
}

// Validate says what is wrong with w.
func (w Whereabouts) Validate() error {
	switch {
	case w.Words == "":
		return Fault(Invalid, "whereabouts_without_words", "Whereabouts do not say which words of the case they are about.", "Give the words as the case has them, such as Springfield.")
	case w.None && (w.Name != "" || w.Country != "" || w.Region != "" || w.Lat != 0 || w.Lon != 0):
		return Faultf(Invalid, "whereabouts_and_none", "Give either a place, or none.", "For %q a place is given and also that none is meant.", w.Words)
	case !w.None && w.Name == "":
		return Faultf(Invalid, "whereabouts_without_name", "Give the name of the place that is meant; tocsin place NAME lists candidates.", "For %q no place is given.", w.Words)
	case math.IsNaN(w.Lat) || math.IsNaN(w.Lon) || math.Abs(w.Lat) > 90 || math.Abs(w.Lon) > 180:
		return Faultf(Invalid, "coordinates", "Give degrees: latitude from -90 to 90, longitude from -180 to 180.", "The coordinates given for %q are none.", w.Words)
	case w.Country != "" && !countryShaped(w.Country):
		return Faultf(Invalid, "country", "Use two capital letters, such as IR.", "%q is not a country's code.", w.Country)
	}
	return nil
}

func countryShaped(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

// jurisdictionShaped reports whether s has the form of a country's code, or of that
// of a part of it (ISO 3166-2).
func jurisdictionShaped(s string) bool {
	country, part, divided := strings.Cut(s, "-")
	return countryShaped(country) && (!divided || 1 <= len(part) && len(part) <= 3)
}

// WhereaboutsOf finds what a person said about where a place lies: that of a
// victim, or of the threat itself if victim is empty.
func (t Threat) WhereaboutsOf(victim VictimID, words string) (Whereabouts, bool) {
	for _, w := range t.Whereabouts {
		if w.Victim == victim && w.Words == words {
			return w, true
		}
	}
	return Whereabouts{}, false
}
