package geo

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"sync"

	"tocsin/geo/geodata"
)

// Territory is what Natural Earth draws as one country. Code is empty where the
// land has no code of its own in ISO 3166, such as Somaliland.
type Territory struct {
	Code, Name string
	Polygons   []Polygon
}

// Polygon is an outer ring and the holes in it.
type Polygon struct {
	Rings  [][]Point
	Bounds Box // of the outer ring
}

// Box is a range of latitudes and longitudes.
type Box struct{ South, West, North, East float64 }

// Contains reports whether p lies in b.
func (b Box) Contains(p Point) bool {
	return p.Lat >= b.South && p.Lat <= b.North && p.Lon >= b.West && p.Lon <= b.East
}

// Meets reports whether b and o have a point in common.
func (b Box) Meets(o Box) bool {
	return b.South <= o.North && o.South <= b.North && b.West <= o.East && o.West <= b.East
}

// Around is the smallest box that holds b and p.
func (b Box) Around(p Point) Box {
	return Box{min(b.South, p.Lat), min(b.West, p.Lon), max(b.North, p.Lat), max(b.East, p.Lon)}
}

var territories = sync.OnceValue(func() []Territory {
	all, err := loadOutlines(geodata.Outlines)
	if err != nil {
		panic("geo: " + err.Error())
	}
	return all
})

// Territories lists every country with its outline. They are shared: callers do
// not write to them.
func Territories() []Territory { return territories() }

// CountryAt is the code of the country in which p lies, and its name in the
// outlines. Both are empty at sea; the code alone is, where the land has none. An
// outline is right to about a kilometre.
func CountryAt(p Point) (code, name string) {
	for _, t := range territories() {
		for _, g := range t.Polygons {
			for _, turn := range []float64{0, 360, -360} {
				if q := (Point{p.Lat, p.Lon + turn}); g.Bounds.Contains(q) && g.contains(q) {
					return t.Code, t.Name
				}
			}
		}
	}
	return "", ""
}

// contains counts how often a ray from p crosses the rings: an odd number is
// inside, and a hole takes itself out.
func (g Polygon) contains(p Point) bool {
	in := false
	for _, ring := range g.Rings {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lon < a.Lon+(p.Lat-a.Lat)/(b.Lat-a.Lat)*(b.Lon-a.Lon) {
				in = !in
			}
		}
	}
	return in
}

// MainBounds is the box around the largest piece of a country: what one means by
// where France is. ok is false for a code that has no outline.
func MainBounds(code string) (main Box, ok bool) {
	size := -1.0
	for _, t := range territories() {
		if t.Code != code || code == "" {
			continue
		}
		for _, g := range t.Polygons {
			if s := (g.Bounds.North - g.Bounds.South) * (g.Bounds.East - g.Bounds.West); s > size {
				size, main, ok = s, g.Bounds, true
			}
		}
	}
	return main, ok
}

// numbers reads varints one after the other.
type numbers struct {
	b   []byte
	err error
}

func (n *numbers) next() int {
	v, k := binary.Varint(n.b)
	if k <= 0 {
		n.err, n.b = fmt.Errorf("the outlines end in the middle"), nil
		return 0
	}
	n.b = n.b[k:]
	return int(v)
}

// count is a number of things that take a byte each at least, so that a broken
// file cannot ask for more memory than it is long.
func (n *numbers) count() int {
	v := n.next()
	if v < 0 || v > len(n.b) {
		n.err, n.b = fmt.Errorf("the outlines have a count of %d", v), nil
		return 0
	}
	return v
}

// loadOutlines reads three sections: the names, a line "code TAB name" each; the
// arcs, which neighbours share, as steps in thousandths of a degree; and for each
// name its polygons, rings, and the arcs of a ring, where -1-n is arc n backwards.
func loadOutlines(packed []byte) ([]Territory, error) {
	s, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	if len(s) != 3 {
		return nil, fmt.Errorf("the outlines have %d sections, not 3", len(s))
	}
	arcs, err := readArcs(s[1])
	if err != nil {
		return nil, err
	}
	names, n := rowsOf(s[0]), &numbers{b: s[2]}
	var out []Territory
	for i := range names.len() {
		var t Territory
		t.Code, t.Name, _ = strings.Cut(names.at(i), "\t")
		for range n.count() {
			var g Polygon
			for range n.count() {
				ring, err := readRing(n, arcs)
				if err != nil {
					return nil, err
				}
				g.Rings = append(g.Rings, ring)
			}
			if len(g.Rings) == 0 || len(g.Rings[0]) == 0 {
				return nil, fmt.Errorf("%s has a polygon without a ring", t.Name)
			}
			g.Bounds = boundsOf(g.Rings[0])
			t.Polygons = append(t.Polygons, g)
		}
		out = append(out, t)
	}
	return out, n.err
}

func readArcs(b []byte) ([][]Point, error) {
	n := &numbers{b: b}
	arcs := make([][]Point, n.count())
	for i := range arcs {
		arcs[i] = make([]Point, n.count())
		lat, lon := 0, 0
		for j := range arcs[i] {
			lon, lat = lon+n.next(), lat+n.next()
			arcs[i][j] = Point{float64(lat) / 1000, float64(lon) / 1000}
		}
	}
	return arcs, n.err
}

// readRing joins arcs. The end of each is the beginning of the next, and is kept
// once.
func readRing(n *numbers, arcs [][]Point) ([]Point, error) {
	var ring []Point
	for range n.count() {
		ref := n.next()
		at := ref
		if ref < 0 {
			at = -1 - ref
		}
		if at >= len(arcs) {
			return nil, fmt.Errorf("there is no arc %d", at)
		}
		arc := arcs[at]
		for i := range max(len(arc)-1, 0) {
			if ref < 0 {
				ring = append(ring, arc[len(arc)-1-i])
			} else {
				ring = append(ring, arc[i])
			}
		}
	}
	return unrolled(ring), n.err
}

// unrolled makes a ring that crosses the antimeridian run on beyond 180 degrees,
// instead of leaping to the other side of the world. One that goes all around, as
// Antarctica's does, is closed over the pole.
func unrolled(ring []Point) []Point {
	for i := 1; i < len(ring); i++ {
		ring[i].Lon -= 360 * math.Round((ring[i].Lon-ring[i-1].Lon)/360)
	}
	if n := len(ring); n > 0 && math.Abs(ring[n-1].Lon-ring[0].Lon) > 300 {
		pole := math.Copysign(90, ring[0].Lat)
		ring = append(ring, Point{pole, ring[n-1].Lon}, Point{pole, ring[0].Lon})
	}
	return ring
}

func boundsOf(ring []Point) Box {
	b := Box{ring[0].Lat, ring[0].Lon, ring[0].Lat, ring[0].Lon}
	for _, p := range ring {
		b = b.Around(p)
	}
	return b
}
