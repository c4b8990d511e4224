package geo_test

import (
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tocsin/geo"
	"tocsin/geo/geodata"
)

func TestEveryPlaceOfANameIsListedTheLargestFirst(t *testing.T) {
	all := geo.Find("Springfield")
	if len(all) < 20 {
		t.Fatalf("there are %d Springfields", len(all))
	}
	var regions []string
	for i, p := range all {
		regions = append(regions, p.Region)
		if i > 0 && p.Population > all[i-1].Population {
			t.Errorf("%v stands behind the smaller %v", p, all[i-1])
		}
		if !p.Valid() || p.Country == "" {
			t.Errorf("%v lies nowhere", p)
		}
	}
	for _, want := range []string{"Illinois", "Massachusetts", "Missouri", "Oregon"} {
		if !slices.Contains(regions, want) {
			t.Errorf("the one in %s is missing", want)
		}
	}
	if none := geo.Find("Utterly Unknown upon Nowhere"); none != nil {
		t.Errorf("%v", none)
	}
}

func TestANameIsFoundHoweverItIsSpelt(t *testing.T) {
	for want, names := range map[string][]string{
		"Kerman, IR":                 {"kerman", "KERMAN", "Kermān", "Kermán", "کرمان", "كرمان", "Керман", "克尔曼"},
		"Sanaa, Amanat Alasimah, YE": {"Sana'a", "Sanaa", "صنعاء", "Sana’a"},
		"Köln":                       {"koln", "Koeln", "Cologne", "Кёльн"},
		"Łódź":                       {"Lodz", "łodz"},
	} {
		for _, name := range names {
			all := geo.Find(name)
			if len(all) == 0 || !strings.HasPrefix(all[0].String(), want) {
				t.Errorf("%s: %v", name, all)
			}
		}
	}
}

// What is only assumed must follow from what the case says, and from nothing else.
func TestWordsAreReadWithCare(t *testing.T) {
	iran, gb := []string{"IR"}, []string{"GB"}
	illinois := geo.Candidates("Springfield, Illinois")[0]
	for _, c := range []struct {
		words string
		about geo.About
		want  string
	}{
		{"Kerman, the cemetery and the roads to it", geo.About{Countries: iran}, "Kerman: assumed in_case Kerman, IR"},
		{"the cemetery in Kerman", geo.About{}, "Kerman: assumed of_weight Kerman, IR"},
		{"Kerman", geo.About{Countries: gb}, "Kerman: open outside"},
		{"Springfield", geo.About{}, "Springfield: open several"},
		{"Springfield", geo.About{Countries: []string{"US"}}, "Springfield: open several"},
		{"Springfield", geo.About{Threat: &illinois}, "Springfield: assumed as_threat Springfield, Illinois, US"},
		{"Springfield, Illinois", geo.About{}, "Springfield, Illinois: assumed in_words Springfield, Illinois, US"},
		{"Springfield, IL", geo.About{}, "Springfield, IL: assumed in_words Springfield, Illinois, US"},
		{"Springfield, Iran", geo.About{}, "Springfield, Iran: open outside"},
		{"London", geo.About{}, "London: open several"},
		{"London", geo.About{Countries: gb}, "London: assumed of_weight London, England, GB"},
		{"Brooklyn, New York", geo.About{}, "Brooklyn, New York: assumed in_words Brooklyn, New York, US"},
		{"Iran, Rafsanjan", geo.About{}, "Rafsanjan: assumed in_words Rafsanjān, Kerman, IR"},
		{"between Kerman and Rafsanjan", geo.About{}, "Kerman: assumed of_weight Kerman, IR | Rafsanjan: assumed only_one Rafsanjān, Kerman, IR"},
		{"am Markt in Köln", geo.About{}, "Köln: assumed only_one Köln, North Rhine-Westphalia, DE"},
		{"Iran", geo.About{}, "Iran: area names_area"},
		{"Bavaria", geo.About{}, "Bavaria: area names_area"},
		{"Mexico", geo.About{}, "Mexico: open names_area"},
		{"12 Mill Lane", geo.About{}, "12 Mill Lane: unknown"},
		{"his shop", geo.About{}, "his shop: unknown"},
		{"the covered market", geo.About{}, "the covered market: unknown"},
		{"", geo.About{}, ": unknown"},
	} {
		var got []string
		for _, r := range geo.Read(c.words, c.about) {
			line := strings.TrimSpace(fmt.Sprintf("%s: %s %s", r.Words, r.Standing, r.Ground))
			if r.Standing == geo.Assumed {
				line += " " + r.Place.String()
			}
			got = append(got, line)
			if (r.Standing == geo.Open) != (len(r.Candidates) > 0 && r.Standing != geo.Assumed) {
				t.Errorf("%q: %s with %d candidates", c.words, r.Standing, len(r.Candidates))
			}
		}
		if s := strings.Join(got, " | "); s != c.want {
			t.Errorf("%q is read as\n\t%s\nnot as\n\t%s", c.words, s, c.want)
		}
	}
}

