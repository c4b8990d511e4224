package marking_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tocsin/marking"
)

// anyMarking draws from markings of every system, built segment by segment so
// that all but a few are readable, and now and then the zero one.
func anyMarking() *rapid.Generator[marking.Marking] {
	return rapid.Custom(func(t *rapid.T) marking.Marking {
		var parts []string
		for _, g := range []*rapid.Generator[string]{anyUS(), anyUK(), anyForeign(), anyForeign(), anyLabel()} {
			if rapid.Bool().Draw(t, "has") {
				parts = append(parts, g.Draw(t, "part"))
			}
		}
		return marking.Read(strings.Join(parts, " & "))
	})
}

func pick(s ...string) *rapid.Generator[string] { return rapid.SampledFrom(s) }

func anyUS() *rapid.Generator[string] {
	foreign := pick("", "//NF", "//REL TO USA, GBR", "//REL TO USA, AUS", "//REL TO USA, AUS, GBR", "//RELIDO",
		"//REL TO USA, AUS/RELIDO", "//DISPLAY ONLY GBR", "//REL TO USA, AUS/DISPLAY ONLY GBR")
	return rapid.Custom(func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "classified") {
			return pick("C", "S", "TS").Draw(t, "level") +
				pick("", "", "//SI", "//SI-G", "//SI-G ABCD-M/TK", "//HCS-P").Draw(t, "sci") +
				pick("", "", "", "//SAR-BP", "//SAR-BP-J12/CD").Draw(t, "sar") +
				pick("", "", "", "//RD", "//FRD", "//TFNI", "//RD-CNWDI-SG 14", "//FRD-SG 9 14").Draw(t, "aea") +
				pick("", "", "//FGI", "//FGI GBR", "//FGI DEU NATO").Draw(t, "fgi") +
				pick("", "", "//CUI//SP-CTI", "//CUI//PRVCY/SP-CTI//FED ONLY").Draw(t, "cui") +
				pick("", "", "//OC", "//OC-USGOV", "//PR/IMC", "//FISA/DSEN").Draw(t, "controls") +
				foreign.Draw(t, "foreign") +
				pick("", "", "//ND", "//XD", "//LES/SSI").Draw(t, "other")
		}
		if rapid.Bool().Draw(t, "cui") {
			return "CUI" + pick("", "//SP-CTI", "//PRVCY/SP-CTI").Draw(t, "category") +
				pick("", "", "//DOE UCNI").Draw(t, "ucni") +
				pick("", "", "//FEDCON", "//NOCON", "//FED ONLY", "//DL ONLY/AC").Draw(t, "limited") +
				foreign.Draw(t, "foreign")
		}
		return "U" + pick("", "", "//FOUO", "//SBU", "//DCNI", "//UCNI", "//DCNI//UCNI", "//FOUO//REL TO USA, GBR").Draw(t, "minor") +
			pick("", "", "//NF", "//OC", "//LES", "//DS", "//FGI GBR").Draw(t, "control")
	})
}

func anyUK() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := pick("OFFICIAL", "OFFICIAL-SENSITIVE", "UK SECRET", "UK SECRET STRAP 1", "UK TOP SECRET STRAP 2", "UK TOP SECRET FALCON", "UK TOP SECRET").Draw(t, "level")
		return s + pick("", " PERSONAL", " COMMERCIAL", " HMG USE ONLY", " RECIPIENTS ONLY").Draw(t, "note") +
			pick("", " UK EYES ONLY", " UK/US EYES ONLY", " AUS/UK EYES ONLY").Draw(t, "eyes")
	})
}

func anyForeign() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := pick("//GBR SECRET", "//GBR R", "//DEU TS", "//FGI C", "//JOINT S GBR USA", "//JOINT C CAN USA", "//NU", "//NC", "//NSAT", "//CTS//BALK", "//CTS").Draw(t, "level")
		s += pick("", "", "//OC", "//LES").Draw(t, "control")
		if strings.HasPrefix(s, "//JOINT") {
			return s + pick("", "//REL TO USA, GBR", "//REL TO USA, CAN, GBR").Draw(t, "list")
		}
		return s + pick("", "//NF", "//REL TO USA, GBR", "//REL TO USA, AUS, GBR", "//DISPLAY ONLY AUS").Draw(t, "list")
	})
}

func anyLabel() *rapid.Generator[string] {
	return pick("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED", "PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED", "PUBLIC",
		"TLP:RED & PAP:WHITE", "TLP:WHITE & PAP:AMBER", "PUBLIC & TLP:CLEAR")
}

