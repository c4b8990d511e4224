package console

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"tocsin/geo"
)

// inTown is how many kilometres an inset shows from top to bottom at least, and
// nearby how far around the threat it takes other places of the case in.
const (
	inTown = 70.0
	nearby = 250.0
)

// labelSize is the size of names on a sheet, as in the style sheet.
const labelSize = 14

// draw makes the two sheets: all of the case with the countries that it reaches,
// and the surroundings of the threat. Everything on them stands in words beside
// them.
func (m *mapView) draw(say words) {
	classes := map[string]string{}
	var points []geo.Point
	for _, r := range m.Reaches {
		class := " of"
		if len(r.Recipients) > 0 {
			class = " to"
		}
		if len(r.Recipients) > 0 && len(r.Victims) > 0 {
			class = " to of"
		}
		classes[r.Country] = class
		if b, ok := geo.MainBounds(r.Country); ok {
			points = append(points, geo.Point{Lat: b.South, Lon: b.West}, geo.Point{Lat: b.North, Lon: b.East})
		}
	}
	for _, p := range m.Spots {
		points = append(points, p.Point)
		if _, drawn := classes[p.Code]; drawn || p.Code == "" {
			continue
		}
		// Nobody has jurisdiction there yet. Its outline still says where one is.
		classes[p.Code] = " here"
		if b, ok := geo.MainBounds(p.Code); ok {
			points = append(points, geo.Point{Lat: b.South, Lon: b.West}, geo.Point{Lat: b.North, Lon: b.East})
		}
	}
	b, ok := boxOf(points)
	if !ok {
		return
	}
	m.Overview = m.sheet(say, "overview", say.t("map.overview"), sheetOver(b, 600), classes, nil)
	if len(m.Spots) == 0 {
		return
	}
	middle := m.Spots[max(slices.IndexFunc(m.Spots, func(p spotView) bool { return p.Threat }), 0)]
	home := middle.Point
	var around []geo.Point
	for _, p := range m.Spots {
		if geo.Distance(home, p.Point) <= nearby {
			around = append(around, p.Point)
		}
	}
	b, _ = boxOf(around)
	town := sheetOver(b, inTown)
	m.Inset = m.sheet(say, "inset", say.t("map.inset", middle.Where), town, classes, geo.Around(town.middle, sheetWidth/2*town.kmAcross(), 40))
}

// sheet writes one sheet: land, pins, names, scale. Pins take their room first,
// since they are what it is for.
func (m *mapView) sheet(say words, name, title string, s *sheet, classes map[string]string, towns []geo.Place) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<figure><svg class="sheet" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-title %s-desc"><title id="%s-title">%s</title><desc id="%s-desc">%s</desc><rect class="sea" width="%d" height="%d"/>`,
		sheetWidth, sheetHeight, name, name, name, esc(title), name, esc(m.Summary+" "+say.t("map.in_words")), sheetWidth, sheetHeight)
	lands := s.land(classes)
	for _, l := range lands {
		fmt.Fprintf(&b, `<path class="land%s" d="%s"/>`, l.class, l.path)
	}
	units, km := s.scale()
	s.taken = append(s.taken, rect{8, sheetHeight - 36, units + 12, 34})
	pins := s.pins(m.Spots)
	if towns == nil {
		s.countryNames(&b, say, lands)
	}
	s.townNames(&b, m.Spots, towns)
	b.WriteString(pins)
	fmt.Fprintf(&b, `<path class="bar" d="M12 %d v6 h%.1f v-6"/><text class="bartext" x="14" y="%d">%s</text></svg><figcaption>%s</figcaption></figure>`, sheetHeight-18, units, sheetHeight-22, esc(kilometres(km)), esc(title))
	return template.HTML(b.String()) //nolint:gosec // every value in it is a number or is escaped above
}

