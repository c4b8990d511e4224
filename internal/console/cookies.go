package console

import (
	"net/http"
	"net/url"
	"time"
)

// The console's own cookies; a session's is the gate's.
const (
	themeCookie = "tocsin_theme"
	langCookie  = "tocsin_lang"
	flashCookie = "tocsin_done"  // what the page before did
	draftCookie = "tocsin_draft" // a draft that is not needed any more
	nextCookie  = "tocsin_next"  // where somebody was going while they are at a provider
)

// hostPrefix makes a browser refuse a cookie that did not come over TLS from
// exactly this host (RFC 6265bis, 4.1.3.2): no other program on a neighbouring
// host can plant one.
const hostPrefix = "__Host-"

// jar makes and reads cookies, in one way for all of the console's. Over plain
// HTTP, which is for this machine alone, they have no prefix: a browser would
// keep none.
type jar struct{ tls bool } // browsers come over TLS, wherever it ends

// jar is the console's.
func (c *Console) jar() jar { return jar{c.cfg.Gate != nil && c.cfg.Gate.Secure()} }

func (j jar) secure(r *http.Request) bool { return j.tls || r.TLS != nil }

func (j jar) cookie(r *http.Request, name, value string, life time.Duration, from http.SameSite) *http.Cookie {
	c := &http.Cookie{Name: name, Value: url.QueryEscape(value), Path: "/", MaxAge: int(life / time.Second), HttpOnly: true, Secure: j.secure(r), SameSite: from}
	if c.Secure {
		c.Name = hostPrefix + name
	}
	return c
}

// put gives the browser a cookie; from says which sites' links bring it along.
func (j jar) put(w http.ResponseWriter, r *http.Request, name, value string, life time.Duration, from http.SameSite) {
	http.SetCookie(w, j.cookie(r, name, value, life, from))
}

// drop takes one away.
func (j jar) drop(w http.ResponseWriter, r *http.Request, name string) {
	c := j.cookie(r, name, "", 0, http.SameSiteStrictMode)
	c.MaxAge = -1
	http.SetCookie(w, c)
}

// read is the value of one, or "". Two of one name mean that somebody has planted
// one: then there is none.
func (j jar) read(r *http.Request, name string) string {
	if j.secure(r) {
		name = hostPrefix + name
	}
	all := r.CookiesNamed(name)
	if len(all) != 1 {
		return ""
	}
	value, err := url.QueryUnescape(all[0].Value)
	if err != nil {
		return ""
	}
	return value
}

// take reads one and takes it away, if it is there.
func (j jar) take(w http.ResponseWriter, r *http.Request, name string) string {
	value := j.read(r, name)
	if value != "" {
		j.drop(w, r, name)
	}
	return value
}