// anyRead is anyMarking and, now and then, one of which a part is not understood.
func anyRead() *rapid.Generator[marking.Marking] {
	return rapid.OneOf(anyMarking(), anyMarking(), anyMarking(), rapid.Custom(func(t *rapid.T) marking.Marking {
		return marking.Read(pick("S//BANANA", "TLP:RED & TLP:AMBER", "S//NF/REL TO USA, GBR", "", "U\u202e", "TS//SI & PAP:BLUE", "U//APPLE/PEAR").Draw(t, "unread"))
	}))
}

func TestTheOrderOfMarkings(t *testing.T) {
	known, seen := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyRead().Draw(t, "a"), anyRead().Draw(t, "b"), anyRead().Draw(t, "c")
		seen += 2
		for _, m := range []marking.Marking{a, b} {
			if m.Known() {
				known++
			}
		}
		if !marking.Dominates(a, a) {
			t.Fatalf("%q does not dominate itself", a)
		}
		if marking.Dominates(a, b) && marking.Dominates(b, c) && !marking.Dominates(a, c) {
			t.Fatalf("not transitive: %q, %q, %q", a, b, c)
		}
		if marking.Dominates(a, b) && marking.Dominates(b, a) && a.Known() && !a.Equal(b) && (!a.Public() || !b.Public()) {
			t.Fatalf("%q and %q dominate each other", a, b)
		}
		ab := marking.Combine(a, b)
		if !marking.Dominates(ab, a) || !marking.Dominates(ab, b) {
			t.Fatalf("%q with %q = %q, which does not dominate both", a, b, ab)
		}
		if marking.Dominates(c, a) && marking.Dominates(c, b) && !marking.Dominates(c, ab) {
			t.Fatalf("%q with %q = %q is not the least: %q dominates both", a, b, ab, c)
		}
		if !ab.Equal(marking.Combine(b, a)) || !marking.Combine(a, a).Equal(a) {
			t.Fatalf("not commutative or not idempotent: %q, %q: %q", a, b, marking.Combine(a, a))
		}
		if l, r := marking.Combine(ab, c), marking.Combine(a, marking.Combine(b, c)); !l.Equal(r) {
			t.Fatalf("not associative: %q, %q, %q: %q and %q", a, b, c, l, r)
		}
		if !marking.Combine(a, ab).Equal(ab) {
			t.Fatalf("%q changes %q, which it is part of", a, ab)
		}
		if a.Known() && b.Known() && marking.Dominates(a, b) != ab.Equal(a) && !(a.Public() && b.Public()) {
			t.Fatalf("%q dominates %q: %v, but together they are %q", a, b, marking.Dominates(a, b), ab)
		}
		printsAsItReads(t, ab)
	})
	if known*3 < seen {
		t.Fatalf("only %d of %d markings could be read", known, seen)
	}
}

type failer interface{ Fatalf(string, ...any) }

// printsAsItReads: a known marking reads from either of its printed forms as
// itself, and one that is not known never as a known one.
func printsAsItReads(t failer, m marking.Marking) {
	for _, s := range []string{m.String(), m.Portion()} {
		again, err := marking.Parse(s)
		if m.Known() && (err != nil || !again.Equal(m)) {
			t.Fatalf("%q prints as %q, which reads as %q, %v", m, s, again, err)
		}
		if !m.Known() && err == nil {
			t.Fatalf("%q, which is not known, prints as %q, which is", m, s)
		}
	}
	if !m.Known() && len(m.String()) <= 200 && marking.Read(m.String()).String() != m.String() {
		t.Fatalf("%q reads as %q", m.String(), marking.Read(m.String()))
	}
}

func anyAudience() *rapid.Generator[marking.Audience] {
	all := marking.Read("TS//HCS-P/SI-G ABCD-M/TK//SAR-BP/BP-J12/CD//RD-CNWDI-SG 9 14 & UK TOP SECRET STRAP 3 FALCON & //GBR TS & //DEU TS & //FGI TS & //CTS//ATOMAL/BALK & TLP:RED & PAP:RED")
	if !all.Known() {
		panic("the highest clearance cannot be read")
	}
	return rapid.Custom(func(t *rapid.T) marking.Audience {
		return marking.Audience{
			Clearance: rapid.OneOf(anyMarking(), rapid.Just(all), rapid.Just(all)).Draw(t, "clearance"),
			Country:   pick("US", "US", "GB", "AU", "DE", "").Draw(t, "country"),
			Own:       rapid.Bool().Draw(t, "own"),
			Consented: rapid.Bool().Draw(t, "consented"),
			Listed:    rapid.Bool().Draw(t, "listed"),
			Standing:  rapid.SampledFrom([]marking.Standing{marking.NotKnown, marking.Federal, marking.Contractor, marking.Outside}).Draw(t, "standing"),
		}
	})
}

