package release

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"tocsin"
)

// Quantities: a number with a unit, and a position on the earth, compared by value and
// not by writing. "three and a half pounds" is 1.6 kilograms, "12 minutes north of 3
// degrees" is 03-12N. A quantity that only a restricted part states, within the
// rounding that people use when they convert, is asked about.
//
// Limits: units of weight, length, volume and speed; not of money, which changes from
// day to day, nor of time.

// quantity is a value in the base unit of its dimension: kilograms, metres, litres,
// kilometres in an hour; minutes of arc for a latitude or longitude.
type quantity struct {
	dim     string
	n       float64
	at, end int
}

type unit struct {
	dim    string
	factor float64
}

var units = func() map[string]unit {
	m := map[string]unit{}
	for _, row := range []struct {
		dim    string
		factor float64
		words  string
	}{
		{"weight", 1, "kg kgs kilo kilos kilogram kilograms kilogramo kilogramos kilogramme kilogrammes kilogramm кг килограмм килограмма килограммов килограмів кілограм кілограми кілограмів kilogramı کیلو کیلوگرم کيلو كيلوغرام كيلو"},
		{"weight", 0.001, "gram grams gramme grammes gramos gramm грамм граммов грамів گرم غرام"}, {"weight", 0.4536, "lb lbs pound pounds libra libras livre livres pfund фунт фунта фунтов фунтів رطل"},
		{"weight", 0.02835, "oz ounce ounces onzas"}, {"weight", 1000, "ton tons tonne tonnes tonelada toneladas тонна тонны тонн طن تن"}, {"weight", 6.35, "stone stones"},
		{"length", 1, "m metre metres meter meters metro metros mètre mètres метр метра метров метрів متر أمتار mita"}, {"length", 1000, "km kms kilometre kilometres kilometer kilometers kilometro kilometros kilomètre kilomètres км километр километра километров кілометр кілометрів کیلومتر كيلومتر kilomita"},
		{"length", 0.01, "cm centimetre centimetres centimeter centimeters centimetros centimètres сантиметров"}, {"length", 1609.34, "mile miles milla millas meile meilen миля мили миль mil ميل مایل mayil maili"}, {"length", 0.3048, "foot feet ft pie pies pied pieds fuss фут футов قدم"}, {"length", 0.9144, "yard yards yarda yardas"},
		{"length", 0.0254, "inch inches pulgada pulgadas pouce pouces zoll дюйм"}, {"length", 1852, "nm"},
		{"volume", 1, "l litre litres liter liters litro litros литр литра литров літр літри літрів لیتر لتر lita"}, {"volume", 3.785, "gallon gallons galon galones галлон галлонов غالون"}, {"volume", 0.568, "pint pints pinta pintas"}, {"volume", 159, "barrel barrels barril barriles"},
		{"speed", 1, "kmh kph"}, {"speed", 1.852, "knot knots nudos noeuds knoten узлов"}, {"speed", 1.609, "mph"},
	} {
		for w := range strings.FieldsSeq(row.words) {
			if w = foldWord(w); m[w].dim == "" {
				m[w] = unit{row.dim, row.factor}
			}
		}
	}
	return m
}()

// halves are the words that add a half, with those that may stand before them.
var halves = folded("half medio media demi demie halb половиной половиною نصف نیم yarım buçuk rabi nusu")

// quantities finds what a document states with a unit.
func quantities(d *document) []quantity {
	var qs []quantity
	for i := 0; i < len(d.toks); i++ {
		if q, j := positionAt(d, i); j > i {
			qs, i = append(qs, q), j-1
			continue
		}
		n, j := measureAt(d, i)
		if j == i || j >= len(d.toks) || d.toks[j].sent != d.toks[i].sent || strings.ContainsAny(d.gap(j-1), ",;:()") {
			continue
		}
		w := d.toks[j].word
		u, ok := units[w]
		if w == "nautical" || w == "square" {
			u, ok = units["nm"], w == "nautical"
		}
		if ok && n > 0 {
			qs = append(qs, quantity{u.dim, n * u.factor, int(d.toks[i].at), int(d.toks[j].end)})
			i = j
		}
	}
	return qs
}

// measureAt reads a number that may have a fraction: 1.6, "three and a half", "half a".
func measureAt(d *document, i int) (float64, int) {
	t := d.toks[i]
	if t.is(mixed) {
		digits := strings.TrimRight(t.word, "abcdefghijklmnopqrstuvwxyz")
		if u := units[t.word[len(digits):]]; u.dim != "" && digits != "" {
			return 0, i // read as a code; its figures are compared as such
		}
	}
	if halves[t.word] {
		j := i + 1
		for j < len(d.toks) && (d.toks[j].word == "a" || d.toks[j].word == "an") {
			j++
		}
		return 0.5, j
	}
	n, j := numberAt(d, i)
	if j == i {
		return 0, i
	}
	v := float64(n)
	if gap := d.gap(j - 1); j == i+1 && j < len(d.toks) && (gap == "." || gap == ",") && d.toks[j].is(numeral) && len(d.toks[j].word) < 3 {
		frac, _ := strconv.ParseFloat("0."+d.toks[j].word, 64)
		return v + frac, j + 1
	}
	k := j
	for k < len(d.toks) && k < j+2 && (joining[d.toks[k].word] || d.toks[k].word == "a" || d.toks[k].word == "с" || d.toks[k].word == "з") {
		k++
	}
	if k < len(d.toks) && halves[d.toks[k].word] {
		return v + 0.5, k + 1
	}
	return v, j
}

