package console

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"

	"tocsin"
	"tocsin/search"
	"tocsin/view"
)

// Words that are searched for name people. They must not stand in addresses, which
// end in histories and in the logs of what lies between; but a page of results must
// be there again after going back, or loading it anew. So the form is posted, and
// the address of the results carries the words sealed, under a key that lives as
// long as this process, for the one person who typed them.
type envelope struct{ aead cipher.AEAD }

func newEnvelope() envelope {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	block, err := aes.NewCipher(key[:])
	if err == nil {
		var aead cipher.AEAD
		if aead, err = cipher.NewGCMWithRandomNonce(block); err == nil {
			return envelope{aead}
		}
	}
	panic("console: AES takes a key of 32 bytes: " + err.Error())
}

func (e envelope) seal(by tocsin.ActorID, words string) string {
	return base64.RawURLEncoding.EncodeToString(e.aead.Seal(nil, nil, []byte(words), []byte(by)))
}

func (e envelope) open(by tocsin.ActorID, sealed string) (string, bool) {
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", false
	}
	words, err := e.aead.Open(nil, nil, b, []byte(by))
	return string(words), err == nil
}

type seekPage struct {
	Page
	Asked  bool
	Groups []seekGroup
	Total  int
	Only   view.HitKind
	Back   string // to all kinds
	Error  *formError
}

// seekGroup is what was found of one kind.
type seekGroup struct {
	Kind  view.HitKind
	Total int
	Hits  []seekHit
	All   string // address of all of this kind, if there are more
	Next  string // address of the next page
}

type seekHit struct {
	view.Hit
	Head []search.Piece // the title, with what was found in it
	Href string
}

// Bounds of what a page of results shows.
const (
	hitsOfKind = 6
	hitsOnPage = 50
)

// seek takes the words and sends the browser to their results.
func (c *Console) seek(v *visit) error {
	if err := c.parsed(v); err != nil {
		return err
	}
	words := v.r.PostForm.Get("q")
	if _, err := search.Parse(words); err != nil {
		p := seekPage{Page: c.head(v, "search.title"), Error: accountFault(v, err)}
		if len(words) <= search.MaxQuery {
			p.Sought = words
		}
		c.render(v, statusOf(tocsin.KindOf(err)), "search", p)
		return nil
	}
	http.Redirect(v.w, v.r, "/search?for="+c.envelope.seal(v.by.ID, words), http.StatusSeeOther)
	return nil
}

// found shows the results.
func (c *Console) found(v *visit) error {
	asked := v.r.URL.Query()
	p := seekPage{Page: c.head(v, "search.title"), Only: view.HitKind(asked.Get("kind"))}
	if !asked.Has("for") {
		c.render(v, http.StatusOK, "search", p)
		return nil
	}
	words, ok := c.envelope.open(v.by.ID, asked.Get("for"))
	q, err := search.Parse(words)
	if !ok || err != nil {
		p.Error = &formError{What: v.say.t("search.gone"), Do: v.say.t("search.gone.do")}
		c.render(v, http.StatusGone, "search", p)
		return nil
	}
	p.Sought, p.Asked, p.Back = words, true, "/search?"+url.Values{"for": asked["for"][:1]}.Encode()
	c.cfg.Engine.Read(func(x *view.Index) {
		f := x.Find(q, view.Seeker{By: v.by, Whole: v.by.Has(caseRoles...)})
		counts := f.Counts()
		for _, k := range view.HitKinds() {
			p.Total += counts[k]
			if counts[k] == 0 || p.Only != "" && p.Only != k {
				continue
			}
			var g seekGroup
			if g, err = group(f, q, k, counts[k], p.Only, asked); err != nil {
				return
			}
			p.Groups = append(p.Groups, g)
		}
	})
	if err != nil {
		return err
	}
	c.render(v, http.StatusOK, "search", p)
	return nil
}

// group makes one kind's part of the page: a few hits beside the other kinds, or a
// page of them alone.
func group(f *view.Found, q search.Query, k view.HitKind, total int, only view.HitKind, asked url.Values) (seekGroup, error) {
	g := seekGroup{Kind: k, Total: total}
	limit, after := hitsOfKind, ""
	if only != "" {
		limit, after = hitsOnPage, asked.Get("after")
	}
	hits, next, err := f.Page(k, after, limit)
	if err != nil {
		return g, err
	}
	for _, h := range hits {
		g.Hits = append(g.Hits, seekHit{h, q.Pieces(h.Title), hrefOf(h)})
	}
	at := url.Values{"for": asked["for"][:1], "kind": {string(k)}}
	switch {
	case next != "" && only == "":
		g.All = "/search?" + at.Encode()
	case next != "":
		at.Set("after", next)
		g.Next = "/search?" + at.Encode()
	}
	return g, nil
}

// hrefOf is the place of a hit.
func hrefOf(h view.Hit) string {
	switch h.Kind {
	case view.CaseHit:
		return "/cases/" + string(h.Case)
	case view.WarningHit:
		return "/cases/" + string(h.Case) + "#warning-" + string(h.Warning)
	case view.ReportHit:
		return "/reports/" + string(h.Report)
	case view.DeliveryHit:
		return "/deliveries/" + string(h.Delivery)
	}
	return "/directory/" + string(h.Recipient)
}