// This is what dominance is for: to mark a text higher never widens who may
// have it.
func TestWhoMayHaveTheHigherMayHaveTheLower(t *testing.T) {
	allowed := 0
	rapid.Check(t, func(t *rapid.T) {
		a, b, who := anyRead().Draw(t, "a"), anyRead().Draw(t, "b"), anyAudience().Draw(t, "who")
		high := marking.Combine(a, b)
		ok, _ := marking.May(high, who)
		if ok != (len(marking.Refusals(high, who)) == 0) {
			t.Fatal("May and Refusals differ")
		}
		if !ok {
			return
		}
		allowed++
		for _, low := range []marking.Marking{a, b} {
			if ok, reason := marking.May(low, who); !ok {
				t.Fatalf("%+v may have %q but not %q: %s", who, high, low, reason)
			}
		}
	})
	if allowed == 0 {
		t.Fatal("no audience may have anything")
	}
}

// What an audience gains never takes anything away from it.
func TestMoreStandingNeverMeansLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, who := anyMarking().Draw(t, "m"), anyAudience().Draw(t, "who")
		if ok, _ := marking.May(m, who); !ok {
			return
		}
		more := who
		more.Own, more.Consented, more.Listed = true, true, true
		if ok, reason := marking.May(m, more); !ok {
			t.Fatalf("%q: %s", m, reason)
		}
	})
}

func TestTheBannerOfPortionsFollowsFromThem(t *testing.T) {
	american := 0
	rapid.Check(t, func(t *rapid.T) {
		us := rapid.Custom(func(t *rapid.T) marking.Marking { return marking.Read(anyUS().Draw(t, "us")) })
		portions := rapid.SliceOfN(rapid.OneOf(us, us, us, anyRead()), 1, 6).Draw(t, "portions")
		banner := marking.RollUp(slices.Values(portions))
		back := slices.Clone(portions)
		slices.Reverse(back)
		if !marking.RollUp(slices.Values(back)).Equal(banner) {
			t.Fatalf("%q depends on the order of its portions", banner)
		}
		if !banner.Known() {
			return
		}
		printsAsItReads(t, banner)
		if f := marking.CheckBanner(banner, slices.Values(portions)); len(f) > 0 {
			t.Fatalf("%q over %q: %+v", banner, portions, f)
		}
		if !strings.Contains(banner.String(), "FGI") {
			american++
			for _, p := range portions {
				if !strings.Contains(p.String(), "//") || strings.Contains(p.Portion(), "(//") || strings.Contains(p.String(), "& //") {
					continue
				}
				if !marking.Dominates(banner, p) {
					t.Fatalf("%q does not cover %q", banner, p)
				}
			}
		}
	})
	if american == 0 {
		t.Fatal("no text of U.S. portions alone")
	}
}

// A banner that passes must cover what stands below it, so that the check can be
// relied upon.
func TestABannerThatPassesCoversItsPortions(t *testing.T) {
	passed := 0
	rapid.Check(t, func(t *rapid.T) {
		us := rapid.Custom(func(t *rapid.T) marking.Marking { return marking.Read(anyUS().Draw(t, "us")) })
		banner, p := us.Draw(t, "banner"), us.Draw(t, "portion")
		if rapid.Bool().Draw(t, "higher") {
			banner = marking.Combine(banner, p)
		}
		for _, m := range []marking.Marking{banner, p} {
			if !m.Known() || strings.Contains(m.String(), "FOUO") || strings.Contains(m.String(), "LIMDIS") {
				return // these give way by their own rules
			}
		}
		under := slices.DeleteFunc(marking.CheckBanner(banner, slices.Values([]marking.Marking{p})), func(f marking.Finding) bool { return f.Over })
		if len(under) == 0 {
			passed++
		}
		if (len(under) == 0) != marking.Dominates(banner, p) {
			if len(under) == 1 && under[0].Rule == "ISM-ID-00521" {
				return // the one rule that asks for more than covering
			}
			t.Fatalf("%q over %q: dominates %v, findings %+v", banner, p, marking.Dominates(banner, p), under)
		}
	})
	if passed == 0 {
		t.Fatal("no banner passed")
	}
}
