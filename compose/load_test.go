package compose_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"tocsin"
	"tocsin/compose"
	"tocsin/packs"
)

func edited(t testing.TB, file, old, now string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	var err error
	for _, folder := range []string{"icd-191", "texts-common"} {
		err = errors.Join(err, fs.WalkDir(packs.FS(), folder, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(packs.FS(), p)
			out[p] = &fstest.MapFile{Data: b}
			return err
		}))
	}
	if err != nil {
		t.Fatal(err)
	}
	f := out["icd-191/"+file]
	if f == nil {
		f = out["texts-common/"+file]
	}
	if f == nil || !strings.Contains(string(f.Data), old) {
		t.Fatalf("%s does not hold %q", file, old)
	}
	f.Data = []byte(strings.Replace(string(f.Data), old, now, 1))
	return out
}

func TestTextsWithAMistakeAreRefusedWithTheirPlace(t *testing.T) {
	for _, c := range []struct{ name, file, old, now, says string }{
		{"a field that is not", "texts/en/victim.yaml", "{reference}", "{ref}", "texts/en/victim.yaml:3: {ref} is no field that can stand here"},
		{"a field of another place", "texts/en/words.yaml", `"Our reference: {reference}"`, `"Our reference: {reference} {marking}"`, "{marking} is no field"},
		{"a brace left open", "texts/en/victim.yaml", "{reference}", "{reference", "is no field that can stand here"},
		{"a brace closed alone", "texts/en/victim.yaml", "{reference}", "reference}", "a brace is closed that was not opened"},
		{"a subject without the reference", "texts/en/victim.yaml", "Warning about your safety. Reference {reference}", "Warning", "does not hold {reference}"},
		{"an update that names no first message", "texts/en/victim.yaml", "with the reference {first}. Please", "from before. Please", "texts/en/victim.yaml:7: the text does not hold {first}"},
		{"an alert that names a first message", "texts/en/victim.yaml", "This is a warning.", "This is {first}.", "texts/en/victim.yaml:4: {first} is no field"},
		{"a marking that is not said", "texts/fa/words.yaml", "{marking}", "محرمانه", "texts-common/texts/fa/words.yaml:21: the text does not hold {marking}"},
		{"a language that calls itself another", "texts/fa/words.yaml", "language: fa", "language: ar", "says that it is \"ar\""},
		{"a direction that is not", "texts/fa/words.yaml", "direction: rtl", "direction: down", `"down" is not one of the words`},
		{"nine digits", "texts/fa/words.yaml", "۰۱۲۳۴۵۶۷۸۹", "۰۱۲۳۴۵۶۷۸", "there are not ten digits"},
		{"eleven months", "texts/fa/words.yaml", "ژانویهٔ, ", "", "there are 11 months"},
		{"eleven months of the sun", "texts/fa/words.yaml", "فروردین, ", "", "there are 11 months of the solar calendar"},
		{"a moment without the hour", "texts/en/words.yaml", "{hour}:{minute}", "{minute}", "does not hold {hour}"},
		{"a Latin word in Persian", "texts/fa/victim.yaml", "این یک هشدار است.", "این یک warning است.", `texts/fa/victim.yaml:4: the word "warning" is in Latin letters`},
		{"a Persian text that begins in Latin", "texts/fa/victim.yaml", "این یک هشدار است.", "Alert. این یک هشدار است.", "does not begin in the direction of its language"},
		{"an item without words", "texts/en/words.yaml", "  when:\n    label: \"When:\"\n    gap: \"We cannot say when it may happen.\"\n", "", `there are no words for the item "when"`},
		{"an item that the pack has not", "texts/en/words.yaml", "  when:", "  whenever:", `"whenever" is no content item`},
		{"neither gap nor standard", "texts/en/words.yaml", "    gap: \"We cannot say when it may happen.\"\n", "", `texts/en/words.yaml:28: the item "when" needs one of gap and standard`},
		{"a kind without a moment", "texts/en/victim.yaml", "all_clear:", "allclear:", `there is no key "allclear"`},
		{"a form that is missing", "texts/forms.yaml", "messages: [cancel, all_clear]", "messages: [cancel]", "there is no form for victim all_clear"},
		{"a form twice", "texts/forms.yaml", "messages: [update]", "messages: [update, alert]", "the form of victim alert stands twice"},
		{"a form of no kind", "texts/forms.yaml", "kinds: [victim,", "kinds: [rumour,", `"rumour" is not one of the words`},
		{"a required item that is neither said nor left out", "texts/forms.yaml", "says: [harm, likelihood, when,", "says: [harm, likelihood,", `the pack requires "when" and the form does not say it`},
		{"an item both said and left out", "texts/forms.yaml", "    leaves_out:\n      harm:", "    leaves_out:\n      do_now: x\n      harm:", `"do_now" is said, or is no content item`},
		{"an item said twice", "texts/forms.yaml", "says: [harm, likelihood,", "says: [harm, harm, likelihood,", `"harm" stands twice`},
		{"a form without the handling", "texts/forms.yaml", "next_contact, handling]", "next_contact]", "the handling last"},
		{"a form that stands without end", "texts/forms.yaml", "authorities, validity, next_contact", "authorities, next_contact", "says from when until when"},
		{"a need that is not said", "texts/forms.yaml", "needs: [changed]", "needs: [changed, rumour]", `the form needs "rumour" and does not say it`},
		{"a pack without content", "pack.yaml", "\ncontent:\n", "\ncontents:\n", "there is no key content"},
		{"an empty sentence", "texts/en/victim.yaml", "opening: \"This is a warning.", "opening: \"\" # \"", "alert.opening is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := compose.Load(edited(t, c.file, c.old, c.now), "icd-191")
			if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v\nwant %s", err, c.says)
			}
		})
	}
}

