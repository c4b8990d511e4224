package marking_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tocsin"
	"tocsin/marking"
)

func TestAnErrorPointsAtTheCharacter(t *testing.T) {
	for _, c := range []struct{ in, at, do string }{ // at: what the place covers; the words name its first character
		{"SECRET//BANANA", "BANANA", "ORCON"},
		{"secret // noforn / banana", "banana", "ORCON"},
		{" ( S//NF//XYZ ) ", "XYZ", "ORCON"},
		{"TOP SECRET//SI/TK//OC/SECRET", "SECRET", "one classification"},
		{"SECRET//NOFORN/REL TO USA, GBR", "REL TO USA, GBR", "NOFORN"},
		{"SECRET//REL TO USA, GBR//NF", "NF", "NOFORN"},
		{"SECRET//REL TO USA, GRB", "GRB", "ISO 3166"},
		{"SECRET//REL TO USA, NATO", "NATO", "members"},
		{"TLP:RED & TLP:AMBER", "TLP:AMBER", "each system"},
		{"//GBR SECRET & //GBR TS", "//GBR TS", "each system"},
		{"UK SECRET UK EYES ONLY PERSNL", "PERSNL", ""}, // a code word
		{"OFFICIAL PERSNL", "PERSNL", "PERSONAL"},
		{"UK SECRET TOP SECRET", "TOP", "one classification"},
		{"SECRET—//SI–X X-//NF", "SECRET—", "Begin with"},
		{"SECRET//SI–//NF", "SI–", "SI-G ABCD"},
		{"SÉCRET", "É", "plain capital letters"},
		{"SECRET\u202e//NOFORN", "\u202e", "plain capital letters"},
		{"SECRET//RD/FRD", "RD/FRD", "highest"},
		{"SECRET//CNWDI", "CNWDI", "RD-CNWDI"},
		{"CUI//SP-CTI//RD", "RD", "SECRET"},
		{"SECRET//RD-SIGMA 0", "RD-SIGMA 0", "RD-SIGMA 14"},
		{"UNCLASSIFIED//RD", "RD", "SECRET"},
		{"SECRET//UCNI", "UCNI", "UNCLASSIFIED//UCNI"},
		{"CUI//USA/GBR EYES ONLY", "USA/GBR EYES ONLY", "REL TO"},
		{"S//USA/JPN EYES ONLY", "USA/JPN EYES ONLY", "REL TO"},
		{"//JOINT SECRET USA", "USA", "all owners"},
		{"//JOINT SECRET USA GBR//NF", "NF", "owners"},
		{"//USA SECRET", "USA SECRET", "no //"},
		{"NATO TOP SECRET", "NATO TOP SECRET", "COSMIC"},
		{"//NATO SECRET//BANANA", "BANANA", "ATOMAL"},
		{"NC", "NC", "//NC"},
		{"DCNI", "DCNI", "UNCLASSIFIED//DCNI"},
		{"PAP:BLUE", "PAP:BLUE", "PAP:RED"},
		{"SECRET//", "", "none at the end"},
		{"", "", "such as UNCLASSIFIED"},
	} {
		_, err := marking.Parse(c.in)
		if c.do == "" {
			if err != nil {
				t.Errorf("Parse(%q): %v", c.in, err)
			}
			continue
		}
		e, ok := err.(*tocsin.Error)
		place, placed := marking.PlaceOf(err)
		if !ok || !placed {
			t.Errorf("Parse(%q) = %v, which has no place", c.in, err)
			continue
		}
		if got := c.in[place.Offset : place.Offset+place.Length]; got != c.at || !strings.Contains(e.Do, c.do) {
			t.Errorf("Parse(%q) points at %q and advises %q; want %q and %q", c.in, got, e.Do, c.at, c.do)
		}
		if want := len([]rune(c.in[:place.Offset])) + 1; place.Character != want || c.in != "" && !strings.Contains(e.What, fmt.Sprintf("at character %d,", want)) {
			t.Errorf("Parse(%q) says character %d in %q, want %d", c.in, place.Character, e.What, want)
		}
	}
}

