package marking_test

import (
	"slices"
	"strings"
	"testing"

	"tocsin/marking"
)

// all reads portions written with " | " between them.
func all(t *testing.T, s string) []marking.Marking {
	t.Helper()
	var portions []marking.Marking
	for p := range strings.SplitSeq(s, " | ") {
		portions = append(portions, read(t, p))
	}
	return portions
}

// The cases restate published rules; the number beside each is that of the ISM
// Schematron (ODNI, public domain) or of the regulation.
func TestBannersRollUpByThePublishedRules(t *testing.T) {
	for _, c := range []struct{ rule, portions, banner string }{
		{"32 CFR 2001.21(b)", "U | C | TS | S", "TOP SECRET"},
		{"32 CFR 2001.21(b)", "U | U", "UNCLASSIFIED"},
		{"ISM-ID-00064", "S | S//FGI GBR | U//FGI DEU", "SECRET//FGI DEU GBR"},
		{"ISM-ID-00064", "S//NF | //GBR S", "SECRET//FGI GBR//NOFORN"},
		{"ISM-ID-00064", "C//REL TO USA, GBR, AUS | //GBR S//REL TO USA, AUS", "SECRET//FGI GBR//REL TO USA, AUS, GBR"},
		{"ISM-ID-00064", "S//REL TO USA, GBR | //JOINT C CAN GBR USA", "SECRET//FGI CAN GBR//REL TO USA, GBR"},
		{"ISM-ID-00064", "C//NF | //NS", "SECRET//FGI NATO//NOFORN"},
		{"ISM-ID-00064", "U | //NR", "CONFIDENTIAL//FGI NATO"},
		{"ISM-ID-00064", "C//NF | //NSAT", "SECRET//FGI NATO//NOFORN & //NATO SECRET//ATOMAL"},
		{"ISM-ID-00065", "S//FGI GBR | S//FGI", "SECRET//FGI"},
		{"ISM-ID-00065", "S | //FGI C", "SECRET//FGI"},
		{"ISM-ID-00066", "U | U//FOUO", "UNCLASSIFIED//FOUO"},
		{"ISM-ID-00066", "U//FOUO | C", "CONFIDENTIAL"},
		{"ISM-ID-00066", "U//FOUO | U//NF", "UNCLASSIFIED//FOUO//NOFORN"},
		{"ISM-ID-00067", "S//OC | U", "SECRET//ORCON"},
		{"ISM-ID-00068", "S//IMC | S", "SECRET//IMCON"},
		{"ISM-ID-00070", "S//NF | S//REL TO USA, GBR", "SECRET//NOFORN"},
		{"ISM-ID-00070", "U//NF | S//REL TO USA, GBR", "SECRET//NOFORN"},
		{"ISM-ID-00071", "S//PR | S//NF", "SECRET//NOFORN/PROPIN"},
		{"ISM-ID-00072", "S//RD | TS", "TOP SECRET//RD"},
		{"ISM-ID-00073", "S//RD-CNWDI | S//RD", "SECRET//RD-CNWDI"},
		{"ISM-ID-00074", "S//RD-SG 14 | S//RD-SG 20", "SECRET//RD-SIGMA 14 20"},
		{"ISM-ID-00075", "S//FRD | S", "SECRET//FRD"},
		{"ISM-ID-00075", "S//FRD | S//RD", "SECRET//RD"},
		{"ISM-ID-00078", "U//DCNI | U", "UNCLASSIFIED//DOD UCNI"},
		{"ISM-ID-00078", "U//DCNI | S", "SECRET"},
		{"ISM-ID-00079", "U//UCNI | U//DCNI", "UNCLASSIFIED//DOD UCNI/DOE UCNI"},
		{"ISM-ID-00080", "U//DSEN | S", "SECRET//DSEN"},
		{"ISM-ID-00081", "S//FISA | U", "SECRET//FISA"},
		{"ISM-ID-00084", "U//DS | U", "UNCLASSIFIED//LIMDIS"},
		{"ISM-ID-00085", "S//NF//XD | U", "SECRET//NOFORN//EXDIS"},
		{"ISM-ID-00085", "S//NF//XD | S//NF//ND", "SECRET//NOFORN//NODIS"},
		{"ISM-ID-00087", "U//SBU-NF | C", "CONFIDENTIAL//NOFORN"},
		{"ISM-ID-00088", "S | S//REL TO USA, GBR", "SECRET//NOFORN"},
		{"ISM-ID-00088", "U | S//REL TO USA, GBR", "SECRET//REL TO USA, GBR"},
		{"ISM-ID-00088", "U//FOUO | S//REL TO USA, GBR", "SECRET//NOFORN"},
		{"ISM-ID-00088", "CUI | S//REL TO USA, GBR", "SECRET//NOFORN"},
		{"ISM-ID-00088", "CUI//REL TO USA, GBR | S//REL TO USA, GBR", "SECRET//REL TO USA, GBR"},
		{"ISM-ID-00090", "S//USA/GBR/AUS EYES ONLY | S//REL TO USA, GBR", "SECRET//REL TO USA, GBR"},
		{"ISM-ID-00104", "U//SBU-NF | U", "UNCLASSIFIED//NOFORN//SBU"},
		{"ISM-ID-00105", "U//SBU | U//FOUO", "UNCLASSIFIED//SBU"},
		{"ISM-ID-00145", "U//LES | S", "SECRET//LES"},
		{"ISM-ID-00146", "U//LES-NF | S", "SECRET//NOFORN//LES"},
		{"ISM-ID-00165", "S//RS | C", "SECRET//RSEN"},
		{"ISM-ID-00298", "C//TFNI | S//FRD", "SECRET//FRD"},
		{"ISM-ID-00318", "S//REL TO USA, AUS, GBR | S//REL TO USA, GBR, NZL", "SECRET//REL TO USA, GBR"},
		{"ISM-ID-00318", "S//REL TO USA, FVEY | S//REL TO USA, AUS, CAN", "SECRET//REL TO USA, AUS, CAN"},
		{"ISM-ID-00318", "S//REL TO USA, AUS | S//REL TO USA, GBR", "SECRET//NOFORN"},
		{"ISM-ID-00320", "S//REL TO USA, AUS, GBR | S//REL TO USA, AUS/DISPLAY ONLY GBR", "SECRET//REL TO USA, AUS/DISPLAY ONLY GBR"},
		{"ISM-ID-00320", "S//DISPLAY ONLY GBR | S//DISPLAY ONLY AUS", "SECRET//NOFORN"},
		{"ISM-ID-00343", "S//SI | TS//SI-G ABCD//OC | S//TK", "TOP SECRET//SI-G ABCD/TK//ORCON"},
		{"ISM-ID-00347", "S//SAR-BP | S//SAR-CD", "SECRET//SAR-BP/CD"},
		{"ISM-ID-00373", "U//SSI | S", "SECRET//SSI"},
		{"ISM-ID-00502", "CUI//PRVCY | CUI//SP-CTI", "CUI//PRVCY/SP-CTI"},
		{"ISM-ID-00503", "CUI//SP-CTI | S", "SECRET//CUI//SP-CTI"},
		{"ISM-ID-00521", "S//REL TO USA, GBR/RELIDO | S//RELIDO", "SECRET//NOFORN"},
		{"register: RELIDO", "S//RELIDO | C//RELIDO | U", "SECRET//RELIDO"},
		{"register: RELIDO", "S//RELIDO | S", "SECRET"},
		{"register: ORCON-USGOV", "S//OC-USGOV | S//OC", "SECRET//ORCON"},
		{"32 CFR 2002.16", "CUI//FEDCON | CUI//NOCON", "CUI//FED ONLY"},
		{"32 CFR 2002.16", "CUI//DL ONLY | CUI//FED ONLY", "CUI//FED ONLY/DL ONLY"},
		{"GSC policy", "OFFICIAL | OFFICIAL-SENSITIVE LOCSEN | UK SECRET UK/US EYES ONLY", "UK SECRET LOCSEN UK/US EYES ONLY"},
		{"GSC policy", "UK SECRET STRAP 1 | UK TOP SECRET UK EYES ONLY | UK SECRET FALCON", "UK TOP SECRET STRAP 1 FALCON UK EYES ONLY"},
		{"TLP 2.0", "TLP:CLEAR | TLP:AMBER | TLP:AMBER+STRICT", "TLP:AMBER+STRICT"},
		{"PAP", "PAP:GREEN | PAP:AMBER & TLP:GREEN", "TLP:GREEN & PAP:AMBER"},
		{"register: NATO", "//NC | //NS//ATOMAL | //NU", "//NATO SECRET//ATOMAL"},
		{"register: foreign", "//GBR S | //DEU C", "//DEU CONFIDENTIAL & //GBR SECRET"},
		{"no rule between systems", "S//NF | UK SECRET | TLP:RED", "SECRET//NOFORN & UK SECRET & TLP:RED"},
		{"no limit", "PUBLIC | TLP:CLEAR", "TLP:CLEAR"},
	} {
		portions := all(t, c.portions)
		banner := marking.RollUp(slices.Values(portions))
		if banner.String() != c.banner {
			t.Errorf("%s: %s roll up to %q, want %q", c.rule, c.portions, banner, c.banner)
			continue
		}
		if f := marking.CheckBanner(read(t, c.banner), slices.Values(portions)); len(f) > 0 {
			t.Errorf("%s: %s over %s: %+v", c.rule, c.banner, c.portions, f)
		}
	}
	if marking.RollUp(slices.Values([]marking.Marking(nil))).Known() {
		t.Error("a text without portions has a banner")
	}
}

