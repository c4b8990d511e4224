package intake_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tocsin/intake"
)

func TestPortionsAreParagraphsWithTheirMarkings(t *testing.T) {
	const text = "SUMMARY\n\n(S//NF) One\nstill one.\n(U) Two, without an empty line.\n \t\n  1. (TS//SI//REL TO USA, GBR) Three.\n\nFour (see below).\n\n(TLP:AMBER) Five.\n"
	want := [][2]string{{"", "SUMMARY"}, {"S//NF", "(S//NF) One\nstill one."}, {"U", "(U) Two, without an empty line."},
		{"TS//SI//REL TO USA, GBR", "1. (TS//SI//REL TO USA, GBR) Three."}, {"", "Four (see below)."}, {"TLP:AMBER", "(TLP:AMBER) Five."}}
	got := intake.Portions(text)
	covered(t, text, got)
	if len(got) != len(want) {
		t.Fatalf("%d portions: %+v", len(got), got)
	}
	for i, p := range got {
		if p.Marking != want[i][0] || text[p.Start:p.End] != want[i][1] {
			t.Errorf("portion %d: %q %q, want %q", i, p.Marking, text[p.Start:p.End], want[i])
		}
	}
	if got := intake.Portions(" \n\t\r\n\u00a0"); got != nil {
		t.Errorf("white space has portions: %v", got)
	}
}

func TestMarkingsAreToldFromRemarks(t *testing.T) {
	for _, m := range []string{"U", "C", "S", "TS", "CUI", "FOUO", "S//NF", "S/NF", "s//nf", "U//FOUO", "TS//SI-G//OC/NF", "S//REL TO USA, GBR/DISPLAY ONLY AFG",
		"//GBR S//NF", "//JOINT S USA GBR", "NATO SECRET", "UK OFFICIAL-SENSITIVE", "O", "OS", "OFFICIAL-SENSITIVE", "Secret", "CONFIDENTIAL", "tlp:red", "TLP:AMBER+STRICT",
		"PAP:GREEN", "CUI//SP-PRVCY", "TOP SECRET//TK//NOFORN", "S//FGI GBR"} {
		for _, lead := range []string{"", "  ", "1. ", "a) ", "- ", "• "} {
			text := lead + "(" + m + ") words"
			if p := intake.Portions(text); len(p) != 1 || p[0].Marking != m {
				t.Errorf("%q: %+v", text, p)
			}
		}
	}
	for _, m := range []string{"", " ", "FBI", "see below", "A", "i", "s", "1", "http://example.com", "C/O MR SMITH", "S. Jones", "2024", "secretly", "//", "TLP:", "U S",
		"and/or", "a//b", strings.Repeat("S//", 100), "S//NF\nmore", "السري"} {
		text := "(" + m + ") words"
		if p := intake.Portions(text); len(p) == 0 || p[0].Marking != "" {
			t.Errorf("%q is taken for a marking: %+v", m, p)
		}
	}
	for _, text := range []string{"words (S//NF)", "x(S//NF) words", "sentence (S) words", "(S//NF words"} {
		if p := intake.Portions(text); p[0].Marking != "" {
			t.Errorf("%q: %+v", text, p)
		}
	}
}

func FuzzPortions(f *testing.F) {
	for _, s := range []string{"", "(U) a\n(S//NF) b", "\xff\n\xff", "1. (C", "(", "- (U)", "\u2028(U)\u0085", " 1. ", "(U)\r\n\r\n(S)", "•\u00a0(U)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { covered(t, s, intake.Portions(s)) })
}

func TestNormalFormOfEqualTextsIsEqual(t *testing.T) {
	for in, want := range map[string]string{
		"A  b\n\tC": "a b c", "> a\n>> b\n> > c": "a b c", "ﬁre ①": "fire 1", "Straße": "strasse", "a\u200b\u200d\u00adb": "ab",
		"a\x00\x1bb": "ab", "e\u0301": "é", "": "", " > ": "", "a > b": "a > b", "می\u200cگذارند": "میگذارند", "a\ufe0f": "a", "İ": "i̇",
		"-- \nName": "-- name", "\xff": "\ufffd",
	} {
		if got := intake.Normal(in); got != want {
			t.Errorf("Normal(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNormalFormIsStable(t *testing.T) {
	tricky := rapid.SampledFrom([]rune("aA >\n\t\u200b\u0301\u0345\u034f\u00adﬁßİıΣςſK①ﷺ가각\u1100\u1161\u11a8\u0300\u0315ΐ\u0390ẞǰŉ＞\u2028\u115f\ufeff"))
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringOf(tricky)).Draw(t, "text")
		once := intake.Normal(s)
		if twice := intake.Normal(once); twice != once {
			t.Fatalf("Normal(%q) = %q, then %q", s, once, twice)
		}
		if again := intake.Normal("> " + strings.ReplaceAll(strings.ReplaceAll(s, "\n", "\n> "), "\u2028", "\u2028> ")); !strings.ContainsAny(s, "\r\v\f\u0085\u2029") && again != once {
			t.Fatalf("quoted %q gives %q, not %q", s, again, once)
		}
	})
}
