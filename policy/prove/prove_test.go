package prove_test

import (
	"testing"
	"time"

	"tocsin/packs"
	"tocsin/policy/prove"
)

func TestBuiltIn(t *testing.T) {
	for _, name := range packs.Names() {
		s := time.Now()
		r, err := prove.Pack(packs.FS(), name, prove.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s %v %+v team %v clocks %v", name, time.Since(s), r.Counted, r.Team, r.Clocks)
		if name == "icd-191" {
			for _, p := range r.Plans {
				t.Logf("   %+v", p)
			}
		}
		for _, v := range r.Violations {
			t.Errorf("%s %s:%d %s\n%v\n%s\n%s", v.Sort, v.File, v.Line, v.What, v.Path, v.Test, v.Scenario)
		}
	}
}
