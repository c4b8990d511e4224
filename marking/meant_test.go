package marking_test

import (
	"slices"
	"strings"
	"testing"

	"tocsin/marking"
)

func TestWhatWasMistypedIsOfferedAsWhatMayHaveBeenMeant(t *testing.T) {
	for written, want := range map[string]string{"SECRT": "SECRET", "secert": "SECRET", "TOP SECRT": "TOP SECRET", "SECRET//NOFRN": "SECRET//NOFORN", "SECRT//NOFRON": "SECRET//NOFORN",
		"UNCLASIFIED": "UNCLASSIFIED", "OFFICAL": "OFFICIAL", "OFFICIAL-SENSITVE": "OFFICIAL-SENSITIVE", "TLP:AMBR": "TLP:AMBER", "TLPRED": "TLP:RED", "TLP RED": "TLP:RED", "CONFIDENTAL": "CONFIDENTIAL"} {
		got := marking.Meant(written, 3)
		if !slices.Contains(got, want) || len(got) > 3 {
			t.Errorf("%q: got %q, want %q among them", written, got, want)
		}
		for _, m := range got {
			if !marking.Read(m).Known() {
				t.Errorf("%q: %q cannot be read either", written, m)
			}
		}
	}
}

func TestNothingIsOfferedForWhatCanBeReadOrIsNearNothing(t *testing.T) {
	for _, written := range []string{"SECRET", "TOP SECRET//SI//NOFORN", "", "  ", "WALRUS", "秘密", "\x00", strings.Repeat("SECRT ", 1000)} {
		if got := marking.Meant(written, 3); got != nil {
			t.Errorf("%.20q: got %q", written, got)
		}
	}
}

func TestEveryUsualMarkingIsReadAndIsInItsCanonicalForm(t *testing.T) {
	for _, m := range marking.Usual() {
		if got := marking.Read(m); !got.Known() || got.String() != m {
			t.Errorf("%q is read as %q", m, got)
		}
	}
}