func TestAWrongBannerIsNamed(t *testing.T) {
	for _, c := range []struct{ banner, portions, wrong string }{ // wrong: "rule mark@portion", with + in front where the banner says too much
		{"SECRET", "U | TS", "32 CFR 2001.21(b) TOP SECRET@1"},
		{"UNCLASSIFIED", "CUI", "32 CFR 2002.20(b) CUI@0"},
		{"SECRET//NOFORN", "S//OC/NF", "ISM-ID-00067 ORCON@0"},
		{"SECRET//ORCON", "S//OC/NF", "ISM-ID-00070 NOFORN@0"},
		{"SECRET//ORCON-USGOV", "S//OC", "ISM-ID-00067 ORCON@0"},
		{"TOP SECRET//SI", "TS//SI-G | TS//TK", "ISM-ID-00343 SI-G@0; ISM-ID-00343 TK@1"},
		{"TOP SECRET//SI/TK", "TS//SI", "+ISM-ID-00343 TK@-1"},
		{"TOP SECRET", "S", "+32 CFR 2001.21(b) TOP SECRET@-1"},
		{"SECRET//SAR-BP", "S//SAR-CD", "ISM-ID-00347 SAR-CD@0; +ISM-ID-00347 SAR-BP@-1"},
		{"SECRET", "S//RD-CNWDI-SG 14", "ISM-ID-00072 RD@0; ISM-ID-00073 RD-CNWDI@0; ISM-ID-00074 RD-SIGMA 14@0"},
		{"SECRET//RD", "S//FRD-SG 14", "ISM-ID-00077 FRD-SIGMA 14@0"},
		{"SECRET//RD", "S//FRD | C//TFNI", ""},
		{"SECRET", "S//FGI GBR | //DEU C", "ISM-ID-00064 FGI GBR@0; ISM-ID-00064 FGI DEU@1"},
		{"SECRET//FGI", "S//FGI GBR", ""},
		{"SECRET//FGI GBR", "S//FGI", "ISM-ID-00065 FGI@0"},
		{"SECRET//REL TO USA, AUS, GBR", "S//REL TO USA, GBR | S//REL TO USA, AUS, GBR", "ISM-ID-00318 REL TO@0"},
		{"SECRET//REL TO USA, GBR", "U | S", "ISM-ID-00088 REL TO@1"},
		{"SECRET//REL TO USA, GBR", "S//NF", "ISM-ID-00070 NOFORN@0"},
		{"SECRET//REL TO USA, GBR", "S//REL TO USA, AUS, GBR", "+ISM-ID-00318 REL TO AUS@-1"},
		{"SECRET//NOFORN", "S//REL TO USA, GBR", "+ISM-ID-00070 NOFORN@-1"},
		{"SECRET//NOFORN", "S//REL TO USA, GBR | S", ""},
		{"SECRET//NOFORN", "S//REL TO USA, GBR | S//REL TO USA, AUS", ""},
		{"SECRET", "S//REL TO USA, GBR | S", "ISM-ID-00521 REL TO@0"},
		{"SECRET//DISPLAY ONLY GBR", "S//DISPLAY ONLY AUS", "ISM-ID-00320 DISPLAY ONLY@0"},
		{"SECRET//RELIDO", "S//RELIDO | S", "ISM register: RELIDO RELIDO@1"},
		{"CUI", "CUI//PRVCY | CUI//SP-CTI//FED ONLY", "ISM-ID-00502 PRVCY@0; ISM-ID-00503 SP-CTI@1; 32 CFR 2002.16 FED ONLY@1"},
		{"CUI//FED ONLY", "CUI//FEDCON", "+32 CFR 2002.16 FED ONLY@-1"},
		{"UNCLASSIFIED", "U//FOUO", "ISM-ID-00066 FOUO@0"},
		{"UNCLASSIFIED//LES", "U//FOUO | U//LES", ""},
		{"SECRET", "S | U//DS", ""},
		{"SECRET//NOFORN", "S//NF//ND", "ISM-ID-00086 NODIS@0"},
		{"SECRET//NOFORN", "S//NF//XD | U//SSI | U//LES", "ISM-ID-00085 EXDIS@0; ISM-ID-00373 SSI@1; ISM-ID-00145 LES@2"},
		{"OFFICIAL", "UK SECRET", "Government Security Classifications UK SECRET@0"},
		{"UK SECRET", "OFFICIAL", "+Government Security Classifications UK SECRET@-1"},
		{"SECRET", "S | UK SECRET", "Government Security Classifications UK SECRET@1"},
		{"TLP:AMBER", "TLP:RED & PAP:RED", "TLP 2.0 TLP:RED@0; PAP PAP:RED@0"},
		{"TLP:RED", "TLP:AMBER", "+TLP 2.0 TLP:RED@-1"},
		{"//NATO SECRET", "//NS//ATOMAL", "32 CFR 2001.54 //NATO SECRET//ATOMAL@0"},
	} {
		var got []string
		for _, f := range marking.CheckBanner(read(t, c.banner), slices.Values(all(t, c.portions))) {
			s := f.Rule + " " + f.Mark + "@" + map[int]string{-1: "-1", 0: "0", 1: "1", 2: "2"}[f.Portion]
			if f.Over {
				s = "+" + s
			}
			got = append(got, s)
			if f.What == "" || f.Do == "" {
				t.Errorf("%s over %s: %+v says nothing", c.banner, c.portions, f)
			}
		}
		if s := strings.Join(got, "; "); s != c.wrong {
			t.Errorf("%s over %s:\n got %s\nwant %s", c.banner, c.portions, s, c.wrong)
		}
	}
	unread := marking.Read("S//BANANA")
	for _, f := range [][]marking.Finding{
		marking.CheckBanner(unread, slices.Values(all(t, "S"))),
		marking.CheckBanner(read(t, "TS//NF"), slices.Values([]marking.Marking{unread})),
	} {
		if len(f) != 1 || f[0].Over {
			t.Errorf("what cannot be read gives %+v", f)
		}
	}
}