func TestCoordinatesAreReadInText(t *testing.T) {
	for text, want := range map[string]string{
		"30.283, 57.079":                          "30.2830° N, 57.0790° E",
		"the gate at 30.2832 57.0788.":            "30.2832° N, 57.0788° E",
		"-33.8688, 151.2093":                      "33.8688° S, 151.2093° E",
		"30.25N 57.1E":                            "30.2500° N, 57.1000° E",
		"30°17'00\"N 57°04'44\"E":                 "30.2833° N, 57.0789° E",
		"30° 17′ N, 57° 5′ E":                     "30.2833° N, 57.0833° E",
		"S 12° 30' W 45°":                         "12.5000° S, 45.0000° W",
		"N30.283 E57.079":                         "30.2830° N, 57.0790° E",
		"geo:30.2832,57.0788":                     "30.2832° N, 57.0788° E",
		"from 30.25N 57.1E to 30.41N 55.99E":      "30.2500° N, 57.1000° E; 30.4100° N, 55.9900° E",
		"rooms 30.2 and 57.1":                     "",
		"95.123, 57.079":                          "",
		"30°77'N 57°04'E":                         "",
		"call 030 283, 57 079 after 12.30, 13.45": "",
	} {
		var got []string
		for _, p := range geo.Points(text) {
			got = append(got, p.String())
		}
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%q is read as %q, not %q", text, s, want)
		}
	}
}

func drawPoint(t *rapid.T) geo.Point {
	return geo.Point{Lat: rapid.Float64Range(-90, 90).Draw(t, "lat"), Lon: rapid.Float64Range(-180, 180).Draw(t, "lon")}
}

func TestAPointThatIsWrittenIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPoint(t)
		got := geo.Points("it lies at " + p.String() + ".")
		if len(got) != 1 || math.Abs(got[0].Lat-p.Lat) > 0.0001 || math.Abs(got[0].Lon-p.Lon) > 0.0001 {
			t.Fatalf("%v is read as %v", p, got)
		}
	})
}

func TestADistanceIsTheSameBothWaysAndNoDetourIsShorter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawPoint(t), drawPoint(t), drawPoint(t)
		ab := geo.Distance(a, b)
		if d := geo.Distance(b, a); math.Abs(d-ab) > 1e-6 || ab < 0 || ab > 20040 || geo.Distance(a, a) > 1e-6 {
			t.Fatalf("%v to %v: %v and %v", a, b, ab, d)
		}
		if ab > geo.Distance(a, c)+geo.Distance(c, b)+1e-6 {
			t.Fatalf("%v to %v is longer than over %v", a, b, c)
		}
	})
}

func TestWhatIsFoundUnderANameIsFoundUnderItsSpellings(t *testing.T) {
	world := geo.Around(geo.Point{}, 21_000, 20_000)
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(world).Draw(t, "place")
		for _, name := range []string{p.Name, strings.ToUpper(p.Name), geo.Fold(p.Name)} {
			if !slices.ContainsFunc(geo.Find(name), func(q geo.Place) bool { return q.Name == p.Name && q.Point == p.Point }) {
				t.Fatalf("%v is not found as %q", p, name)
			}
		}
	})
}

