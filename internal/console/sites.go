package console

import (
	"fmt"
	"hash/fnv"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"tocsin"
	"tocsin/casefile"
	"tocsin/geo"
	"tocsin/view"
)

// mapView is where a case happens: the drawing, the same in words, and whom the
// drawing leaves out.
type mapView struct {
	Overview, Inset template.HTML
	Spots           []spotView
	Absent          []absentView
	Reaches         []reachView
	Summary         string // how many of how many are drawn
	Choose          bool   // the viewer may say where places lie
	Open            []absentView
	Source          string
}

// spotView is one point of the map and who is there.
type spotView struct {
	N           int
	Point       geo.Point
	Where       string
	Threat      bool
	Assumed     bool // of everybody who is there, the place is only assumed
	Who         []siteView
	From        string // how far from the threat, where that is another point
	Country     string
	Code        string // of the country
	Authorities []view.Authority
}

type siteView struct {
	view.Site
	How string
}

// absentView is what is not on the map, and why.
type absentView struct {
	view.Site
	Why        string
	Candidates []string
	Further    int
}

type reachView struct {
	view.Reach
	Name  string
	Names []string // of its recipients
	Whom  []string // of its victims
}

// mostListed is how many candidates a page lists; the form offers more.
const (
	mostListed  = 8
	mostOffered = 60
)

// mapOf lays a case out on the map.
func (a *asking) mapOf() mapView {
	s, say := a.shown, a.v.say
	m := mapView{Source: geo.Attribution, Choose: slices.ContainsFunc(a.may, func(x casefile.Action) bool { return x.Kind == casefile.StateThreat{}.Kind() })}
	sites := view.Sites(s)
	assumed := 0
	for _, x := range sites {
		if x.Placed() {
			m.place(a, x)
			if x.Standing == geo.Assumed {
				assumed++
			}
			continue
		}
		n := a.absent(x)
		if m.Absent = append(m.Absent, n); len(n.Candidates) > 0 {
			m.Open = append(m.Open, n)
		}
	}
	for _, r := range view.Reaches(s, a.book) {
		n := reachView{Reach: r, Name: geo.CountryName(say.tag, r.Country)}
		for _, x := range r.Recipients {
			n.Names = append(n.Names, x.Name)
		}
		for _, id := range r.Victims {
			v, _ := s.Victim(id)
			n.Whom = append(n.Whom, v.Name)
		}
		m.Reaches = append(m.Reaches, n)
	}
	if len(sites) == 0 {
		m.Summary = say.t("map.nothing")
	} else {
		m.Summary = say.t("map.shown", len(sites)-len(m.Absent), len(sites))
		if len(m.Absent) == 0 {
			m.Summary = say.t("map.shown_all", len(sites))
		}
	}
	switch {
	case assumed == 1 && len(sites) == 1:
		m.Summary += " " + say.t("map.assumed_one")
	case assumed > 0:
		m.Summary += " " + say.t("map.assumed", assumed)
	}
	m.measure(say)
	m.draw(say)
	return m
}

// place puts a site on the map, with whoever is at the same point.
func (m *mapView) place(a *asking, x view.Site) {
	i := slices.IndexFunc(m.Spots, func(p spotView) bool { return p.Point == x.Place.Point })
	if i < 0 {
		i = len(m.Spots)
		m.Spots = append(m.Spots, spotView{N: i + 1, Point: x.Place.Point, Where: placeName(a.v.say, x.Place, x.Country), Assumed: true, Code: x.Country,
			Country: geo.CountryName(a.v.say.tag, x.Country), Authorities: view.Authorities(x.Country, a.book, a.s.Threat.ActorGroups)})
	}
	p := &m.Spots[i]
	p.Threat = p.Threat || x.Victim == ""
	p.Assumed = p.Assumed && x.Standing == geo.Assumed
	how := a.v.say.label("placed", string(x.Standing))
	switch x.Standing {
	case view.Chosen:
		how = a.v.say.t("placed.chosen", a.c.named(a.v.say, x.By))
	case geo.Assumed:
		how = a.v.say.t("placed.assumed") + ": " + a.v.say.label("ground", string(x.Ground))
	}
	p.Who = append(p.Who, siteView{x, how})
}