func TestAKindOrALanguageWithoutWordsIsRefused(t *testing.T) {
	for file, says := range map[string]string{
		"texts/fa/public.yaml": "texts/fa/public.yaml:1: the file is missing",
		"texts/fa/words.yaml":  "texts/fa/words.yaml:1: the file is missing",
		"texts/forms.yaml":     "texts/forms.yaml:1: the file is missing",
	} {
		files := edited(t, file, "", "")
		delete(files, "icd-191/"+file)
		delete(files, "texts-common/"+file)
		if _, err := compose.Load(files, "icd-191"); !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("without %s: %v", file, err)
		}
	}
	files := edited(t, "texts/en/public.yaml", "", "")
	files["icd-191/texts/en/rumour.yaml"] = files["texts-common/texts/en/public.yaml"]
	if _, err := compose.Load(files, "icd-191"); err == nil || !strings.Contains(err.Error(), "no kind of warning has this name") {
		t.Errorf("a kind that is not: %v", err)
	}
	if _, err := compose.Load(files, "icd-192"); !errors.Is(err, tocsin.NotFound) {
		t.Errorf("a pack that is not there: %v", err)
	}
}

// FuzzTexts puts a piece of text into a sentence of the pack: either the pack is
// refused with the place, or every warning can still be written and says it.
func FuzzTexts(f *testing.F) {
	for _, seed := range []string{"plain", "{reference}", "{", "}}", "{first}", "\\n", "\\u202e", "  ", "\"", "متن", "{harm}", "%s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, piece string) {
		const opening = "Please read all of it now."
		texts, err := compose.Load(edited(t, "texts/en/victim.yaml", opening, opening+piece+"."), "icd-191")
		if err != nil {
			if !errors.Is(err, tocsin.Invalid) || !strings.Contains(err.Error(), "texts-common/texts/en/victim.yaml:") {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		d, err := texts.Compose(request(t, texts, tocsin.VictimWarning, tocsin.Alert))
		if err != nil {
			t.Fatal(err)
		}
		if body := d.Texts[0].Body; strings.ContainsAny(body, "{}") || !strings.Contains(body, english["harm"]) {
			t.Fatalf("%q gave\n%s", piece, body)
		}
	})
}