// Places and outlines come from two sources. Where they disagree it is about a
// disputed country or a shore, and no more than that.
func TestPlacesLieInTheirCountries(t *testing.T) {
	wrong, n := map[string]int{}, 0
	for _, p := range geo.Around(geo.Point{}, 21_000, 10_000) {
		n++
		if code, _ := geo.CountryAt(p.Point); code != p.Country {
			wrong[p.Country+" is "+code]++
		}
	}
	total := 0
	for _, k := range wrong {
		total += k
	}
	if n != 10_000 || total > n*3/100 {
		t.Errorf("%d of %d places lie in another country: %v", total, n, wrong)
	}
}

func TestACountryIsKnownAlsoBeyondTheAntimeridian(t *testing.T) {
	for want, p := range map[string]geo.Point{"RU": {Lat: 66.6, Lon: -172.7}, "IR": {Lat: 30.28, Lon: 57.08}, "AQ": {Lat: -85, Lon: 10}, "": {Lat: 0, Lon: -30}, "LS": {Lat: -29.5, Lon: 28.2}, "XK": {Lat: 42.6, Lon: 21}} {
		if got, _ := geo.CountryAt(p); got != want {
			t.Errorf("%v is in %q, not %q", p, got, want)
		}
	}
}

func TestWhatIsEmbeddedIsWhatIsRecorded(t *testing.T) {
	sources, err := os.ReadFile("geodata/SOURCES.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"places.deflate": geodata.Places, "outlines.deflate": geodata.Outlines} {
		if !strings.Contains(string(sources), fmt.Sprintf("| %s | %x |", name, sha256.Sum256(b))) {
			t.Errorf("SOURCES.md has another digest of %s", name)
		}
	}
}

func FuzzPoints(f *testing.F) {
	for _, s := range []string{"30.283, 57.079", "30°17'00\"N 57°04'44\"E", "S 12° 30' W 45°", "1.111,2.222,3.333", "N", "999.9999N 1E"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range geo.Points(s) {
			if !p.Valid() || math.IsNaN(p.Lat) {
				t.Errorf("%q: %v", s, p)
			}
			if again := geo.Points(p.String()); len(again) != 1 {
				t.Errorf("%q: %v is read again as %v", s, p, again)
			}
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Kermān", "Sana'a", "ŁÓDŹ", "İstanbul", "Straße", "कर्मान", "서울", "كرمان", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := geo.Fold(s)
		if twice := geo.Fold(once); twice != once {
			t.Errorf("%q folds to %q and then to %q", s, once, twice)
		}
		if strings.ContainsAny(once, "\n\t,") || strings.TrimSpace(once) != once {
			t.Errorf("%q folds to %q", s, once)
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"Kerman, the cemetery", "Springfield, IL", "in in in", ",,,", "The The", "Mexico, Mexico", "30.25N 57.1E"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		all := geo.Read(s, geo.About{Countries: []string{"IR", "US"}})
		if len(all) == 0 {
			t.Errorf("%q is passed over", s)
		}
		for _, r := range all {
			if r.Standing == geo.Assumed && (r.Place.Country != "IR" && r.Place.Country != "US" || r.Ground == "" || len(r.Candidates) == 0) {
				t.Errorf("%q: %+v", s, r)
			}
		}
	})
}

func FuzzEmbedded(f *testing.F) {
	f.Add(geodata.Outlines[:1000])
	f.Add([]byte{})
	f.Add([]byte{3, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if geo.LoadPlaces(b) == nil || geo.LoadOutlines(b) == nil {
			t.Error("eight or three whole sections were made by chance")
		}
	})
}

func BenchmarkFind(b *testing.B) {
	geo.Find("Kerman") // unpacks
	for _, name := range []string{"Springfield", "Kerman", "کرمان", "nowhere at all"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				geo.Find(name)
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		geo.Read("Kerman, the cemetery and the roads to it", geo.About{Countries: []string{"IR"}})
	}
}

func BenchmarkCountryAt(b *testing.B) {
	for b.Loop() {
		geo.CountryAt(geo.Point{Lat: 30.28, Lon: 57.08})
	}
}

func BenchmarkUnpack(b *testing.B) {
	for b.Loop() {
		if err := geo.LoadPlaces(geodata.Places); err != nil {
			b.Fatal(err)
		}
	}
}
