package hygiene_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTheSecurityTableRestsOnTestsThatExist holds docs/asvs.md to its own words:
// every row has one of three states, what is met names a test that there is or
// says that it was found by reading, and what is not met says what is missing.
func TestTheSecurityTableRestsOnTestsThatExist(t *testing.T) {
	tests := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for _, path := range files(t, func(p string) bool { return strings.HasSuffix(p, "_test.go") }) {
		for _, m := range declared.FindAllStringSubmatch(read(t, path), -1) {
			tests[m[1]] = true
		}
	}
	named := regexp.MustCompile("`(Test\\w+)`")
	var ids []string
	met, missing := 0, 0
	for line := range strings.Lines(read(t, "docs/asvs.md")) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 || !regexp.MustCompile(`^\s*\d`).MatchString(cells[0]) {
			continue
		}
		id, state, how := strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])
		if slices.Contains(ids, id) {
			t.Errorf("%s stands there twice", id)
		}
		ids = append(ids, id)
		shown := named.FindAllStringSubmatch(cells[3], -1)
		for _, m := range shown {
			if !tests[m[1]] {
				t.Errorf("%s rests on %s, which is no test", id, m[1])
			}
		}
		switch {
		case state == "met" && len(shown) == 0 && !strings.HasPrefix(how, "by reading:"):
			t.Errorf("%s is said to be met, and nothing shows it", id)
		case state == "not met" && len(how) < len("see 1.1.1"), state == "n/a" && how == "":
			t.Errorf("%s does not say why", id)
		case state == "met":
			met++
		case state == "not met":
			missing++
		case state != "n/a":
			t.Errorf("%s is %q", id, state)
		}
	}
	if len(ids) < 150 || met < 80 || missing < 5 {
		t.Errorf("only %d rows, %d met, %d not met: the table was not read", len(ids), met, missing)
	}
	t.Logf("%d rows: %d met, %d not met, %d not applicable", len(ids), met, missing, len(ids)-met-missing)
}
