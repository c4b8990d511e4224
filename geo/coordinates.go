package geo

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// angle is degrees with minutes and seconds if they are given. A degree sign, or
// a hemisphere, or three decimals and more tell an angle from any other number.
const angle = `(\d{1,3}(?:\.\d{1,12})?)\s*(?:°|º|deg)?\s*(?:(\d{1,2}(?:\.\d{1,12})?)\s*(?:'|′|’|min)\s*)?(?:(\d{1,2}(?:\.\d{1,12})?)\s*(?:"|″|”|''|sec)\s*)?`

var (
	behind = regexp.MustCompile(`(?i)(?:^|[^\w.])` + angle + `\s*([NS])\b[\s,;/]*` + angle + `\s*([EW])\b`)
	before = regexp.MustCompile(`(?i)(?:^|[^\w.])([NS])\s*` + angle + `[\s,;/]*([EW])\s*` + angle + `(?:$|[^\w.])`)
	plain  = regexp.MustCompile(`(?:^|[^\w.,-])(-?\d{1,2}\.\d{3,12})°?\s*[,;\s]\s*(-?\d{1,3}\.\d{3,12})°?(?:$|[^\w.]|\.(?:$|\s))`)
)

// Points reads the coordinates that stand in a text, in order: decimal degrees
// with three or more decimals, latitude first; or degrees, with minutes and
// seconds if they are given, and the letters N, S, E, W. O is not read, since it is
// east in one language and west in another. Numbers that are off the globe are
// passed over.
func Points(text string) []Point {
	type found struct {
		at int
		Point
	}
	var all []found
	add := func(at int, lat, lon float64, ok bool) {
		if p := (Point{lat, lon}); ok && p.Valid() {
			all = append(all, found{at, p})
		}
	}
	for _, m := range behind.FindAllStringSubmatchIndex(text, -1) {
		s := groups(text, m)
		lat, ok1 := degrees(s[1], s[2], s[3], s[4])
		lon, ok2 := degrees(s[5], s[6], s[7], s[8])
		add(m[2], lat, lon, ok1 && ok2)
	}
	if len(all) == 0 {
		for _, m := range before.FindAllStringSubmatchIndex(text, -1) {
			s := groups(text, m)
			lat, ok1 := degrees(s[2], s[3], s[4], s[1])
			lon, ok2 := degrees(s[6], s[7], s[8], s[5])
			add(m[2], lat, lon, ok1 && ok2)
		}
	}
	if len(all) == 0 {
		for _, m := range plain.FindAllStringSubmatchIndex(text, -1) {
			s := groups(text, m)
			lat, err1 := strconv.ParseFloat(s[1], 64)
			lon, err2 := strconv.ParseFloat(s[2], 64)
			add(m[2], lat, lon, err1 == nil && err2 == nil)
		}
	}
	var out []Point
	for _, f := range all {
		out = append(out, f.Point)
	}
	return out
}

func groups(text string, m []int) []string {
	out := make([]string, len(m)/2)
	for i := range out {
		if m[2*i] >= 0 {
			out[i] = text[m[2*i]:m[2*i+1]]
		}
	}
	return out
}

// degrees puts an angle together. Minutes and seconds of sixty and more, or beside
// broken degrees, are none.
func degrees(deg, min, sec, side string) (float64, bool) {
	var n [3]float64
	for i, s := range []string{deg, min, sec} {
		if s == "" {
			continue
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || i > 0 && v >= 60 {
			return 0, false
		}
		n[i] = v
	}
	if strings.Contains(deg, ".") && min+sec != "" || strings.Contains(min, ".") && sec != "" {
		return 0, false
	}
	v := n[0] + n[1]/60 + n[2]/3600
	if strings.ContainsAny(side, "SsWw") {
		v = -v
	}
	return v, true
}

// String writes p so that Points reads it again, to some ten metres.
func (p Point) String() string {
	ns, ew := "N", "E"
	if p.Lat < 0 {
		ns = "S"
	}
	if p.Lon < 0 {
		ew = "W"
	}
	return fmt.Sprintf("%.4f° %s, %.4f° %s", math.Abs(p.Lat), ns, math.Abs(p.Lon), ew)
}
