package console

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin"
	"tocsin/internal/auth"
)

func (c *Console) adminRoutes() {
	c.page("GET /admin", adminRoles, c.people)
	c.admin("POST /admin/people", c.addPerson)
	c.page("GET /admin/people/{id}", adminRoles, c.person)
	c.admin("POST /admin/people/{id}/roles", c.setRoles)
	c.admin("POST /admin/people/{id}/link", c.makeLink)
	c.admin("POST /admin/people/{id}/forget", c.forget)
	c.admin("POST /admin/people/{id}/disable", c.disable)
	c.page("GET /admin/sessions", adminRoles, c.sessions)
	c.admin("POST /admin/sessions/end", c.endAny)
	c.page("GET /admin/tokens", adminRoles, c.tokens)
	c.admin("POST /admin/tokens", c.makeToken)
	c.admin("POST /admin/tokens/revoke", c.revokeToken)
	c.page("GET /admin/powers", adminRoles, c.powers)
	c.page("GET /admin/history", adminRoles, c.history)
}

// admin registers a change of accounts: it takes a fresh proof.
func (c *Console) admin(pattern string, f func(*visit) error) {
	c.page(pattern, adminRoles, func(v *visit) error {
		if err := c.parsed(v); err != nil {
			return err
		}
		if err := freshly(v); err != nil {
			return err
		}
		return f(v)
	})
}

// tidy is a text as typed, with line ends as people mean them.
func tidy(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

type roleBox struct {
	option
	On bool
}

func roleBoxes(v *visit, on []tocsin.Role) []roleBox {
	var out []roleBox
	for _, r := range tocsin.Roles() {
		if r != tocsin.Machine {
			out = append(out, roleBox{option{string(r), v.say.label("role", string(r))}, slices.Contains(on, r)})
		}
	}
	return out
}

// typedRoles reads the roles, origins and recipient of a form.
func typedRoles(f url.Values) (roles []tocsin.Role, handles []string, recipient tocsin.RecipientID) {
	for _, r := range f["role"] {
		roles = append(roles, tocsin.Role(r))
	}
	for l := range strings.Lines(tidy(f.Get("handles"))) {
		if l = strings.TrimSpace(l); l != "" {
			handles = append(handles, l)
		}
	}
	return roles, handles, tocsin.RecipientID(strings.TrimSpace(f.Get("recipient")))
}

type peoplePage struct {
	Page
	All   []auth.Account
	Typed url.Values
	Roles []roleBox
	Error *formError
}

func (c *Console) adminHead(v *visit, title, here string) Page {
	p := c.head(v, title)
	p.Here = "/admin"
	if v.r.Method != http.MethodGet {
		p.Path = here
	}
	return p
}

func (c *Console) people(v *visit) error { return c.showPeople(v, nil) }

func (c *Console) showPeople(v *visit, problem error) error {
	p := peoplePage{Page: c.adminHead(v, "admin.people", "/admin"), All: c.cfg.Users.List(), Typed: url.Values{}, Roles: roleBoxes(v, nil)}
	status := http.StatusOK
	if problem != nil {
		p.Error, status, p.Typed = accountFault(v, problem), accountStatus(v, problem), v.r.PostForm
		on, _, _ := typedRoles(p.Typed)
		p.Roles = roleBoxes(v, on)
	}
	c.render(v, status, "admin-people", p)
	return nil
}

// addPerson enters somebody, and makes the link with which they set a password.
func (c *Console) addPerson(v *visit) error {
	f := v.r.PostForm
	u := auth.User{ID: tocsin.ActorID(strings.TrimSpace(f.Get("id"))), Name: strings.TrimSpace(f.Get("name"))}
	u.Roles, u.Handles, u.Recipient = typedRoles(f)
	if err := c.cfg.Users.Enrol(v.ctx(), v.by.ID, u); err != nil {
		return c.showPeople(v, err)
	}
	if u.Roles[0] == tocsin.RecipientRole {
		return c.done(v, "/admin/people/"+string(u.ID), "done.person")
	}
	return c.showLink(v, u.ID)
}

// oncePage shows a secret, this once.
type oncePage struct {
	Page
	Person tocsin.ActorID
	Secret string
	Until  time.Time
	Lead   string // key of the catalogue
	Next   string
}

func (c *Console) showLink(v *visit, id tocsin.ActorID) error {
	secret, until, err := c.cfg.Users.MakeLink(v.ctx(), v.by.ID, id)
	if err != nil {
		return c.showPerson(v, id, "link", err)
	}
	p := oncePage{Page: c.adminHead(v, "once.link.title", "/admin"), Person: id, Secret: c.cfg.Gate.Origin() + "/link/" + secret, Until: until, Lead: "once.link.say", Next: "/admin/people/" + string(id)}
	c.render(v, http.StatusOK, "admin-once", p)
	return nil
}

type personPage struct {
	Page
	A        auth.Account
	Roles    []roleBox
	Handles  string
	Sessions []auth.Session
	Tokens   []auth.Token
	History  []historyLine
	Self     bool
	Error    *formError
	At       string
	Why      string
}

func (c *Console) person(v *visit) error {
	return c.showPerson(v, tocsin.ActorID(v.r.PathValue("id")), "", nil)
}

func (c *Console) showPerson(v *visit, id tocsin.ActorID, at string, problem error) error {
	a, ok := c.cfg.Users.Account(id)
	if !ok {
		return notFound(v, "error.no_person")
	}
	p := personPage{Page: c.adminHead(v, "", "/admin/people/"+string(id)), A: a, Roles: roleBoxes(v, a.Roles), Handles: strings.Join(a.Handles, "\n"), Sessions: c.cfg.Users.Sessions(id),
		Tokens: c.cfg.Users.Tokens(id), Self: id == v.by.ID, At: at}
	p.Title = a.Name
	var err error
	if p.History, err = c.lately(v, 30, func(e auth.Event) bool { return e.By == id || about(e) == string(id) }); err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		p.Error, status, p.Why = accountFault(v, problem), accountStatus(v, problem), v.r.PostForm.Get("why")
		if at == "roles" {
			on, _, _ := typedRoles(v.r.PostForm)
			p.Roles, p.Handles = roleBoxes(v, on), v.r.PostForm.Get("handles")
		}
	}
	c.render(v, status, "admin-person", p)
	return nil
}

