package marking_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"tocsin"
	"tocsin/marking"
)

func read(t testing.TB, s string) marking.Marking {
	t.Helper()
	m, err := marking.Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return m
}

func TestMarkingsAsTheyAreWritten(t *testing.T) {
	for _, c := range []struct{ in, banner, portion string }{
		{"UNCLASSIFIED", "UNCLASSIFIED", "(U)"},
		{" (u) ", "UNCLASSIFIED", "(U)"},
		{"unclassified//for official use only", "UNCLASSIFIED//FOUO", "(U//FOUO)"},
		{"U//FOUO/NF", "UNCLASSIFIED//FOUO//NOFORN", "(U//FOUO//NF)"},
		{"CUI", "CUI", "(CUI)"},
		{"CONTROLLED//SP-CTI/PRVCY//NOFORN", "CUI//PRVCY/SP-CTI//NOFORN", "(CUI//PRVCY/SP-CTI//NF)"},
		{"CUI//REL TO USA, GBR", "CUI//REL TO USA, GBR", "(CUI//REL TO USA, GBR)"},
		{"C", "CONFIDENTIAL", "(C)"},
		{"SECRET", "SECRET", "(S)"},
		{"secret // noforn", "SECRET//NOFORN", "(S//NF)"},
		{"(S//NF)", "SECRET//NOFORN", "(S//NF)"},
		{"SECRET//FGI", "SECRET//FGI", "(S//FGI)"},
		{"SECRET//FGI JPN GBR", "SECRET//FGI GBR JPN", "(S//FGI GBR JPN)"},
		{"TOP SECRET//SI/TK//RELIDO", "TOP SECRET//SI/TK//RELIDO", "(TS//SI/TK//RELIDO)"},
		{"(TS//SI-G//OC/NF)", "TOP SECRET//SI-G//ORCON/NOFORN", "(TS//SI-G//OC/NF)"},
		{"TS//SI/SI-G ABCD DEFG-M/TK//OC", "TOP SECRET//SI-G ABCD DEFG-M/TK//ORCON", "(TS//SI-G ABCD DEFG-M/TK//OC)"},
		{"TS//HCS-P//SAR-BP/J12//FGI//IMCON/PROPIN", "TOP SECRET//HCS-P//SAR-BP/J12//FGI//IMCON/PROPIN", "(TS//HCS-P//SAR-BP/J12//FGI//IMC/PR)"},
		{"(S//REL TO USA, GBR/DISPLAY ONLY AFG)", "SECRET//REL TO USA, GBR/DISPLAY ONLY AFG", "(S//REL TO USA, GBR/DISPLAY ONLY AFG)"},
		{"S//REL TO GBR USA AUS", "SECRET//REL TO USA, AUS, GBR", "(S//REL TO USA, AUS, GBR)"},
		{"SECRET//REL TO USA, FVEY", "SECRET//REL TO USA, AUS, CAN, GBR, NZL", "(S//REL TO USA, AUS, CAN, GBR, NZL)"},
		{"SECRET//ORCON-USGOV/ORCON", "SECRET//ORCON", "(S//OC)"},
		{"SECRET//NF/OC//LES", "SECRET//ORCON/NOFORN//LES", "(S//OC/NF//LES)"},
		{"SECRET//CUI//SP-CTI//NF", "SECRET//CUI//SP-CTI//NOFORN", "(S//CUI//SP-CTI//NF)"},
		{"SECRET//FOUO", "SECRET", "(S)"},
		{"OFFICIAL", "OFFICIAL", "(OFFICIAL)"},
		{"UK OFFICIAL", "OFFICIAL", "(OFFICIAL)"},
		{"OFFICIAL - SENSITIVE: PERSONAL", "OFFICIAL-SENSITIVE PERSONAL", "(OFFICIAL-SENSITIVE PERSONAL)"},
		{"UK SECRET", "UK SECRET", "(UK SECRET)"},
		{"UK TOP SECRET – UK EYES ONLY", "UK TOP SECRET UK EYES ONLY", "(UK TOP SECRET UK EYES ONLY)"},
		{"SECRET UK/US EYES ONLY", "UK SECRET UK/US EYES ONLY", "(UK SECRET UK/US EYES ONLY)"},
		{"UK SECRET FIVE EYES ONLY", "UK SECRET AUS/CAN/UK/NZL/US EYES ONLY", "(UK SECRET AUS/CAN/UK/NZL/US EYES ONLY)"},
		{"tlp: red", "TLP:RED", "(TLP:RED)"},
		{"TLP:AMBER+STRICT", "TLP:AMBER+STRICT", "(TLP:AMBER+STRICT)"},
		{"TLP:WHITE", "TLP:CLEAR", "(TLP:CLEAR)"},
		{"TLP:AMBER & SECRET//NF", "SECRET//NOFORN & TLP:AMBER", "(S//NF & TLP:AMBER)"},
		{"UNCLASSIFIED & TLP:GREEN", "TLP:GREEN", "(TLP:GREEN)"},
	} {
		m := read(t, c.in)
		if m.String() != c.banner || m.Portion() != c.portion {
			t.Errorf("%q reads as %q and %q, want %q and %q", c.in, m, m.Portion(), c.banner, c.portion)
		}
		for _, again := range []string{c.banner, c.portion} {
			if b := read(t, again); !b.Equal(m) {
				t.Errorf("%q prints as %q, which reads as %q", c.in, again, b)
			}
		}
	}
}