var (
	arcs      = folded("degrees degree deg grados grado degrés degré grad градусов градуса градусів درجة درجه")
	minutes   = folded("minutes minute min minutos minuten минут минуты хвилин دقيقة دقیقه")
	hemispher = map[string]struct {
		dim  string
		sign float64
	}{"n": {"latitude", 1}, "north": {"latitude", 1}, "norte": {"latitude", 1}, "nord": {"latitude", 1}, "s": {"latitude", -1}, "south": {"latitude", -1}, "sur": {"latitude", -1}, "sud": {"latitude", -1},
		"e": {"longitude", 1}, "east": {"longitude", 1}, "este": {"longitude", 1}, "est": {"longitude", 1}, "ost": {"longitude", 1}, "w": {"longitude", -1}, "west": {"longitude", -1}, "oeste": {"longitude", -1}, "ouest": {"longitude", -1}}
)

// positionAt reads a latitude or longitude from token i: degrees, perhaps minutes, and
// the part of the world.
func positionAt(d *document, i int) (quantity, int) {
	deg, j := numberAt(d, i)
	if j == i || deg > 180 || j >= len(d.toks) {
		return quantity{}, i
	}
	arc, shown := float64(deg)*60, strings.ContainsAny(d.gap(j-1), "°º-")
	if arcs[d.toks[j].word] {
		shown, j = true, j+1
	}
	side := func(k int) (quantity, int) {
		if k >= len(d.toks) || !shown || d.toks[k].sent != d.toks[i].sent {
			return quantity{}, i
		}
		h, ok := hemispher[d.toks[k].word]
		if !ok {
			return quantity{}, i
		}
		return quantity{h.dim, h.sign * arc, int(d.toks[i].at), int(d.toks[k].end)}, k + 1
	}
	if j >= len(d.toks) {
		return quantity{}, i
	}
	if t := d.toks[j]; t.is(mixed) && len(t.word) > 1 { // 12N
		last := t.word[len(t.word)-1:]
		if m, err := strconv.Atoi(t.word[:len(t.word)-1]); err == nil && m < 60 && hemispher[last].dim != "" && shown {
			h := hemispher[last]
			return quantity{h.dim, h.sign * (arc + float64(m)), int(d.toks[i].at), int(t.end)}, j + 1
		}
	}
	if m, k := numberAt(d, j); k > j && m < 60 {
		arc += float64(m)
		if k < len(d.toks) && minutes[d.toks[k].word] {
			k++
		}
		return side(k)
	}
	return side(j)
}

// near reports whether two quantities may be one, converted and rounded.
func (q quantity) near(o quantity) bool {
	if q.dim != o.dim {
		return false
	}
	if q.dim == "latitude" || q.dim == "longitude" {
		return math.Abs(q.n-o.n) <= 3
	}
	return math.Abs(q.n-o.n) <= 0.06*math.Max(q.n, o.n)
}

// indexQuantities enters what a part states with a unit.
func (p *Prepared) indexQuantities(i int32, d *document) {
	for _, q := range quantities(d) {
		if !p.parts[i].restricted {
			p.openQuantities = append(p.openQuantities, q)
		} else if len(p.keptQuantities) < maxQuantities {
			p.keptQuantities = append(p.keptQuantities, placedQuantity{q, i})
		}
	}
}

const maxQuantities = 2000 // of a case: a text's quantities are compared with each

type placedQuantity struct {
	quantity
	part int32
}

// measured asks about quantities that only restricted parts state.
func (e *examiner) measured() {
	if len(e.p.keptQuantities) == 0 {
		return
	}
	qs := quantities(e.d)
	for _, q := range qs[:min(len(qs), maxMeasured)] {
		open := false
		for _, o := range e.p.openQuantities[:min(len(e.p.openQuantities), maxQuantities)] {
			open = open || q.near(o)
		}
		for _, k := range e.p.keptQuantities {
			if !open && q.near(k.quantity) {
				e.find(tocsin.GuardAsk, "rare", "rare/quantity", q.at, q.end, fmt.Sprintf("This is a quantity that stands only in %s, perhaps in another unit.", e.p.called(k.part)), rareWhy, rareDo)
				break
			}
		}
	}
}

const maxMeasured = 100 // quantities of one text that are compared