// notSelf keeps an administrator from locking the door behind themselves.
func notSelf(v *visit, id tocsin.ActorID) error {
	if id == v.by.ID {
		return tocsin.Fault(tocsin.Refused, "not_self", "Nobody changes their own roles or ends their own account.", "Ask another administrator.")
	}
	return nil
}

func (c *Console) setRoles(v *visit) error {
	f, id := v.r.PostForm, tocsin.ActorID(v.r.PathValue("id"))
	err := notSelf(v, id)
	if err == nil {
		on, handles, recipient := typedRoles(f)
		err = c.cfg.Users.SetRoles(v.ctx(), v.by.ID, id, on, handles, recipient, strings.TrimSpace(f.Get("why")))
	}
	if err != nil {
		return c.showPerson(v, id, "roles", err)
	}
	return c.done(v, "/admin/people/"+string(id), "done.roles")
}

func (c *Console) makeLink(v *visit) error { return c.showLink(v, tocsin.ActorID(v.r.PathValue("id"))) }

// forget takes the second ways of somebody away who has lost them.
func (c *Console) forget(v *visit) error {
	id := tocsin.ActorID(v.r.PathValue("id"))
	if err := notSelf(v, id); err != nil {
		return c.showPerson(v, id, "ways", err)
	}
	a, _ := c.cfg.Users.Account(id)
	if a.SignIn.TOTP {
		if err := c.cfg.Users.RemoveTOTP(v.ctx(), v.by.ID, id); err != nil {
			return c.showPerson(v, id, "ways", err)
		}
	}
	for _, k := range c.cfg.Users.Passkeys(id) {
		if err := c.cfg.Users.RemovePasskey(v.ctx(), v.by.ID, id, k.ID); err != nil {
			return c.showPerson(v, id, "ways", err)
		}
	}
	if err := c.cfg.Users.EndSessions(v.ctx(), v.by.ID, id, "second ways to sign in were taken away"); err != nil {
		return c.showPerson(v, id, "ways", err)
	}
	return c.done(v, "/admin/people/"+string(id), "done.forgotten")
}

