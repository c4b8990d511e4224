package compose_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"tocsin"
	"tocsin/compose"
	"tocsin/policy"
)

// with is the built-in pack with files added or replaced, by path from the root.
func with(t testing.TB, files map[string]string) fstest.MapFS {
	t.Helper()
	out := edited(t, "pack.yaml", "", "")
	for path, text := range files {
		out[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// letter composes the alert or update to a victim of the built-in pack, in English.
func letter(t testing.TB, files fstest.MapFS, message tocsin.MessageType) tocsin.Text {
	t.Helper()
	texts, err := compose.Load(files, "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	d, err := texts.Compose(request(t, texts, tocsin.VictimWarning, message))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range d.Texts {
		if x.Language == "en" {
			return x
		}
	}
	t.Fatal("no English text")
	return tocsin.Text{}
}

const own = "alert: {subject: \"Ours {reference}\", opening: \"Our own opening.\"}\n"

func TestAPacksOwnHeadingComesBeforeThatOfASetAndTheRestStays(t *testing.T) {
	files := with(t, map[string]string{"icd-191/texts/en/victim.yaml": own})
	if got := letter(t, files, tocsin.Alert); !strings.HasPrefix(got.Body, "Our own opening.") || !strings.HasPrefix(got.Subject, "Ours ") {
		t.Errorf("the alert: %s\n%s", got.Subject, got.Body)
	}
	if got := letter(t, files, tocsin.Update); !strings.HasPrefix(got.Body, "This is an update.") {
		t.Errorf("the update:\n%s", got.Body)
	}
}

func TestTheFirstSetThatHasAHeadingOrAnItemCounts(t *testing.T) {
	files := with(t, map[string]string{
		"texts-a/texts/en/victim.yaml": own + "items: {contact: {label: \"Call A:\", gap: \"Nobody to call, says A.\"}}\n",
		"texts-b/texts/en/victim.yaml": "alert: {subject: \"B {reference}\", opening: \"From B.\"}\nupdate: {subject: \"B {reference}\", opening: \"B on {first}.\"}\nitems: {contact: {label: \"Call B:\", gap: \"B.\"}, when: {label: \"When, says B:\", gap: \"B.\"}}\n",
		"texts-b/texts/en/items.yaml":  "items: {where: {label: \"Where, says B:\", gap: \"B.\"}}\n",
		"icd-191/texts/en/items.yaml":  "items: {where: {label: \"Where, says the pack:\", gap: \"P.\"}}\n",
	})
	f := files["icd-191/pack.yaml"]
	f.Data = []byte(strings.Replace(string(f.Data), "from: [texts-common]", "from: [texts-a, texts-b, texts-common]", 1))
	alert, update := letter(t, files, tocsin.Alert), letter(t, files, tocsin.Update)
	for _, c := range []struct{ body, says, never string }{
		{alert.Body, "Our own opening.", "From B."},
		{alert.Body, "Call A:", "Call B:"},
		{alert.Body, "When, says B:", "\nWhen: "},
		{alert.Body, "Where, says the pack:", "Where, says B:"},
		{update.Body, "B on ", "This is an update."},
	} {
		if !strings.Contains(c.body, c.says) || strings.Contains(c.body, c.never) {
			t.Errorf("should say %q and not %q:\n%s", c.says, c.never, c.body)
		}
	}
}

func TestMistakesInSharedTextsAreToldWhereTheyStand(t *testing.T) {
	for _, c := range []struct{ name, file, text, says string }{
		{"a heading without an opening", "icd-191/texts/en/victim.yaml", "alert: {subject: \"{reference}\"}\n", "icd-191/texts/en/victim.yaml:1: alert lacks the key opening"},
		{"an item that the pack has not", "icd-191/texts/en/items.yaml", "items: {rumour: {label: x, gap: y}}\n", `icd-191/texts/en/items.yaml:1: "rumour" is no content item`},
		{"items of nothing", "icd-191/texts/en/items.yaml", "items: {}\n", "icd-191/texts/en/items.yaml:1: items is not a table"},
		{"a kind that nobody has whole", "texts-common/texts/en/victim.yaml", own, "texts-common/texts/en/victim.yaml:1: the file lacks the key update"},
		{"a field that is not, in a set", "texts-common/texts/en/public.yaml", strings.ReplaceAll(own, "Our", "{who}"), "texts-common/texts/en/public.yaml:1: {who} is no field"},
		{"a file that is no kind, in a set", "texts-common/texts/en/rumour.yaml", own, "texts-common/texts/en/rumour.yaml:1: no kind of warning has this name"},
		{"half a language", "icd-191/texts/de/victim.yaml", own, "icd-191/texts/de/words.yaml:1: the file is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := compose.Load(with(t, map[string]string{c.file: c.text}), "icd-191")
			if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v\nwant %s", err, c.says)
			}
		})
	}
}

func TestTheDigestOfAPackCoversTheTextsThatItTakes(t *testing.T) {
	plain := with(t, nil)
	seen := map[tocsin.Digest]string{}
	for name, files := range map[string]fstest.MapFS{
		"as shipped":          plain,
		"another shared word": edited(t, "texts/en/victim.yaml", "Please read all of it now.", "Please read it now."),
		"an opening its own":  with(t, map[string]string{"icd-191/texts/en/victim.yaml": own}),
	} {
		texts, err := compose.Load(files, "icd-191")
		if err != nil {
			t.Fatal(err)
		}
		p, err := policy.Load(files, "icd-191")
		if err != nil || p.Ref() != texts.Ref() {
			t.Errorf("%s: policy says %v, compose %v, %v", name, p.Ref(), texts.Ref(), err)
		}
		if other := seen[texts.Ref().Digest]; other != "" {
			t.Errorf("%s and %s have one digest", name, other)
		}
		seen[texts.Ref().Digest] = name
	}
	// A set that the pack does not take from is not part of it.
	texts, err := compose.Load(with(t, map[string]string{"texts-other/texts/en/victim.yaml": own}), "icd-191")
	if err != nil || seen[texts.Ref().Digest] != "as shipped" {
		t.Errorf("another set beside it: %v", err)
	}
}