// placeName names a place with its region and country; a point by its country.
func placeName(say words, p geo.Place, country string) string {
	var parts []string
	for _, s := range []string{p.Name, p.Region, geo.CountryName(say.tag, country)} {
		if s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// absent says why a site is not on the map.
func (a *asking) absent(x view.Site) absentView {
	n := absentView{Site: x}
	say := a.v.say
	switch {
	case x.Excluded:
		n.Why = say.t("map.excluded", a.c.named(say, x.By))
	case x.Standing == geo.Open:
		n.Why = say.t("unplaced."+string(x.Ground), len(x.Candidates))
		for _, p := range x.Candidates[:min(mostListed, len(x.Candidates))] {
			n.Candidates = append(n.Candidates, candidate(say, p))
		}
		n.Further = len(x.Candidates) - len(n.Candidates)
	case x.Standing == geo.Area && x.Country != "":
		n.Why = say.t("map.area_of", geo.CountryName(say.tag, x.Country))
	default:
		n.Why = say.label("unplaced", string(x.Standing))
	}
	return n
}

func candidate(say words, p geo.Place) string {
	if p.Population == 0 {
		return placeName(say, p, p.Country)
	}
	return placeName(say, p, p.Country) + ", " + say.t("map.people", p.Population)
}

// measure says how far places lie from that of the threat.
func (m *mapView) measure(say words) {
	i := slices.IndexFunc(m.Spots, func(p spotView) bool { return p.Threat })
	for j := range m.Spots {
		if i >= 0 && !m.Spots[j].Threat {
			m.Spots[j].From = say.t("map.from", kilometres(geo.Distance(m.Spots[i].Point, m.Spots[j].Point)))
		}
	}
}

// kilometres writes a distance as exactly as it is known.
func kilometres(km float64) string {
	if km < 10 {
		return strconv.FormatFloat(km, 'f', 1, 64) + " km"
	}
	return strconv.Itoa(int(km+0.5)) + " km"
}

// fieldOf names the field by which somebody says where a site lies. It goes by the
// words, so that a form that comes back is never read as about another place.
func fieldOf(x view.Site) string {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s\x00%s", x.Victim, x.Words) // a hash takes everything
	return "lies." + strconv.FormatUint(h.Sum64(), 36)
}

// noneOf is the answer that none of the candidates is meant.
const noneOf = "none"

func spotKey(p geo.Point) string { return fmt.Sprintf("%.3f,%.3f", p.Lat, p.Lon) }

// choosable are the sites that a person can decide, each once.
func choosable(s casefile.State) []view.Site {
	var out []view.Site
	for _, x := range view.Sites(s) {
		same := func(o view.Site) bool { return fieldOf(o) == fieldOf(x) }
		if len(x.Candidates) > 0 && len(out) < 12 && !slices.ContainsFunc(out, same) {
			out = append(out, x)
		}
	}
	return out
}

// placeFields ask, for each name in the case that the gazetteer knows, which of
// the places of that name is meant.
func placeFields(a *asking) []fieldset {
	set := fieldset{Legend: a.v.say.t("map.choose"), Note: a.v.say.t("map.choose.say"), Folded: true}
	for _, x := range choosable(a.s) {
		f := field{Type: "select", Name: fieldOf(x), Label: a.v.say.t("map.choose.threat", x.Words)}
		if x.Victim != "" {
			f.Label = a.v.say.t("map.choose.victim", x.Words, x.Name)
		}
		if x.Standing == geo.Assumed {
			f.Hint = a.v.say.t("placed.assumed") + ": " + placeName(a.v.say, x.Place, x.Country) + " (" + a.v.say.label("ground", string(x.Ground)) + ")"
		}
		for _, p := range x.Candidates[:min(mostOffered, len(x.Candidates))] {
			f.Options = append(f.Options, option{spotKey(p.Point), candidate(a.v.say, p)})
		}
		switch w, said := a.s.Threat.WhereaboutsOf(x.Victim, x.Words); {
		case said && w.None:
			f.Value = noneOf
		case said:
			f.Value = spotKey(x.Place.Point)
			if !slices.ContainsFunc(f.Options, func(o option) bool { return o.Value == f.Value }) {
				f.Options = append(f.Options, option{f.Value, placeName(a.v.say, x.Place, x.Country)})
			}
		default:
			set.Folded = set.Folded && x.Standing != geo.Open
		}
		f.Options = append(f.Options, option{noneOf, a.v.say.t("map.choose.none")})
		set.Fields = append(set.Fields, f)
	}
	if len(set.Fields) == 0 {
		return nil
	}
	return []fieldset{set}
}

// whereabouts reads what placeFields asked. What was not asked stays as it was, as
// long as the case still names it.
func (p *posted) whereabouts(next tocsin.Threat) []tocsin.Whereabouts {
	next.Whereabouts = nil
	after := p.s
	after.Threat = next
	still := view.Sites(after)
	keep := slices.DeleteFunc(slices.Clone(p.s.Threat.Whereabouts), func(w tocsin.Whereabouts) bool {
		return !slices.ContainsFunc(still, func(x view.Site) bool { return x.Victim == w.Victim && x.Words == w.Words })
	})
	for _, x := range choosable(p.s) {
		name := fieldOf(x)
		if !p.Has(name) || !slices.ContainsFunc(still, func(y view.Site) bool { return fieldOf(y) == name }) {
			continue
		}
		before, had := p.s.Threat.WhereaboutsOf(x.Victim, x.Words)
		keep = slices.DeleteFunc(keep, func(w tocsin.Whereabouts) bool { return w.Victim == x.Victim && w.Words == x.Words })
		said, choice := tocsin.Whereabouts{Victim: x.Victim, Words: x.Words}, p.word(name)
		i := slices.IndexFunc(x.Candidates, func(c geo.Place) bool { return spotKey(c.Point) == choice })
		switch {
		case choice == "":
			continue
		case choice == noneOf:
			said.None = true
		case had && !before.None && choice == spotKey(geo.Point{Lat: before.Lat, Lon: before.Lon}):
			said = before
		case i < 0:
			p.faults[name] = p.say.t("fault.choose")
			continue
		default:
			c := x.Candidates[i]
			said.Name, said.Country, said.Region, said.Lat, said.Lon = c.Name, c.Country, c.Region, c.Lat, c.Lon
		}
		keep = append(keep, said)
	}
	return keep
}