func TestASingleMarkingIsHeldAgainstTheRules(t *testing.T) {
	for _, c := range []struct{ mark, broken string }{
		{"TS//SI-G//OC", ""}, {"S//SI/TK//NF", ""}, {"U//FOUO", ""}, {"//GBR S", ""}, {"TLP:RED & UK SECRET", ""},
		{"S//HCS-P//NF", ""}, {"S//RD-CNWDI//NF", ""}, {"//JOINT S GBR USA//REL TO USA, GBR", ""},
		{"U//OC", "ISM-ID-00028"},
		{"S//SI-G//OC", "ISM-ID-00044"},
		{"TS//SI-G", "ISM-ID-00045"},
		{"C//TK", "ISM-ID-00047"},
		{"C//HCS//NF", "ISM-ID-00048"},
		{"S//HCS", "ISM-ID-00049"},
		{"C//IMC", "ISM-ID-00107"},
		{"//DEU S//RELIDO", "ISM-ID-00124"},
		{"C//RS", "ISM-ID-00164"},
		{"S//RELIDO/DISPLAY ONLY AFG", "ISM-ID-00169"},
		{"C//RD-SG 14", "ISM-ID-00173"},
		{"C//RD-CNWDI", "ISM-ID-00175"},
		{"C//RSV-ABC", "ISM-ID-00242"},
		{"S//RSV", "ISM-ID-00243"},
		{"S//ND", "ISM-ID-00313"},
		{"S//XD", "ISM-ID-00314"},
		{"S//OC/RELIDO", "ISM-ID-00325"},
		{"U//FOUO//LES", "ISM-ID-00327"},
		{"S//HCS-O//NF", "ISM-ID-00335"},
		{"S//HCS-P ABC//NF", "ISM-ID-00336"},
		{"TS//SI-G//OC-USGOV", "ISM-ID-00045 ISM-ID-00341"},
		{"S//LIMDIS", "ISM-ID-00346"},
		{"//NS//BOHEMIA", "ISM register: NATO"},
		{"//NR//ATOMAL", "ISM register: NATO"},
		{"//JOINT S GBR USA", "ISM register: JOINT"},
	} {
		var rules []string
		for _, f := range marking.Check(read(t, c.mark)) {
			rules = append(rules, f.Rule)
		}
		if got := strings.Join(rules, " "); got != c.broken {
			t.Errorf("%s breaks %q, want %q", c.mark, got, c.broken)
		}
	}
}

