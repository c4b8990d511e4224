package intake_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tocsin"
	"tocsin/intake"
)

// Whatever the bytes: no panic, the same answer twice, and either an error that
// a person can use or a report for which everything in whole holds.
func FuzzParse(f *testing.F) {
	names, err := filepath.Glob("testdata/*.*")
	if err != nil || len(names) == 0 {
		f.Fatal("no seeds found", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("", b)
	}
	f.Add("text/html; charset=utf-8", []byte("<p a='>x<!-- --><pre> y\n</pre><img alt=z"))
	f.Add("text/plain; charset=iso-2022-jp", []byte("\x1b$B1X\x1b(B"))
	f.Add("text/plain; charset=hz-gb-2312", []byte("~{35~}"))
	f.Add("message/rfc822", []byte("Content-Type: multipart/alternative; boundary*0=a; boundary*1=b\n\n--ab\nContent-Transfer-Encoding: base64\n\nYQ==\nfoot\n--ab\n--ab--"))
	f.Add("message/rfc822", []byte("Subject: =?utf-16le?B?//8=?= =?gbk?q?=c4?=\nContent-Disposition: attachment; filename*=big5''%a4\n\nx"))
	f.Fuzz(func(t *testing.T, media string, b []byte) {
		lim := intake.Limits{TextBytes: 1 << 16, Parts: 20, Header: 1 << 12, Field: 1 << 10}
		r, err := intake.Parse(input(media, b), lim)
		again, err2 := intake.Parse(input(media, bytes.Clone(b)), lim)
		if (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("answers differ: %v, %v", err, err2)
		}
		if err != nil {
			e := usable(t, err)
			if tocsin.KindOf(err) != e.Kind || !errors.Is(err, e.Kind) {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		whole(t, b, r)
		if !bytes.Equal(mustJSON(t, r), mustJSON(t, again)) {
			t.Fatal("reports differ")
		}
		if r.Text == "" && len(r.Attachments) == 0 {
			t.Fatal("an empty report was accepted")
		}
		if len(r.Text) > lim.TextBytes || len(r.Subject) > lim.Field || len(r.SourceKey) > lim.Field {
			t.Fatal("a limit was passed")
		}
	})
}