func (c *Console) disable(v *visit) error {
	id := tocsin.ActorID(v.r.PathValue("id"))
	err := notSelf(v, id)
	if err == nil && v.r.PostForm.Get("sure") != "yes" {
		err = tocsin.Fault(tocsin.Invalid, "sure", "It was not confirmed.", "Tick the box: it is for good.")
	}
	if err == nil {
		err = c.cfg.Users.Disable(v.ctx(), v.by.ID, id)
	}
	if err != nil {
		return c.showPerson(v, id, "disable", err)
	}
	return c.done(v, "/admin/people/"+string(id), "done.disabled")
}

func (c *Console) sessions(v *visit) error {
	p := struct {
		Page
		Sessions []auth.Session
	}{c.adminHead(v, "admin.sessions", "/admin/sessions"), c.cfg.Users.Sessions("")}
	c.render(v, http.StatusOK, "admin-sessions", p)
	return nil
}

// endAny ends one session, or all of a person.
func (c *Console) endAny(v *visit) error {
	f := v.r.PostForm
	back := "/admin/sessions"
	var err error
	if id := f.Get("user"); id != "" {
		err = c.cfg.Users.EndSessions(v.ctx(), v.by.ID, tocsin.ActorID(id), "ended by an administrator")
		back = "/admin/people/" + url.PathEscape(id)
	} else {
		err = c.cfg.Users.EndSession(v.ctx(), v.by.ID, f.Get("ref"), "ended by an administrator")
	}
	if err != nil && tocsin.KindOf(err) != tocsin.NotFound { // it has ended, as was asked
		return err
	}
	return c.done(v, back, "done.session_ended")
}

type tokensPage struct {
	Page
	Tokens []auth.Token
	People []option
	Scopes []roleBox
	Days   []option
	Typed  url.Values
	Error  *formError
}

func (c *Console) tokens(v *visit) error { return c.showTokens(v, nil) }

func (c *Console) showTokens(v *visit, problem error) error {
	p := tokensPage{Page: c.adminHead(v, "admin.tokens", "/admin/tokens"), Tokens: c.cfg.Users.Tokens(""), Typed: url.Values{"days": {"90"}, "user": {v.r.URL.Query().Get("user")}}}
	status := http.StatusOK
	if problem != nil {
		p.Error, status, p.Typed = accountFault(v, problem), accountStatus(v, problem), v.r.PostForm
	}
	for _, a := range c.cfg.Users.List() {
		if !a.Disabled {
			p.People = append(p.People, option{string(a.ID), string(a.ID) + " · " + a.Name})
		}
	}
	for _, s := range auth.Scopes() {
		p.Scopes = append(p.Scopes, roleBox{option{string(s), v.say.label("scope", string(s))}, slices.Contains(p.Typed["scope"], string(s))})
	}
	for _, d := range []int{1, 7, 30, 90, 365} {
		p.Days = append(p.Days, option{strconv.Itoa(d), v.say.t("token.days", d)})
	}
	c.render(v, status, "admin-tokens", p)
	return nil
}

func (c *Console) makeToken(v *visit) error {
	f := v.r.PostForm
	days, _ := strconv.Atoi(f.Get("days")) // what is no number is no time, and refused
	r := auth.TokenRequest{User: tocsin.ActorID(f.Get("user")), Name: strings.TrimSpace(f.Get("name")), Life: time.Duration(min(max(days, 0), 10_000)) * 24 * time.Hour}
	for _, s := range f["scope"] {
		r.Scopes = append(r.Scopes, auth.Scope(s))
	}
	secret, t, err := c.cfg.Users.MakeToken(v.ctx(), v.by.ID, r)
	if err != nil {
		return c.showTokens(v, err)
	}
	p := oncePage{Page: c.adminHead(v, "once.token.title", "/admin/tokens"), Person: t.User, Secret: secret, Until: t.Expires, Lead: "once.token.say", Next: "/admin/tokens"}
	c.render(v, http.StatusOK, "admin-once", p)
	return nil
}

func (c *Console) revokeToken(v *visit) error {
	f := v.r.PostForm
	if err := c.cfg.Users.RevokeToken(v.ctx(), v.by.ID, tocsin.ActorID(f.Get("user")), f.Get("token")); err != nil && tocsin.KindOf(err) != tocsin.NotFound {
		return err
	}
	return c.done(v, "/admin/tokens", "done.revoked")
}

type roleRow struct {
	Role    tocsin.Role
	Powers  []tocsin.Power
	HandsIn bool // a report
}

