package geo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"

	"tocsin/geo/geodata"
)

// Attribution must stand wherever places or outlines are shown.
const Attribution = geodata.Attribution

// Point is a position on WGS 84, in degrees, north and east positive.
type Point struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Valid reports whether p is on the globe.
func (p Point) Valid() bool { return math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180 }

// Place is one populated place.
type Place struct {
	Name       string `json:"name"`
	Country    string `json:"country" doc:"ISO 3166-1 alpha-2; XK is Kosovo"`
	Region     string `json:"region,omitempty" doc:"The first-level region, such as a state or province"`
	Population int    `json:"population" doc:"0 where nobody says"`
	Point
	As string `json:"as,omitempty" doc:"The other name, folded, by which it was found"`
}

// String names p as a list of candidates does: with what tells it from others.
func (p Place) String() string {
	if p.Region == "" || p.Region == p.Name {
		return p.Name + ", " + p.Country
	}
	return p.Name + ", " + p.Region + ", " + p.Country
}

// gazetteer is the embedded form of the places. Places stand in the order of their
// folded names, so that equal names stand together.
type gazetteer struct {
	regions  []region
	names    rows
	region   planes
	people   planes
	lat, lon planes // thousandths of a degree from the south pole, from the antimeridian
	other    rows   // further names, folded and sorted
	otherOf  planes // which place each of them is
}

// region is a first-level region; all of a country where there is none.
type region struct{ country, code, name string }

// world is the embedded gazetteer, unpacked once. Data that this program carries
// and cannot read are a fault of the build, which a test would have shown.
var world = sync.OnceValue(func() *gazetteer {
	g, err := loadPlaces(geodata.Places)
	if err != nil {
		panic("geo: " + err.Error())
	}
	return g
})

func loadPlaces(packed []byte) (*gazetteer, error) {
	s, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	if len(s) != 8 {
		return nil, fmt.Errorf("the gazetteer has %d sections, not 8", len(s))
	}
	g := &gazetteer{names: rowsOf(s[1]), region: planes{s[2], 2}, people: planes{s[3], 4}, lat: planes{s[4], 3}, lon: planes{s[5], 3}, other: rowsOf(s[6]), otherOf: planes{s[7], 3}}
	lines := rowsOf(s[0])
	for i := range lines.len() {
		f := strings.SplitN(lines.at(i), "\t", 3)
		if len(f) != 3 {
			return nil, fmt.Errorf("region %d has %d parts", i, len(f))
		}
		g.regions = append(g.regions, region{f[0], f[1], f[2]})
	}
	for what, n := range map[string]int{"regions": g.region.len(), "populations": g.people.len(), "latitudes": g.lat.len(), "longitudes": g.lon.len()} {
		if n != g.names.len() {
			return nil, fmt.Errorf("there are %d names and %d %s", g.names.len(), n, what)
		}
	}
	for i := range g.region.len() {
		if int(g.region.at(i)) >= len(g.regions) {
			return nil, fmt.Errorf("place %d is in region %d of %d", i, g.region.at(i), len(g.regions))
		}
	}
	for i := range g.otherOf.len() {
		if int(g.otherOf.at(i)) >= g.names.len() {
			return nil, fmt.Errorf("further name %d is of place %d of %d", i, g.otherOf.at(i), g.names.len())
		}
	}
	if g.other.len() != g.otherOf.len() {
		return nil, fmt.Errorf("there are %d further names of %d places", g.other.len(), g.otherOf.len())
	}
	return g, nil
}

func (g *gazetteer) point(i int) Point {
	return Point{float64(int(g.lat.at(i))-90_000) / 1000, float64(int(g.lon.at(i))-180_000) / 1000}
}

func (g *gazetteer) place(i int) Place {
	r := g.regions[g.region.at(i)]
	return Place{Name: g.names.at(i), Country: r.country, Region: r.name, Population: int(g.people.at(i)), Point: g.point(i)}
}

// Find lists every place of that name or with that further name, in any spelling
// that Fold takes for the same, the most populous first. None means that the
// gazetteer knows none, not that there is none.
func Find(name string) []Place {
	key := Fold(name)
	if key == "" {
		return nil
	}
	g := world()
	var out []Place
	had := map[int]bool{}
	for i := sort.Search(g.names.len(), func(i int) bool { return Fold(g.names.at(i)) >= key }); i < g.names.len() && Fold(g.names.at(i)) == key; i++ {
		had[i] = true
		out = append(out, g.place(i))
	}
	for i := sort.Search(g.other.len(), func(i int) bool { return g.other.at(i) >= key }); i < g.other.len() && g.other.at(i) == key; i++ {
		if at := int(g.otherOf.at(i)); !had[at] {
			had[at] = true
			p := g.place(at)
			p.As = key
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, heavier)
	return out
}

// heavier orders places by how many live there, and the rest by name, so that the
// order never depends on anything else.
func heavier(a, b Place) int {
	return cmp.Or(cmp.Compare(b.Population, a.Population), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Country, b.Country), cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Lat, b.Lat), cmp.Compare(a.Lon, b.Lon))
}

// Around lists the most populous places within km of at, at most n.
func Around(at Point, km float64, n int) []Place {
	g := world()
	height := km / kmPerDegree
	var near []int
	for i := range g.names.len() {
		lat := float64(int(g.lat.at(i))-90_000) / 1000
		if math.Abs(lat-at.Lat) <= height && Distance(at, g.point(i)) <= km {
			near = append(near, i)
		}
	}
	slices.SortFunc(near, func(a, b int) int {
		return cmp.Or(cmp.Compare(g.people.at(b), g.people.at(a)), cmp.Compare(a, b))
	})
	var out []Place
	for _, i := range near[:min(n, len(near))] {
		out = append(out, g.place(i))
	}
	return out
}

const (
	earthRadius = 6371.0088 // km, mean
	kmPerDegree = earthRadius * math.Pi / 180
)

// Distance is the length of the great circle between two points in km.
func Distance(a, b Point) float64 {
	rad := math.Pi / 180
	h := math.Pow(math.Sin((b.Lat-a.Lat)*rad/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin((b.Lon-a.Lon)*rad/2), 2)
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1)))
}
