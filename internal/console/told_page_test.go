package console_test

import (
	"regexp"
	"strings"
	"testing"

	"tocsin/internal/console/consoletest"
)

func TestTheTimelineOfTheStoryIsGerman(t *testing.T) {
	h := consoletest.Open(t, true)
	b := signedIn(t, h, "daniel")
	b.cookies["tocsin_lang"] = "de"
	page := b.get("/cases/kerman").Body.String()
	lines := regexp.MustCompile(`(?s)<li[^>]*><time.*?</li>`).FindAllString(between(page, `id="timeline"`, "</section>"), -1)
	if len(lines) < 40 {
		t.Fatalf("the story has %d lines", len(lines))
	}
	for _, l := range lines {
		if strings.Contains(l, `lang="en"`) && !strings.Contains(l, "DIE PRÜFUNG") {
			t.Errorf("a line is English: %s", l)
		}
	}
	if !strings.Contains(page, "FRIST VERSÄUMT: ") || !strings.Contains(page, "freigegeben durch") {
		t.Error("the page does not tell the story in German")
	}
}