// whoHandsIn says who can hand in a report. The engine takes them from everybody who
// works here, whatever the policy, and from recipients' systems.
func (c *Console) whoHandsIn() auth.Right {
	r := auth.Right{Roles: roles(handInRoles, tocsin.RecipientRole)}
	for _, a := range c.cfg.Users.List() {
		if !a.Disabled && a.Actor().Has(r.Roles...) {
			r.People = append(r.People, a.ID)
		}
	}
	return r
}

// powers shows who can do what under a pack, by power and by role. A power that
// nobody has stands out: that is what must be seen before the night begins.
func (c *Console) powers(v *visit) error {
	packs := c.packOptions()
	name := cmp.Or(v.r.URL.Query().Get("pack"), packs[0].Value)
	pack, err := c.cfg.Engine.Pack(name)
	if err != nil {
		return notFound(v, "error.no_pack")
	}
	p := struct {
		Page
		Packs  []option
		Pack   string
		Rights []auth.Right
		Roles  []roleRow
		// Reporting is no power of a policy: there is no case yet that stands under one.
		Reporting auth.Right
	}{Page: c.adminHead(v, "admin.powers", "/admin/powers"), Packs: packs, Pack: name, Rights: c.cfg.Users.WhoMay(pack.Terms())}
	p.Reporting = c.whoHandsIn()
	for _, r := range tocsin.Roles() {
		row := roleRow{r, auth.PowersOf(pack.Terms(), r), slices.Contains(p.Reporting.Roles, r)}
		if row.HandsIn || len(row.Powers) > 0 {
			p.Roles = append(p.Roles, row)
		}
	}
	c.render(v, http.StatusOK, "admin-powers", p)
	return nil
}

// historyLine is one entry of the record of administration.
type historyLine struct {
	auth.Event
	About string
	More  string
}

// about is whom an entry of the history is about.
func about(e auth.Event) string {
	for _, name := range []string{"id", "user"} {
		var id string
		if json.Unmarshal(e.Data[name], &id) == nil && id != "" && !strings.HasPrefix(id, "glass-") {
			return id
		}
	}
	return ""
}

// detailed are the fields of the history that are said, in the order in which they
// are.
var detailed = []string{"role", "roles", "scopes", "name", "token", "expires", "until", "at", "why", "reason", "justified", "note", "issuer", "subject"}

// details says the rest of an entry in words.
func details(say words, e auth.Event) string {
	var out []string
	for _, name := range detailed {
		raw, ok := e.Data[name]
		if !ok {
			continue
		}
		if name == "justified" {
			out = append(out, say.t("glass."+either(string(raw) == "true", "justified", "unjustified")))
		} else if text := detail(say, name, raw); text != "" {
			out = append(out, say.t("detail."+name)+": "+text)
		}
	}
	return strings.Join(out, " · ")
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// detail is one field of an entry: names of closed lists in words, times as
// everywhere, and the rest as it was typed.
func detail(say words, name string, raw json.RawMessage) string {
	var one string
	var all []string
	switch {
	case json.Unmarshal(raw, &one) == nil:
		all = []string{one}
	case json.Unmarshal(raw, &all) != nil:
		return strings.Trim(string(raw), "\"")
	}
	list := strings.TrimSuffix(name, "s")
	for i, x := range all {
		if t, err := time.Parse(time.RFC3339Nano, x); err == nil {
			all[i] = t.UTC().Format(timeForm) + "Z"
		} else if list == "role" || list == "scope" {
			all[i] = say.label(list, x)
		}
	}
	return strings.Join(all, ", ")
}

// lately are the newest entries of the history that fit, the newest first.
func (c *Console) lately(v *visit, most int, fits func(auth.Event) bool) ([]historyLine, error) {
	all, err := c.cfg.Users.History(v.ctx())
	if err != nil {
		return nil, err
	}
	var out []historyLine
	for _, e := range slices.Backward(all) {
		if len(out) == most {
			break
		}
		if fits(e) {
			out = append(out, historyLine{e, about(e), details(v.say, e)})
		}
	}
	return out, nil
}

func (c *Console) history(v *visit) error {
	p := struct {
		Page
		Lines []historyLine
		Most  int
	}{Page: c.adminHead(v, "admin.history", "/admin/history"), Most: 500}
	var err error
	if p.Lines, err = c.lately(v, p.Most, func(auth.Event) bool { return true }); err != nil {
		return err
	}
	c.render(v, http.StatusOK, "admin-history", p)
	return nil
}