func TestWhatIsNotUnderstoodIsKeptAndStaysClosed(t *testing.T) {
	everything := marking.Audience{
		Clearance: read(t, "TS//SI-G/TK/HCS-P//RD-CNWDI & UK TOP SECRET STRAP 3 & //CTS//ATOMAL & TLP:RED & PAP:RED"),
		Country:   "US", Own: true, Consented: true, Listed: true, Standing: marking.Federal,
	}
	for _, c := range []struct{ in, printed, atLeast, unknown string }{
		{"secret//banana/NF", "secret//banana/NF", "SECRET//NOFORN", "banana"},
		{"S//BANANA//APPLE/OC", "S//BANANA//APPLE/OC", "SECRET//ORCON", "APPLE|BANANA"},
		{"SECRET//NOFORN/REL TO USA, GBR", "SECRET//NOFORN/REL TO USA, GBR", "SECRET//NOFORN", "REL TO USA, GBR"},
		{"SECRET//REL TO USA, GBR/REL TO USA, AUS, GBR", "SECRET//REL TO USA, GBR/REL TO USA, AUS, GBR", "SECRET//REL TO USA, GBR", "REL TO USA, AUS, GBR"},
		{"SECRET//NF//TOP SECRET", "SECRET//NF//TOP SECRET", "TOP SECRET//NOFORN", "TOP SECRET"},
		{"UK SECRET TOP SECRET", "UK SECRET TOP SECRET", "UK TOP SECRET", "SECRET|TOP"},
		{"//NC//TS", "//NC//TS", "//COSMIC TOP SECRET", "TS"},
		{"TLP:AMBER & TLP:RED & TLP:GREEN", "TLP:AMBER & TLP:RED & TLP:GREEN", "TLP:RED", "TLP:GREEN|TLP:RED"},
		{"S//NF & C//SI", "S//NF & C//SI", "SECRET//SI//NOFORN", "C//SI"},
		{"//GBR R & //GBR S", "//GBR R & //GBR S", "//GBR SECRET", "//GBR S"},
		{"BANANA & TLP:RED", "BANANA & TLP:RED", "TLP:RED", "BANANA"},
		{"STRENG GEHEIM", "STRENG GEHEIM", "", "STRENG GEHEIM"},
		{"STRENG  GEHEIM – ÄÖ", "STRENG GEHEIM – ÄÖ", "", "STRENG GEHEIM – ÄÖ"},
		{"U\xff", `U\xff`, "", `U\xff`},
		{"TLP:CLEAR\u202eDER", `TLP:CLEAR\u202eDER`, "", `TLP:CLEAR\u202eDER`},
		{"U\x00", `U\u0000`, "", `U\u0000`},
		{"UNCLASSIFIED" + strings.Repeat(" ", 40000), "UNCLASSIFIED [...]", "", "UNCLASSIFIED [...]"},
		{"  ", "", "", ""},
	} {
		m := marking.Read(c.in)
		if m.Known() || m.Public() || !m.OriginatorControlled() {
			t.Errorf("Read(%.40q) passes for readable", c.in)
		}
		if got := strings.Join(m.Unknown(), "|"); m.String() != c.printed || m.AtLeast().String() != c.atLeast || got != c.unknown {
			t.Errorf("Read(%.40q) is %q, at least %q, unknown %q; want %q, %q, %q", c.in, m, m.AtLeast(), got, c.printed, c.atLeast, c.unknown)
		}
		if ok, _ := marking.May(m, everything); ok {
			t.Errorf("somebody may have %.40q", c.in)
		}
		if !marking.Dominates(m, everything.Clearance) || marking.Dominates(everything.Clearance, m) {
			t.Errorf("%.40q is not the most restrictive", c.in)
		}
		banner := marking.RollUp(slices.Values([]marking.Marking{read(t, "U"), m}))
		if banner.Known() {
			t.Errorf("a text with a portion %.40q has the banner %q", c.in, banner)
		}
		printsAsItReads(t, m)
	}
	if m := read(t, "S//NF"); m.Unknown() != nil || !m.AtLeast().Equal(m) {
		t.Error("a known marking has unknown parts")
	}
}

func TestEverythingWrongIsFound(t *testing.T) {
	_, faults := marking.Inspect("S//BANANA/NF//REL TO USA, GRB//SI/X & UK SECRET APPLE", marking.Marking{})
	var at []string
	for _, f := range faults {
		p, _ := marking.PlaceOf(f)
		at = append(at, fmt.Sprint(p.Character))
	}
	if got := strings.Join(at, " "); got != "4 27 35 15" {
		t.Errorf("faults at %s", got)
	}
	if _, faults := marking.Inspect("S"+strings.Repeat("//?", 5000), marking.Marking{}); len(faults) != 16 {
		t.Errorf("%d faults", len(faults))
	}
}

