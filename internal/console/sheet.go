package console

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"tocsin/geo"
)

// A sheet is one map: a piece of the earth on a flat rectangle, north up, one
// scale in the middle. It draws nothing that is not in its list of pins, so what
// is left out of it is known to whoever made the list.
type sheet struct {
	frame
	taken []rect // where labels stand already
}

// frame is what part of the earth a sheet shows, and how large.
type frame struct {
	middle geo.Point
	zoom   float64 // units of the drawing for a degree of latitude
	shrink float64 // of a degree of longitude, at the middle
}

const (
	sheetWidth  = 480
	sheetHeight = 340
	brim        = 24  // how far beyond the edge outlines are drawn, so that the edge itself shows no line
	fine        = 0.9 // steps of an outline below this are left out
	perDegree   = 111.195
)

type xy struct{ x, y float64 }

type rect struct{ x, y, w, h float64 }

func (r rect) meets(o rect) bool {
	return r.x < o.x+o.w && o.x < r.x+r.w && r.y < o.y+o.h && o.y < r.y+r.h
}

// sheetOver is a sheet that shows all of a box and at least km from top to bottom.
func sheetOver(b geo.Box, km float64) *sheet {
	s := &sheet{frame: frame{middle: geo.Point{Lat: (b.South + b.North) / 2, Lon: (b.West + b.East) / 2}}}
	s.shrink = max(math.Cos(s.middle.Lat*math.Pi/180), 0.2)
	tall := max((b.North-b.South)*1.3, km/perDegree)
	wide := max((b.East-b.West)*1.3*s.shrink, tall*sheetWidth/sheetHeight)
	s.zoom = min(sheetHeight/tall, sheetWidth/wide)
	return s
}

// at is where p stands on the sheet: on the copy of the earth that is nearest to
// the middle, so that nothing ends at the antimeridian.
func (s *sheet) at(p geo.Point) xy { return s.on(p, turns(p.Lon, s.middle.Lon)) }

func (s *sheet) on(p geo.Point, turn float64) xy {
	return xy{sheetWidth/2 + (p.Lon+turn-s.middle.Lon)*s.shrink*s.zoom, sheetHeight/2 - (p.Lat-s.middle.Lat)*s.zoom}
}

// turns is what brings a longitude nearest to another: 0, or once around.
func turns(lon, to float64) float64 { return 360 * math.Round((to-lon)/360) }

// box is what the sheet shows.
func (s *sheet) box() geo.Box {
	h, w := (sheetHeight/2+brim)/s.zoom, (sheetWidth/2+brim)/(s.zoom*s.shrink)
	return geo.Box{South: s.middle.Lat - h, North: s.middle.Lat + h, West: s.middle.Lon - w, East: s.middle.Lon + w}
}

// kmAcross is how many kilometres a unit of the drawing is.
func (s *sheet) kmAcross() float64 { return perDegree / s.zoom }

// outline is a territory as a path, and where its name could stand.
func (s *sheet) outline(t geo.Territory) (path string, name xy, size float64) {
	var b strings.Builder
	seen := s.box()
	for _, g := range t.Polygons {
		for _, turn := range []float64{-360, 0, 360} {
			moved := g.Bounds
			moved.West, moved.East = moved.West+turn, moved.East+turn
			if !moved.Meets(seen) {
				continue
			}
			for i, ring := range g.Rings {
				flat := s.ring(ring, turn)
				if len(flat) < 3 {
					continue
				}
				writePath(&b, flat)
				if c, a := centre(flat); i == 0 && a > size {
					name, size = c, a
				}
			}
		}
	}
	return b.String(), name, size
}

// ring puts a ring on the sheet, cut at its brim.
func (s *sheet) ring(ring []geo.Point, turn float64) []xy {
	var out []xy
	for _, p := range ring {
		q := s.on(p, turn)
		if n := len(out); n > 0 && math.Abs(out[n-1].x-q.x) < fine && math.Abs(out[n-1].y-q.y) < fine {
			continue
		}
		out = append(out, q)
	}
	for _, edge := range []func(xy) float64{
		func(p xy) float64 { return p.x + brim }, func(p xy) float64 { return sheetWidth + brim - p.x },
		func(p xy) float64 { return p.y + brim }, func(p xy) float64 { return sheetHeight + brim - p.y },
	} {
		out = cutAt(out, edge)
	}
	return out
}