func TestUnreadableMarkingsSayWhatToWrite(t *testing.T) {
	for _, c := range []struct{ in, do string }{
		{"", "such as UNCLASSIFIED"},
		{"()", "such as UNCLASSIFIED"},
		{"FOUO", "UNCLASSIFIED//FOUO"},
		{"NOFORN", "SECRET//NOFORN"},
		{"AMBER", "TLP:AMBER"},
		{"UNMARKED", "UNCLASSIFIED"},
		{"//XQQ SECRET", "//GBR SECRET"},
		{"SECRET//", "//"},
		{"SECRET//BANANA", "ORCON"},
		{"SECRET//NOFORN/REL TO USA, GBR", "NOFORN"},
		{"SECRET//NF/RELIDO", "NOFORN"},
		{"SECRET//REL TO GBR", "USA"},
		{"SECRET//REL TO USA", "NOFORN"},
		{"SECRET//REL TO USA, GRB", "ISO 3166"},
		{"SECRET//REL", "REL TO USA, GBR"},
		{"SECRET//DISPLAY ONLY ", "ORCON"},
		{"SECRET//REL TO USA, GBR/REL TO USA, AUS", "one REL TO"},
		{"UNCLASSIFIED//REL TO USA, GBR", "UNCLASSIFIED alone"},
		{"UNCLASSIFIED//SI", "SECRET//SI"},
		{"SECRET//SI/NF", "//"},
		{"SECRET//SI-", "SI-G ABCD"},
		{"SECRET//SAR-NF", "SAR-BP"},
		{"SECRET//FGI XQQ", "ISO 3166"},
		{"SECRET & SECRET", "each system"},
		{"UK SECRET & OFFICIAL", "each system"},
		{"TLP:RED & TLP:AMBER", "each system"},
		{"UK RESTRICTED", "OFFICIAL"},
		{"OFFICIAL STRAP1", "UK SECRET"},
		{"UK SECRET US EYES ONLY", "UK"},
		{"UK SECRET UK EYES ONLY US EYES ONLY", "one eyes-only"},
		{"UK SECRET UK/QQ EYES ONLY", "ISO 3166"},
		{"TLP:BLUE", "TLP:CLEAR"},
		{"TLPRED", "TLP:CLEAR"},
		{"ſECRET", "plain capital letters"},
		{"SEСRET", "plain capital letters"}, // Cyrillic Es
		{"SECRET\x00", "plain capital letters"},
		{strings.Repeat("(", marking.MaxLength+1), "one banner"},
	} {
		m, err := marking.Parse(c.in)
		var e *tocsin.Error
		if !errors.As(err, &e) || tocsin.KindOf(err) != tocsin.Invalid {
			t.Errorf("Parse(%.40q) = %q, %v; want an error of kind invalid", c.in, m, err)
			continue
		}
		if !strings.Contains(e.Do, c.do) {
			t.Errorf("Parse(%.40q) advises %q; want it to name %q", c.in, e.Do, c.do)
		}
		if m.Known() || marking.Read(c.in).Known() {
			t.Errorf("%.40q is unreadable but known", c.in)
		}
	}
}