// pins writes a numbered flag for each spot. Spots that would lie over each other
// share one flag.
func (s *sheet) pins(spots []spotView) string {
	type flag struct {
		at      xy
		numbers []string
		class   string
	}
	var flags []*flag
	for _, p := range spots {
		at := s.at(p.Point)
		if at.x < 0 || at.y < 0 || at.x > sheetWidth || at.y > sheetHeight {
			continue
		}
		i := slices.IndexFunc(flags, func(f *flag) bool { return max(f.at.x-at.x, at.x-f.at.x, f.at.y-at.y, at.y-f.at.y) < 16 })
		if i < 0 {
			flags, i = append(flags, &flag{at: at}), len(flags)
		}
		f := flags[i]
		f.numbers = append(f.numbers, fmt.Sprint(p.N))
		if p.Threat {
			f.class += " threat"
		}
		if p.Assumed {
			f.class += " assumed"
		}
	}
	var b strings.Builder
	for _, f := range flags {
		label := strings.Join(f.numbers, " ")
		if strings.Contains(f.class, "threat") {
			label = "◆ " + label
		}
		w := widthOf(label, 15) + 12
		x, y, foot := min(max(f.at.x-w/2, 3), sheetWidth-w-3), f.at.y-34, f.at.y-12
		if y < 3 {
			y, foot = f.at.y+12, f.at.y+12
		}
		s.taken = append(s.taken, rect{x, y, w, 22}, rect{f.at.x - 6, f.at.y - 6, 12, 12})
		fmt.Fprintf(&b, `<g class="pin%s"><path class="stem" d="M%.1f %.1fL%.1f %.1f"/><circle cx="%.1f" cy="%.1f" r="4"/><rect x="%.1f" y="%.1f" width="%.1f" height="22" rx="3"/><text x="%.1f" y="%.1f">%s</text></g>`,
			f.class, f.at.x, f.at.y, f.at.x, foot, f.at.x, f.at.y, x, y, w, x+w/2, y+16, esc(label))
	}
	return b.String()
}

// countryNames names the countries that there is room for, those that the case
// reaches first.
func (s *sheet) countryNames(b *strings.Builder, say words, lands []drawnLand) {
	for _, meant := range []bool{true, false} {
		for _, l := range slices.Backward(lands) {
			if (l.class != "") != meant || !meant && l.size < 1200 {
				continue
			}
			name := l.Name
			if l.Code != "" {
				name = geo.CountryName(say.tag, l.Code)
			}
			w := widthOf(name, labelSize)
			if s.room(rect{l.name.x - w/2, l.name.y - labelSize, w, labelSize + 4}) {
				fmt.Fprintf(b, `<text class="country%s" x="%.1f" y="%.1f">%s</text>`, l.class, l.name.x, l.name.y, esc(name))
			}
		}
	}
}

// townNames names the places of the case, and of the others those that there is
// room for, the most populous first.
func (s *sheet) townNames(b *strings.Builder, spots []spotView, towns []geo.Place) {
	name := func(class, name string, at xy) {
		w := widthOf(name, labelSize)
		for _, x := range []struct {
			x, y, from float64
			anchor     string
		}{{at.x + 8, at.y + 5, 0, "start"}, {at.x - 8, at.y + 5, w, "end"}, {at.x, at.y + 20, w / 2, "middle"}} {
			if s.room(rect{x.x - x.from, x.y - labelSize, w, labelSize + 4}) {
				fmt.Fprintf(b, `<text class="%s" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, class, x.x, x.y, x.anchor, esc(name))
				return
			}
		}
	}
	for _, p := range spots {
		if len(p.Who) > 0 && p.Who[0].Place.Name != "" {
			name("town own", p.Who[0].Place.Name, s.at(p.Point))
		}
	}
	for _, t := range towns {
		at := s.at(t.Point)
		if slices.ContainsFunc(spots, func(p spotView) bool { return p.Point == t.Point }) || !s.room(rect{at.x - 4, at.y - 4, 8, 8}) {
			continue
		}
		fmt.Fprintf(b, `<circle class="town" cx="%.1f" cy="%.1f" r="2.5"/>`, at.x, at.y)
		name("town", t.Name, at)
	}
}