// cutAt keeps the part of a polygon where inside is not negative (Sutherland and
// Hodgman).
func cutAt(in []xy, inside func(xy) float64) []xy {
	var out []xy
	for i, b := range in {
		a := in[(i+len(in)-1)%len(in)]
		da, db := inside(a), inside(b)
		if (da < 0) != (db < 0) {
			t := da / (da - db)
			out = append(out, xy{a.x + t*(b.x-a.x), a.y + t*(b.y-a.y)})
		}
		if db >= 0 {
			out = append(out, b)
		}
	}
	return out
}

func writePath(b *strings.Builder, ring []xy) {
	for i, p := range ring {
		fmt.Fprintf(b, "%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[i == 0], p.x, p.y)
	}
	b.WriteByte('Z')
}

// centre is the centroid of what is to be seen of a polygon, and its area.
func centre(ring []xy) (xy, float64) {
	var c xy
	area := 0.0
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		cross := p.x*q.y - q.x*p.y
		area += cross
		c.x, c.y = c.x+(p.x+q.x)*cross, c.y+(p.y+q.y)*cross
	}
	if area == 0 {
		return ring[0], 0
	}
	return xy{c.x / (3 * area), c.y / (3 * area)}, math.Abs(area / 2)
}

// room takes a place for a label if nothing stands there and it is whole on the
// sheet.
func (s *sheet) room(r rect) bool {
	if r.x < 2 || r.y < 2 || r.x+r.w > sheetWidth-2 || r.y+r.h > sheetHeight-2 || slices.ContainsFunc(s.taken, r.meets) {
		return false
	}
	s.taken = append(s.taken, r)
	return true
}

// widthOf is about how wide words are in a size, and rather more than less.
func widthOf(words string, size float64) float64 {
	return float64(len([]rune(words))) * size * 0.6
}

// scale is the length of the bar and what it stands for: one, two or five of some
// power of ten kilometres, at most a third of the sheet.
func (s *sheet) scale() (units, km float64) {
	most := sheetWidth / 3 * s.kmAcross()
	km = math.Pow(10, math.Floor(math.Log10(most)))
	for _, f := range []float64{5, 2} {
		if f*km <= most {
			km *= f
			break
		}
	}
	return km / s.kmAcross(), km
}

// boxOf is the smallest box around points, over the antimeridian if that is
// shorter. ok is false if there is none.
func boxOf(points []geo.Point) (b geo.Box, ok bool) {
	for i, p := range points {
		p.Lon += turns(p.Lon, points[0].Lon)
		if i == 0 {
			b = geo.Box{South: p.Lat, North: p.Lat, West: p.Lon, East: p.Lon}
		}
		b = b.Around(p)
	}
	return b, len(points) > 0
}

// drawnLand is one country on a sheet.
type drawnLand struct {
	geo.Territory
	class, path string
	name        xy
	size        float64
}

// drawnFrames are the outlines of the frames that were drawn last. A case is looked at
// again and again, and its frame is the same each time; the earth is too.
var drawnFrames = func() *lru.Cache[frame, []drawnLand] {
	c, err := lru.New[frame, []drawnLand](64) // of some 50 KB each
	if err != nil {
		panic(err) // only for a size below one
	}
	return c
}()

// land draws every country that the sheet shows, those that mean something last,
// so that their edge stands over their neighbours'. classes are by code.
func (s *sheet) land(classes map[string]string) []drawnLand {
	drawn, ok := drawnFrames.Get(s.frame)
	if !ok {
		drawn = s.outlines()
		drawnFrames.Add(s.frame, drawn)
	}
	out := slices.Clone(drawn)
	for i, l := range out {
		if l.Code != "" {
			out[i].class = classes[l.Code]
		}
	}
	slices.SortStableFunc(out, func(a, b drawnLand) int {
		return cmp.Or(cmp.Compare(len(a.class), len(b.class)), cmp.Compare(b.size, a.size))
	})
	return out
}

// outlines draws every country of the frame, without what it means to a case.
func (s *sheet) outlines() []drawnLand {
	var out []drawnLand
	for _, t := range geo.Territories() {
		if path, name, size := s.outline(t); path != "" {
			out = append(out, drawnLand{t, "", path, name, size})
		}
	}
	return out
}