func TestUnreadableIsTheMostRestrictiveAndNeverUnclassified(t *testing.T) {
	var none marking.Marking
	banana := marking.Read("COSMIC BANANA")
	if banana.Known() || banana.Public() || !banana.OriginatorControlled() || banana.String() != "COSMIC BANANA" {
		t.Errorf("a marking that is no marking is %q", banana)
	}
	all := read(t, "TOP SECRET//HCS/SI-G/TK//ORCON/NOFORN & UK TOP SECRET UK EYES ONLY & TLP:RED")
	for _, other := range []marking.Marking{none, all} {
		if !marking.Dominates(banana, other) || marking.Dominates(all, banana) || marking.Combine(banana, other).Known() {
			t.Errorf("%q is not above %q", banana, other)
		}
	}
	if !marking.Dominates(none, all) || marking.Dominates(all, none) || !marking.Dominates(none, none) {
		t.Error("an unreadable marking must dominate all and be dominated only by itself")
	}
	if marking.Combine(none, all).Known() || marking.Combine(all, none).Known() {
		t.Error("combining with an unreadable marking must stay unreadable")
	}
	if ok, _ := marking.May(none, marking.Audience{Clearance: all, Country: "US", Own: true, Consented: true}); ok {
		t.Error("nobody may have an unreadable marking")
	}
	if none.Public() || none.String() != "" || none.Portion() != "" || !none.OriginatorControlled() {
		t.Error("an unreadable marking must not pass for a public one")
	}
	if ok, _ := marking.May(read(t, "CUI"), marking.Audience{Clearance: none, Country: "US"}); ok {
		t.Error("an unreadable clearance must not open anything")
	}
}

func TestBareRELTakesTheListOfTheBanner(t *testing.T) {
	banner := read(t, "SECRET//REL TO USA, GBR, AUS")
	m, err := marking.ParsePortion("(C//REL)", banner)
	if err != nil || m.String() != "CONFIDENTIAL//REL TO USA, AUS, GBR" {
		t.Errorf("(C//REL) = %q, %v", m, err)
	}
	if _, err := marking.ParsePortion("(C//REL)", read(t, "SECRET//NOFORN")); err == nil {
		t.Error("REL under a NOFORN banner must be an error")
	}
}

func TestTextsPutTogetherCarryTheHigherMarking(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"UNCLASSIFIED", "SECRET", "SECRET"},
		{"UNCLASSIFIED", "SECRET//REL TO USA, GBR", "SECRET//REL TO USA, GBR"},
		{"UNCLASSIFIED//FOUO", "SECRET", "SECRET"},
		{"UNCLASSIFIED//FOUO", "CUI//SP-CTI", "CUI//SP-CTI"},
		{"SECRET", "CUI//SP-CTI", "SECRET//CUI//SP-CTI"},
		{"SECRET//NOFORN", "TOP SECRET//REL TO USA, GBR", "TOP SECRET//NOFORN"},
		{"SECRET//REL TO USA, AUS, GBR", "SECRET//REL TO USA, GBR, NZL", "SECRET//REL TO USA, GBR"},
		{"SECRET//REL TO USA, AUS", "SECRET//REL TO USA, GBR", "SECRET"},
		{"SECRET", "SECRET//REL TO USA, GBR", "SECRET"},
		{"SECRET//REL TO USA, GBR/DISPLAY ONLY AFG", "SECRET//REL TO USA, AFG/DISPLAY ONLY GBR", "SECRET//DISPLAY ONLY AFG, GBR"},
		{"SECRET//RELIDO", "SECRET//RELIDO/REL TO USA, GBR", "SECRET//RELIDO"},
		{"SECRET//RELIDO", "SECRET", "SECRET"},
		{"SECRET//SI", "TOP SECRET//SI-G/TK", "TOP SECRET//SI-G/TK"},
		{"SECRET//FGI GBR", "SECRET//FGI", "SECRET//FGI"},
		{"SECRET//FGI GBR", "SECRET//FGI DEU", "SECRET//FGI DEU GBR"},
		{"SECRET//ORCON", "SECRET//ORCON-USGOV/PROPIN", "SECRET//ORCON/PROPIN"},
		{"OFFICIAL", "UK SECRET UK/US EYES ONLY", "UK SECRET UK/US EYES ONLY"},
		{"UK SECRET AUS/UK EYES ONLY", "UK SECRET UK/US EYES ONLY", "UK SECRET UK EYES ONLY"},
		{"TLP:GREEN", "TLP:AMBER+STRICT", "TLP:AMBER+STRICT"},
		{"TLP:CLEAR", "UNCLASSIFIED", "UNCLASSIFIED"},
		{"TLP:AMBER", "SECRET//NOFORN", "SECRET//NOFORN & TLP:AMBER"},
		{"UK SECRET", "SECRET", "SECRET & UK SECRET"},
	} {
		a, b := read(t, c.a), read(t, c.b)
		for _, m := range []marking.Marking{marking.Combine(a, b), marking.Combine(b, a)} {
			if m.String() != c.want {
				t.Errorf("%s with %s = %s, want %s", a, b, m, c.want)
			}
		}
	}
}

