package marking_test

import (
	"testing"

	"tocsin/marking"
)

// Those who share by the Traffic Light Protocol say with PAP what may be done, and
// write both in one line, as their tools do.
func TestTLPAndPAPStandSideBySide(t *testing.T) {
	for in, want := range map[string]string{
		"TLP:RED PAP:RED":            "TLP:RED & PAP:RED",
		"tlp:amber+strict pap:green": "TLP:AMBER+STRICT & PAP:GREEN",
		"PAP:AMBER // TLP:GREEN":     "TLP:GREEN & PAP:AMBER",
		"TLP:AMBER/PAP:RED":          "TLP:AMBER & PAP:RED",
		"TLP:CLEAR PAP:CLEAR":        "TLP:CLEAR",
	} {
		m, err := marking.Parse(in)
		if err != nil || m.String() != want {
			t.Errorf("%q is read as %q, not %q (%v)", in, m, want, err)
		}
	}
	for _, in := range []string{"TLP:RED TLP:AMBER", "TLP:RED PAP:BLUE", "TLP:RED PAP", "TLP: PAP:RED"} {
		if m, err := marking.Parse(in); err == nil {
			t.Errorf("%q is read as %q", in, m)
		}
	}
}