// Nobody may fill the memory with marks, or make the work grow with the square
// of what was sent.
func TestMoreMarksThanAnyTextHasAreNotRead(t *testing.T) {
	for _, c := range []struct{ head, mark, between, in string }{
		{"TS//SAR-", "A%d", "/", "programmes"}, {"TS//", "SI-A%d", "//", "compartments"}, {"CUI//", "A%d", "/", "categories"},
		{"UK SECRET ", "WORD%c%c", " ", "code words"}, {"", "//%s S", " & ", "owners"},
	} {
		marks := func(n int) string {
			var list []string
			for i := range n {
				switch {
				case c.in == "code words":
					list = append(list, fmt.Sprintf(c.mark, 'A'+i/26, 'A'+i%26))
				case c.in == "owners":
					list = append(list, fmt.Sprintf(c.mark, strings.Fields("GBR DEU FRA ITA ESP NLD BEL NOR DNK")[i]))
				default:
					list = append(list, fmt.Sprintf(c.mark, i))
				}
			}
			return c.head + strings.Join(list, c.between)
		}
		most := map[bool]int{true: 8, false: 64}[c.in == "owners"]
		m := read(t, marks(most))
		printsAsItReads(t, m)
		if _, err := marking.Parse(marks(most + 1)); err == nil {
			t.Errorf("%d %s are read", most+1, c.in)
		}
		if marking.Read(marks(most+1)).Known() || marking.Combine(m, read(t, c.head+strings.NewReplacer("%d", "Z", "%c%c", "ZZ", "%s", "CZE").Replace(c.mark))).Known() {
			t.Errorf("%d %s are known", most+1, c.in)
		}
	}
	for _, s := range []string{"S//SAR-%s", "CUI//%s", "S//REL TO USA, %s", "S//SI-%s", "//NS//%s", "UK SECRET %s", "%s"} {
		marking.Read(fmt.Sprintf(s, strings.Repeat("AB/A1 & C, D//", 2000)))
	}
}

func TestAMegabyteOfPortionMarksIsBounded(t *testing.T) {
	if m := marking.Read(strings.Repeat("S//NF & ", 130000)); m.Known() || len(m.String()) > 300 {
		t.Errorf("a megabyte of one marking became %q", m)
	}
	for _, c := range []struct {
		name, banner string
		portion      func(i int) string
	}{
		{"one mark", "SECRET//NOFORN", func(int) string { return "(S//NF)" }},
		{"compartments", "", func(i int) string { return fmt.Sprintf("(TS//SI-A%d)", i) }},
		{"programmes", "", func(i int) string { return fmt.Sprintf("(TS//SAR-A%d)", i) }},
		{"categories", "", func(i int) string { return fmt.Sprintf("(CUI//A%d)", i) }},
		{"nonsense", "", func(i int) string { return fmt.Sprintf("(BANANA %d//)", i) }},
		{"owners", "", func(i int) string {
			return fmt.Sprintf("(//JOINT S %s USA)", []string{"GBR", "AUS", "DEU", "FRA", "CAN", "ITA", "ESP", "NLD", "BEL", "NOR"}[i%10])
		}},
	} {
		size, n := 0, 0
		banner := marking.RollUp(func(yield func(marking.Marking) bool) {
			for size < 1<<20 {
				s := c.portion(n)
				n, size = n+1, size+len(s)
				if !yield(marking.Read(s)) {
					return
				}
			}
		})
		if banner.Known() != (c.banner != "") || c.banner != "" && banner.String() != c.banner {
			t.Errorf("%s: %d portions make %.100q", c.name, n, banner)
		}
		if l := len(banner.String()) + len(banner.AtLeast().String()) + len(strings.Join(banner.Unknown(), "")); l > 3*16*220 {
			t.Errorf("%s: the banner takes %d bytes", c.name, l)
		}
	}
}

var corpus = []string{
	"", "U", "(S//NF)", "TOP SECRET//SI/TK//RELIDO", "TS//SI-G ABCD DEFG-M/TK//OC", "CUI//SP-CTI/PRVCY//NOFORN",
	"SECRET//CUI//SP-CTI", "SECRET//FGI GBR NATO", "S//SAR-BUTTER POPCORN/J12", "SECRET//REL TO USA, FVEY/DISPLAY ONLY AFG",
	"UK SECRET UK/US EYES ONLY", "OFFICIAL - SENSITIVE: PERSONAL", "TLP:AMBER+STRICT", "TLP:RED & SECRET & OFFICIAL",
	"UNCLASSIFIED//FOR OFFICIAL USE ONLY", "SECRET//CUI//ZZ/TK", "SECRET//REL", "\xff", "ſECRET", "(()",
	"S//RD-CNWDI-SG 14 20//FISA", "U//DCNI//UCNI", "//JOINT SECRET USA GBR//REL TO USA, GBR", "//NATO SECRET//ATOMAL",
	"NATO SECRET - RELEASABLE TO AUS", "//CTS-B & TLP:RED & PAP:AMBER", "CUI//FEDCON/NOCON/AC", "TOP SECRET STRAP 2 FALCON [UK EYES ONLY]",
	"SECRET//USA/GBR EYES ONLY", "PUBLIC", "U//SBU-NF", "//FGI S//ND", "S//BANANA/NF/REL TO USA, GBR", "TLP:RED & TLP:AMBER", "S\u202e", "S//\u00a0NF", "//", " & ", "UK ", "JOINT ",
}