func TestWhoDominatesWhom(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"SECRET", "CONFIDENTIAL", true},
		{"CONFIDENTIAL", "SECRET", false},
		{"SECRET", "SECRET//NOFORN", false},
		{"SECRET//NOFORN", "SECRET", true},
		{"SECRET//REL TO USA, GBR", "SECRET//REL TO USA, AUS, GBR", true},
		{"SECRET//REL TO USA, AUS, GBR", "SECRET//REL TO USA, GBR", false},
		{"SECRET", "SECRET//REL TO USA, GBR", true},
		{"SECRET//REL TO USA, GBR", "SECRET", false},
		{"SECRET//REL TO USA, GBR", "SECRET//DISPLAY ONLY GBR", false},
		{"SECRET//DISPLAY ONLY GBR", "SECRET//REL TO USA, GBR", true},
		{"TOP SECRET", "SECRET//SI", false},
		{"TOP SECRET//SI-G", "SECRET//SI", true},
		{"UNCLASSIFIED//NOFORN", "UNCLASSIFIED", true},
		{"UNCLASSIFIED", "UNCLASSIFIED//NOFORN", false},
		{"UNCLASSIFIED", "SECRET", false},
		{"TLP:RED", "SECRET", false},
		{"SECRET", "TLP:GREEN", false},
		{"SECRET", "TLP:CLEAR", true},
		{"TLP:CLEAR", "UNCLASSIFIED", true},
		{"UNCLASSIFIED", "TLP:CLEAR", true},
		{"UNCLASSIFIED", "OFFICIAL", false},
		{"UK SECRET", "SECRET", false},
		{"UK SECRET UK EYES ONLY", "UK SECRET UK/US EYES ONLY", true},
		{"UK SECRET", "OFFICIAL UK EYES ONLY", false},
		{"OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE PERSONAL", false},
	} {
		if got := marking.Dominates(read(t, c.a), read(t, c.b)); got != c.want {
			t.Errorf("%s dominates %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestWhoMayHaveIt(t *testing.T) {
	for _, c := range []struct {
		mark, clearance, country string
		own, consented           bool
		refused                  string // words of the reason; empty: may have it
	}{
		{mark: "UNCLASSIFIED", country: ""},
		{mark: "UNCLASSIFIED", country: "IR"},
		{mark: "TLP:CLEAR"},
		{mark: "OFFICIAL"},
		{mark: "UNCLASSIFIED//FOUO", country: "US", refused: "unclassified"},
		{mark: "UNCLASSIFIED//FOUO", clearance: "CUI", country: "US"},
		{mark: "UNCLASSIFIED//NOFORN", country: "GB", refused: "NOFORN"},
		{mark: "UNCLASSIFIED//NOFORN", country: "US"},
		{mark: "SECRET", clearance: "CONFIDENTIAL", country: "US", refused: "SECRET"},
		{mark: "SECRET", clearance: "TOP SECRET", country: "US"},
		{mark: "SECRET", clearance: "TLP:RED", country: "US", refused: "SECRET"},
		{mark: "SECRET", clearance: "UK SECRET", country: "GB", refused: "SECRET"},
		{mark: "SECRET", clearance: "SECRET", country: "", refused: "country"},
		{mark: "SECRET", clearance: "SECRET", country: "GBR", refused: "REL TO"},
		{mark: "SECRET//NOFORN", clearance: "SECRET", country: "usa"},
		{mark: "SECRET//NOFORN", clearance: "SECRET", country: "GBR", refused: "NOFORN"},
		{mark: "SECRET//REL TO USA, GBR", clearance: "SECRET", country: "uk"},
		{mark: "SECRET//REL TO USA, GBR", clearance: "SECRET", country: "DE", refused: "DEU"},
		{mark: "SECRET//RELIDO", clearance: "SECRET", country: "DE", refused: "RELIDO"},
		{mark: "SECRET//DISPLAY ONLY AFG", clearance: "SECRET", country: "AF", refused: "shown"},
		{mark: "SECRET//SI", clearance: "TOP SECRET", country: "US", refused: "SI"},
		{mark: "SECRET//SI", clearance: "TOP SECRET//SI-G", country: "US"},
		{mark: "SECRET//SAR-BP", clearance: "TOP SECRET", country: "US", refused: "BP"},
		{mark: "SECRET//ORCON", clearance: "SECRET", country: "US", refused: "ORCON"},
		{mark: "SECRET//ORCON", clearance: "SECRET", country: "US", own: true},
		{mark: "SECRET//ORCON", clearance: "SECRET", country: "US", consented: true},
		{mark: "SECRET//NOFORN//LES", clearance: "SECRET", country: "US", refused: "LES"},
		{mark: "OFFICIAL-SENSITIVE", country: "GB", refused: "OFFICIAL-SENSITIVE"},
		{mark: "OFFICIAL-SENSITIVE", clearance: "UK SECRET", country: "GB"},
		{mark: "UK SECRET UK/US EYES ONLY", clearance: "UK SECRET", country: "US"},
		{mark: "UK SECRET UK/US EYES ONLY", clearance: "UK SECRET", country: "AU", refused: "eyes-only"},
		{mark: "OFFICIAL UK EYES ONLY", country: "", refused: "eyes-only"},
		{mark: "TLP:GREEN", refused: "TLP:GREEN"},
		{mark: "TLP:AMBER", clearance: "TLP:RED"},
		{mark: "TLP:RED", clearance: "TLP:AMBER+STRICT", refused: "TLP:AMBER+STRICT"},
		{mark: "SECRET//REL TO USA, GBR & TLP:AMBER", clearance: "SECRET", country: "GB", refused: "TLP:AMBER"},
		{mark: "SECRET//REL TO USA, GBR & TLP:AMBER", clearance: "SECRET & TLP:AMBER", country: "GB"},
	} {
		a := marking.Audience{Country: c.country, Own: c.own, Consented: c.consented, Clearance: marking.Read(c.clearance)}
		ok, reason := marking.May(read(t, c.mark), a)
		if ok != (c.refused == "") || !strings.Contains(reason, c.refused) || ok != (reason == "") {
			t.Errorf("%s to %+v: %v %q, want refusal naming %q", c.mark, c, ok, reason, c.refused)
		}
	}
}

func TestEveryCountryIsKnownByBothCodes(t *testing.T) {
	n := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			two := string([]rune{a, b})
			r, err := language.ParseRegion(two)
			if err != nil || !r.IsCountry() || r.IsPrivateUse() || two == "UK" {
				continue
			}
			three, ok := marking.Country(strings.ToLower(two))
			if !ok {
				continue
			}
			n++
			if again, ok := marking.Country(three); !ok || again != three {
				t.Errorf("%s is %s, which is %q, %v", two, three, again, ok)
			}
		}
	}
	if n < 240 {
		t.Errorf("only %d countries", n)
	}
	for in, want := range map[string]string{"IR": "IRN", "uk": "GBR", "gb": "GBR", "US": "USA", "usa": "USA", "RU": "RUS", "AF": "AFG"} {
		if got, ok := marking.Country(in); !ok || got != want {
			t.Errorf("Country(%q) = %q, %v; want %s", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "U", "EU", "ZZ", "419", "QQ", "XQQ", "Iran", "U\xff"} {
		if got, ok := marking.Country(in); ok {
			t.Errorf("Country(%q) = %q; want none", in, got)
		}
	}
}

func TestCombineSharesNothingWithItsParts(t *testing.T) {
	parts := []string{"SECRET//REL TO USA, AUS, GBR", "SECRET//REL TO USA, GBR, NZL", "UNCLASSIFIED"}
	before := make([]string, len(parts))
	ms := make([]marking.Marking, len(parts))
	for i, p := range parts {
		ms[i] = read(t, p)
		before[i] = ms[i].String()
	}
	for _, a := range ms {
		for _, b := range ms {
			marking.Combine(marking.Combine(a, b), ms[0])
		}
	}
	after := make([]string, len(parts))
	for i := range ms {
		after[i] = ms[i].String()
	}
	if !slices.Equal(before, after) {
		t.Errorf("combining changed its parts: %v, then %v", before, after)
	}
}