// The kinds of mark that TestWhoMayHaveIt leaves out.
func TestWhoMayHaveItByEachRule(t *testing.T) {
	for _, c := range []struct {
		mark, clearance, country string
		also                     string // own, consented, listed, federal, contractor, outside
		refused                  string // the rules; empty: may have it
	}{
		{"PUBLIC", "", "", "", ""},
		{"S//RD", "S", "US", "", "AEA"},
		{"S//FRD", "S//RD", "US", "", ""},
		{"S//RD-SG 14", "S//RD", "US", "", "AEA"},
		{"S//RD-CNWDI", "S//RD-CNWDI", "US", "", ""},
		{"U//DCNI", "", "US", "", "clearance"},
		{"U//DCNI", "CUI", "US", "", ""},
		{"U//UCNI", "CUI", "GB", "", "REL TO"},
		{"U//SBU", "C", "US", "", ""},
		{"S//FISA/DSEN", "S", "US", "", "DSEN/FISA"},
		{"S//FISA", "S", "US", "own", ""},
		{"U//SSI", "", "US", "", "SSI"},
		{"U//SSI", "", "US", "consented", ""},
		{"S//OC/NF", "C", "GB", "", "clearance ORCON NOFORN"},
		{"CUI//FED ONLY", "CUI", "US", "", "FED ONLY"},
		{"CUI//FED ONLY", "CUI", "US", "federal", ""},
		{"CUI//FED ONLY", "CUI", "US", "contractor", "FED ONLY"},
		{"CUI//FEDCON", "CUI", "US", "contractor", ""},
		{"CUI//FEDCON", "CUI", "US", "outside", "FEDCON"},
		{"CUI//NOCON", "CUI", "US", "outside", ""},
		{"CUI//NOCON", "CUI", "US", "contractor", "NOCON"},
		{"CUI//NOCON", "CUI", "US", "", "NOCON"},
		{"CUI//DL ONLY", "CUI", "US", "own", "DL ONLY"},
		{"CUI//DL ONLY", "CUI", "US", "listed", ""},
		{"CUI//AC", "CUI", "US", "", "ATTORNEY-CLIENT"},
		{"CUI//AC", "CUI", "US", "consented", ""},
		{"//GBR S", "S", "US", "", "clearance"},
		{"//GBR S", "//GBR S", "US", "", ""},
		{"//GBR S", "UK SECRET", "GB", "", ""},
		{"//GBR TS", "UK SECRET", "GB", "", "clearance"},
		{"//GBR S", "//GBR TS", "AU", "", "REL TO"},
		{"//GBR S//REL TO USA, AUS", "//GBR TS", "AU", "", ""},
		{"//GBR S//NF", "//GBR TS", "GB", "", "NOFORN"},
		{"//DEU S", "//GBR TS & UK TOP SECRET & TS", "DE", "", "clearance"},
		{"//FGI C", "//FGI S", "GB", "", "REL TO"},
		{"//JOINT S GBR USA", "S", "US", "", ""},
		{"//JOINT S GBR USA", "UK SECRET", "GB", "", ""},
		{"//JOINT S GBR USA", "UK SECRET", "AU", "", "REL TO"},
		{"//JOINT S GBR USA", "CUI & TLP:RED", "US", "", "clearance"},
		{"//NS", "TS", "US", "", "clearance"},
		{"//NS", "//CTS", "DE", "", ""},
		{"//NS", "//CTS", "AT", "", "REL TO"},
		{"NATO SECRET RELEASABLE TO AUT", "//CTS", "AT", "", ""},
		{"//NU", "", "DE", "", "clearance"},
		{"//NS//ATOMAL", "//CTS", "DE", "", "ATOMAL"},
		{"//NS//ATOMAL", "//CTS//ATOMAL", "DE", "", ""},
		{"UK TOP SECRET STRAP 2", "UK TOP SECRET STRAP 1", "GB", "", "STRAP"},
		{"UK SECRET FALCON", "UK TOP SECRET STRAP 3", "GB", "", "code word"},
		{"UK SECRET FALCON", "UK TOP SECRET FALCON", "GB", "", ""},
		{"OFFICIAL HMG USE ONLY", "", "GB", "", "HMG USE ONLY"},
		{"OFFICIAL HMG USE ONLY", "", "GB", "own", ""},
		{"OFFICIAL-SENSITIVE RECIPIENTS ONLY", "UK SECRET", "GB", "own", "RECIPIENTS ONLY"},
		{"OFFICIAL-SENSITIVE RECIPIENTS ONLY", "UK SECRET", "GB", "listed", ""},
		{"PAP:RED", "TLP:RED", "GB", "", "PAP"},
		{"PAP:RED & TLP:RED", "TLP:RED & PAP:RED", "GB", "", ""},
		{"TLP:RED", "S//BANANA", "GB", "", "TLP"},
		{"S", "TS//BANANA", "US", "", "clearance"}, // a clearance that cannot be read opens nothing
	} {
		who := marking.Audience{
			Clearance: marking.Read(c.clearance), Country: c.country, Own: c.also == "own", Consented: c.also == "consented", Listed: c.also == "listed",
			Standing: map[string]marking.Standing{"federal": marking.Federal, "contractor": marking.Contractor, "outside": marking.Outside}[c.also],
		}
		var rules []string
		for _, r := range marking.Refusals(read(t, c.mark), who) {
			rules = append(rules, r.Rule)
			if !strings.HasSuffix(r.Why, ".") {
				t.Errorf("%s: %q is no sentence", c.mark, r.Why)
			}
		}
		if got := strings.Join(rules, " "); got != c.refused {
			t.Errorf("%s to %q of %s (%s): refused by %q, want %q", c.mark, c.clearance, c.country, c.also, got, c.refused)
		}
	}
}