func FuzzParse(f *testing.F) {
	for i, s := range corpus {
		f.Add(s, "SECRET//REL TO USA, GBR")
		f.Add(s, corpus[(i*7+3)%len(corpus)])
	}
	f.Fuzz(func(t *testing.T, s, banner string) {
		under := marking.Read(banner)
		inPortion, faults := marking.Inspect(s, under)
		for _, m := range []marking.Marking{marking.Read(s), under, inPortion} {
			printsAsItReads(t, m)
			sum := marking.Combine(m, under)
			if !marking.Dominates(m, m) || !marking.Combine(m, m).Equal(m) || !marking.Dominates(sum, m) || !marking.Combine(m, sum).Equal(sum) {
				t.Fatalf("%q breaks the order", s)
			}
			marking.Check(m)
			portions := slices.Values([]marking.Marking{m, under})
			rolled := marking.RollUp(portions)
			if rolled.Known() {
				printsAsItReads(t, rolled)
			}
			marking.CheckBanner(rolled, portions)
		}
		if inPortion.Known() != (len(faults) == 0) {
			t.Fatalf("%q: known %v with %d faults", s, inPortion.Known(), len(faults))
		}
		for _, e := range faults {
			if p, ok := marking.PlaceOf(e); ok && (p.Offset < 0 || p.Length < 0 || p.Offset+p.Length > len(s)) {
				t.Fatalf("%q: place %+v", s, p)
			}
		}
	})
}

// FuzzUnseenCharacters puts what nobody sees into a marking and asks that it
// never becomes one that somebody may have who may not have the first.
func FuzzUnseenCharacters(f *testing.F) {
	for i, s := range []string{"\u202e", "\u200b", "\xff", "\u00ad", "\ufeff", "\x00", "\u2066", " ", "\t", "ſ"} {
		f.Add(corpus[i], s, i)
		f.Add("SECRET//NOFORN", s, 6)
	}
	f.Fuzz(func(t *testing.T, s, put string, at int) {
		if strings.ContainsFunc(put, func(r rune) bool { return r > ' ' && r <= '~' || r == '–' || r == '—' || r == '‑' }) || strings.TrimSpace(put) == "" {
			return // what can be seen makes another marking, and space none
		}
		at = max(0, min(at, len(s)))
		if m := marking.Read(s[:at] + put + s[at:]); m.Known() {
			t.Fatalf("%q with %q in it reads as %q", s, put, m)
		}
	})
}

func BenchmarkPortion(b *testing.B) { benchmark(b, "(S//OC/NF)") }
func BenchmarkLongBanner(b *testing.B) {
	benchmark(b, "TOP SECRET//SI-G ABCD/TK//FGI GBR//ORCON/REL TO USA, AUS, GBR")
}

func benchmark(b *testing.B, s string) {
	b.ReportAllocs()
	for b.Loop() {
		if !marking.Read(s).Known() {
			b.Fatal("unreadable")
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "parses/s")
}

func BenchmarkRollUp(b *testing.B) {
	portions := []marking.Marking{read(b, "(U)"), read(b, "(S//REL TO USA, AUS, GBR)"), read(b, "(TS//SI//OC/REL TO USA, GBR)"), read(b, "(//GBR S//REL TO USA, GBR)")}
	b.ReportAllocs()
	for b.Loop() {
		if !marking.RollUp(slices.Values(portions)).Known() {
			b.Fatal("unreadable")
		}
	}
}

// Whatever Combine can make must be short enough to be read again.
func TestTheLargestMarkingIsReadBack(t *testing.T) {
	var countries []string
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if c, ok := marking.Country(string([]rune{a, b})); ok && c != "USA" && !slices.Contains(countries, c) {
				countries = append(countries, c)
			}
		}
	}
	list := strings.Join(countries, ", ")
	sum := read(t, "TS//FGI "+strings.Join(countries, " ")+"//OC/PR/REL TO USA, "+list+" & UK TOP SECRET STRAP 3 UK/"+strings.Join(countries, "/")+" EYES ONLY & TLP:RED & PAP:RED")
	for i := range 64 {
		sum = marking.Combine(sum, read(t, fmt.Sprintf("TS//SI-COMPAR%02d SUBCOMP%d//SAR-%s%02d//CUI//SP-CATEG%02d//OC/PR/REL TO USA, %s & UK SECRET CODEWORDCODEWO%c%c", i, i%10, strings.Repeat("PROGRAMME ", 3), i, i, list, 'A'+i/8, 'A'+i%8)))
	}
	for i := range 8 {
		sum = marking.Combine(sum, read(t, "//JOINT S USA "+strings.Join(slices.Delete(slices.Clone(countries), i, i+1), " ")+"//REL TO USA, "+list))
	}
	if !sum.Known() || len(sum.String()) < marking.MaxLength/2 {
		t.Fatalf("the marking has %d bytes, known: %v", len(sum.String()), sum.Known())
	}
	printsAsItReads(t, sum)
}
