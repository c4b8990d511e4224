// Package consoletest sets up a whole installation for tests of the console: the
// real engine on a store in memory, people of every role, and cases in many
// states, at a clock that stands still until it is moved.
package consoletest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tocsin"
	"tocsin/casefile"
	"tocsin/deliver"
	"tocsin/engine"
	"tocsin/intake"
	"tocsin/internal/auth"
	"tocsin/internal/auth/password"
	"tocsin/internal/auth/refusals"
	"tocsin/internal/auth/signin"
	"tocsin/internal/channel/inperson"
	"tocsin/internal/channel/smtp"
	"tocsin/internal/clocktest"
	"tocsin/internal/console"
	"tocsin/internal/scenario"
	"tocsin/ledger"
	"tocsin/ledger/memory"
	"tocsin/packs"
	"tocsin/paging"
	"tocsin/release"
	"tocsin/scenarios"
)

type ids struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *ids) New(kind, basis string) string {
	if basis != "" {
		sum := sha256.Sum256([]byte(kind + "\x00" + basis))
		return kind + "-" + hex.EncodeToString(sum[:5])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[kind]++
	return fmt.Sprintf("%s-%d", kind, 100+c.n[kind]) // the scenario counts from 1
}

// post is a mail channel that takes everything.
type post struct{ clock *clocktest.Clock }

func (p *post) Name() string { return "smtp" }

func (p *post) Send(_ context.Context, m release.Message) (tocsin.Receipt, error) {
	if err := deliver.Admit(m, p.Name()); err != nil {
		return tocsin.Receipt{}, err
	}
	return tocsin.Receipt{State: "sent", At: p.clock.Now(), Body: m.Body(), Channel: p.Name()}, nil
}

// Page takes every notice too.
func (p *post) Page(_ context.Context, _ paging.Rung, n paging.Notice) (tocsin.Receipt, error) {
	return tocsin.Receipt{State: "sent", At: p.clock.Now(), Body: release.BodyDigest(n.Text()), Channel: p.Name()}, nil
}

// onCall are two supervisors, and one on call for each role.
func onCall() *paging.Plan {
	at := func(people ...string) (out []paging.Rung) {
		for _, p := range people {
			out = append(out, paging.Rung{Channel: "smtp", Address: p + "@watch.example", Name: p + "'s telephone"})
		}
		return out
	}
	return &paging.Plan{Origin: "https://tocsin.example", Unread: 10 * time.Minute, Next: 5 * time.Minute,
		Ladders: map[paging.Ladder][]paging.Rung{paging.Supervisor: at("sofia", "daniel"), paging.Duty: at("daniel"), paging.Senior: at("sofia")}}
}

// Staff are the people of the house, at least one for each role.
var Staff = []auth.User{
	{ID: "gate", Name: "Greta Tor", Roles: []tocsin.Role{tocsin.Reporter}},
	{ID: "ingrid", Name: "Ingrid Aune", Roles: []tocsin.Role{tocsin.IntakeOfficer}},
	{ID: "anna", Name: "Anna Lind", Roles: []tocsin.Role{tocsin.Analyst}},
	{ID: "daniel", Name: "Daniel Okoro", Roles: []tocsin.Role{tocsin.DutyOfficer}},
	{ID: "sofia", Name: "Sofia Marchetti", Roles: []tocsin.Role{tocsin.SeniorOfficer}},
	{ID: "lena", Name: "Lena Novak", Roles: []tocsin.Role{tocsin.OriginatorLiaison}},
	{ID: "rui", Name: "Rui Teixeira", Roles: []tocsin.Role{tocsin.ReleaseOfficer}},
	{ID: "paul", Name: "Paul Weber", Roles: []tocsin.Role{tocsin.Deliverer}},
	{ID: "rita", Name: "Rita Holm", Roles: []tocsin.Role{tocsin.Reviewer}},
	{ID: "ivan", Name: "Ivan Petrov", Roles: []tocsin.Role{tocsin.Inspector}},
	{ID: "adam", Name: "Adam Reyes", Roles: []tocsin.Role{tocsin.Administrator}},
	{ID: "state.system", Name: "The state's system", Roles: []tocsin.Role{tocsin.RecipientRole}, Recipient: "state-y"},
}

// House is the installation.
type House struct {
	T       testing.TB
	Clock   *clocktest.Clock
	Store   ledger.Store
	Engine  *engine.Engine
	Users   *auth.Users
	Console *console.Console
	Tokens  map[string]string
	Log     *bytes.Buffer
	Gate    *signin.Gate // nil until Door
	key     *auth.Key
	cfg     console.Config
}

// Door puts a console with a gate in place of the one over tokens. origin is
// where browsers find it.
func (h *House) Door(origin string, change ...func(*signin.Config)) {
	h.T.Helper()
	cfg := signin.Config{Users: h.Users, Key: h.key, Clock: h.Clock, Origin: origin, Refusals: h.cfg.Refusals}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	if h.Gate, err = signin.New(cfg); err != nil {
		h.T.Fatal(err)
	}
	h.cfg.Gate = h.Gate
	h.Console = console.New(h.cfg)
	h.T.Cleanup(h.Console.Drain)
}

// Phrase is the password of everybody who is given one.
const Phrase = "a quiet red bicycle in June"

// Password gives somebody the password Phrase.
func (h *House) Password(id string) {
	h.T.Helper()
	if err := h.Users.SetPassword(h.T.Context(), auth.Local, tocsin.ActorID(id), Phrase, ""); err != nil {
		h.T.Fatal(err)
	}
}

func mailbox(g tocsin.Rung) error {
	if g.Channel == "smtp" {
		return smtp.CheckAddress(g.Address)
	}
	return nil
}

// Open sets a house up. With story the Kerman scenario has been played in it, and
// its clock stands a while after.
func Open(t testing.TB, story bool, change ...func(*console.Config)) *House {
	t.Helper()
	h := &House{T: t, Store: memory.Open(), Clock: clocktest.At(time.Date(2024, 1, 8, 2, 40, 0, 0, time.UTC)), Tokens: map[string]string{}, Log: &bytes.Buffer{}}
	if story {
		h.play("kerman")
	}
	h.accounts()
	var err error
	for _, u := range Staff {
		if h.Tokens[string(u.ID)], err = h.Users.Add(t.Context(), auth.Local, u); err != nil {
			t.Fatal(err)
		}
	}
	mail := &post{h.Clock}
	channels, err := deliver.NewSet(mail, inperson.New(h.Clock.Now))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&locked{w: h.Log}, nil))
	h.Engine, err = engine.New(t.Context(), engine.Config{Store: h.Store, Packs: packs.FS(), Default: "icd-191", Clock: h.Clock, IDs: &ids{n: map[string]int{}},
		Channels: channels, Address: mailbox, Pagers: paging.Set{"smtp": mail}, OnCall: onCall(), People: h.Users.Find, Log: log}, "icd-191", "uk-threat-to-life")
	if err != nil {
		t.Fatal(err)
	}
	cfg := console.Config{Engine: h.Engine, Store: h.Store, Users: h.Users, Packs: []string{"icd-191", "uk-threat-to-life"}, Version: "test", Verifier: h.sign(), Log: log, Refusals: refusals.New(log)}
	for _, f := range change {
		f(&cfg)
	}
	h.cfg = cfg
	h.Console = console.New(cfg)
	t.Cleanup(h.Console.Drain)
	return h
}

// accounts opens the accounts, with passwords that cost next to nothing.
func (h *House) accounts() {
	h.T.Helper()
	hasher, err := password.NewHasher(password.Params{Memory: 64, Time: 1, Threads: 1}, 2)
	if err != nil {
		h.T.Fatal(err)
	}
	h.key = auth.NewKey()
	if h.Users, err = auth.Open(h.T.Context(), h.Store, h.Clock, auth.WithKey(h.key), auth.WithHasher(hasher)); err != nil {
		h.T.Fatal(err)
	}
}

type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func (h *House) play(name string) {
	h.T.Helper()
	s, err := scenario.Load(scenarios.FS(), name)
	if err != nil {
		h.T.Fatal(err)
	}
	r, world, err := scenario.Stage(h.T.Context(), s, h.Store, io.Discard)
	if err != nil {
		h.T.Fatal(err)
	}
	defer world.Close()
	if err := r.Run(h.T.Context(), s); err != nil {
		h.T.Fatal(err)
	}
}

// sign makes a checkpoint of what there is, and returns what opens it.
func (h *House) sign() note.Verifier {
	h.T.Helper()
	skey, vkey, err := ledger.NewKey("tocsin.example", rand.Reader)
	if err != nil {
		h.T.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		h.T.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		h.T.Fatal(err)
	}
	size, err := h.Store.Log().Size(h.T.Context())
	if err != nil {
		h.T.Fatal(err)
	}
	root, err := ledger.Root(h.T.Context(), h.Store.Log(), size)
	if err != nil {
		h.T.Fatal(err)
	}
	signed, err := ledger.SignCheckpoint("tocsin.example", size, root, signer)
	if err != nil {
		h.T.Fatal(err)
	}
	if err := h.Store.Log().PutCheckpoint(h.T.Context(), size, signed); err != nil {
		h.T.Fatal(err)
	}
	return verifier
}

// Person is one of the staff.
func (h *House) Person(id string) tocsin.Actor {
	h.T.Helper()
	a, ok := h.Users.Find(tocsin.ActorID(id))
	if !ok {
		h.T.Fatalf("nobody is called %s", id)
	}
	return a
}

// Report hands a report in.
func (h *House) Report(by, text string, d intake.Declared) tocsin.ReportID {
	h.T.Helper()
	rec, err := h.Engine.Receive(h.T.Context(), h.Person(by), engine.Submission{Media: "text/plain", Bytes: []byte(text), Declared: d}, engine.Options{})
	if err != nil {
		h.T.Fatal(err)
	}
	return rec.Report.ID
}

// Do gives a command.
func (h *House) Do(by string, id tocsin.CaseID, c casefile.Command) casefile.State {
	h.T.Helper()
	res, err := h.Engine.Do(h.T.Context(), h.Person(by), id, c, engine.Options{})
	if err != nil {
		h.T.Fatalf("%s gives %s: %v", by, c.Kind(), err)
	}
	return res.State
}

// Attach joins a report to a case.
func (h *House) Attach(by string, id tocsin.CaseID, report tocsin.ReportID) {
	h.T.Helper()
	if _, err := h.Engine.Attach(h.T.Context(), h.Person(by), id, report, engine.Options{}); err != nil {
		h.T.Fatal(err)
	}
}

// Case opens a case on one report, with a threat and one victim.
func (h *House) Case(title, pack, text, victim string, in time.Duration) tocsin.CaseID {
	h.T.Helper()
	rep := h.Report("ingrid", text, intake.Declared{Origin: "human-" + hex.EncodeToString([]byte(victim[:2])), Marking: "UNCLASSIFIED"})
	res, err := h.Engine.Open(h.T.Context(), h.Person("daniel"), title, pack, []tocsin.ReportID{rep}, engine.Options{})
	if err != nil {
		h.T.Fatal(err)
	}
	id := res.State.ID
	full, err := h.Engine.Report(rep)
	if err != nil {
		h.T.Fatal(err)
	}
	at := strings.Index(full.Text, " ") + 1
	end := at + strings.Index(full.Text[at:], ".")
	span := tocsin.Span{Report: rep, Start: at, End: end, Quote: full.Text[at:end]}
	h.Do("anna", id, casefile.StateThreat{Threat: tocsin.Threat{Harm: tocsin.Killing, Actor: tocsin.Claim{Text: "a named gang"}, Target: tocsin.Claim{Text: victim, Evidence: []tocsin.Span{span}},
		Place: tocsin.Claim{Text: "at home or at work"}, Means: tocsin.Claim{Text: "firearm"}, Window: tocsin.Window{Earliest: h.Clock.Now().Add(in)}}})
	h.Do("anna", id, casefile.AddVictim{Victim: tocsin.Victim{ID: "v1", Kind: tocsin.Person, Name: victim, Identity: tocsin.Named, Jurisdiction: "GB"}})
	return id
}

// Findings are one for each element of the case's pack.
func (h *House) Findings(id tocsin.CaseID, value tocsin.FindingValue) []tocsin.Finding {
	h.T.Helper()
	s, err := h.Engine.Case(id)
	if err != nil {
		h.T.Fatal(err)
	}
	rep, err := h.Engine.Report(s.Reports[0].ID)
	if err != nil {
		h.T.Fatal(err)
	}
	var out []tocsin.Finding
	for i, e := range s.Terms.Elements {
		f := tocsin.Finding{Element: e, Value: value, Reason: "As the report has it; see the words."}
		if words := strings.SplitAfter(rep.Text, " "); 4*i+3 < len(words) {
			at := len(strings.Join(words[:4*i], ""))
			quote := strings.TrimSpace(strings.Join(words[4*i:4*i+3], ""))
			f.Evidence = []tocsin.Span{{Report: rep.ID, Start: at, End: at + len(quote), Quote: quote}}
		}
		out = append(out, f)
	}
	return out
}

// Town is an entry of the directory that mail and a messenger reach.
var Town = tocsin.Recipient{ID: "town", Name: "Municipal police, duty desk", Kind: tocsin.ProtectorWarning, Jurisdiction: "GB", Relation: "own", Languages: []string{"en"},
	Ladder: []tocsin.Rung{{Channel: "smtp", Address: "desk@town.example", Addressee: "duty desk", Level: 1},
		{Channel: "in_person", Address: "Town hall, night entrance", Addressee: "chief constable", Level: 2}}, Verify: "They call back on the number in their own book."}

// Draft writes a warning to the town about v1.
func (h *House) Draft(by string, id tocsin.CaseID) tocsin.WarningID {
	h.T.Helper()
	if _, err := h.Engine.SetRecipient(h.T.Context(), h.Person("daniel"), Town); err != nil {
		h.T.Fatal(err)
	}
	fact := func(item, words string) tocsin.Fact {
		return tocsin.Fact{Item: item, Values: map[string]string{"en": words}, Releasable: true}
	}
	res, err := h.Engine.Draft(h.T.Context(), h.Person(by), id, engine.DraftRequest{Kind: tocsin.ProtectorWarning, Victims: []tocsin.VictimID{"v1"}, Recipients: []tocsin.RecipientID{"town"},
		Marking: "UNCLASSIFIED", ValidFor: "48h", Facts: []tocsin.Fact{fact("harm", "An attempt to kill."), fact("when", "Within the next two days."), fact("where", "At home or at work."),
			fact("do_now", "Move the person and their family to a safe place."), fact("contact", "The watch, at any hour, on extension 1."), fact("authorities", "We will pass on whatever else we learn.")}}, engine.Options{})
	if err != nil {
		h.T.Fatal(err)
	}
	return res.State.Warnings[len(res.State.Warnings)-1].ID
}

// Fill makes a busy night: cases at every stage, and reports that nobody has taken up.
func (h *House) Fill() map[string]tocsin.CaseID {
	h.T.Helper()
	out := map[string]tocsin.CaseID{}
	out["fresh"] = h.Case("Threat to a magistrate", "icd-191", "The caller says that Judge Amara Diallo is to be shot before the verdict on Thursday. He named the car and the street, and the man who will do it.", "Judge Amara Diallo", 60*time.Hour)
	out["found"] = h.Case("Journalist followed in Lyon", "icd-191", "Two men have rented a flat across from the journalist Leila Haddad and bought a silenced pistol. They speak of finishing it this week.", "Leila Haddad", 30*time.Hour)
	h.Do("anna", out["found"], casefile.RecordFindings{Victim: "v1", Findings: h.Findings(out["found"], tocsin.Met)})
	out["drafted"] = h.Case("Witness in the harbour trial", "icd-191", "The source heard an order to kill the witness Marek Zielinski, given by telephone from prison to a cousin who has a rifle.", "Marek Zielinski", 20*time.Hour)
	h.Do("anna", out["drafted"], casefile.RecordFindings{Victim: "v1", Findings: h.Findings(out["drafted"], tocsin.Doubtful)})
	h.Draft("daniel", out["drafted"])
	out["sent"] = h.Case("Synagogue on the river quay", "icd-191", "A closed group plans to burn the prayer house on the river quay with the people in it, on the night to Saturday.", "Congregation on the river quay", 26*time.Hour)
	h.Do("anna", out["sent"], casefile.RecordFindings{Victim: "v1", Findings: h.Findings(out["sent"], tocsin.Met)})
	w := h.Draft("daniel", out["sent"])
	s, err := h.Engine.Case(out["sent"])
	if err != nil {
		h.T.Fatal(err)
	}
	warning, _ := s.Warning(w)
	h.Do("sofia", out["sent"], casefile.ApproveWarning{Warning: w, Digest: warning.Digest})
	if _, err := h.Engine.Release(h.T.Context(), h.Person("rui"), out["sent"], w, engine.Options{}); err != nil {
		h.T.Fatal(err)
	}
	h.Settle()
	h.Clock.Pass(35 * time.Minute)
	h.Settle()
	out["dispute"] = h.Case("Family at 12 Mill Lane", "uk-threat-to-life", "Neighbours say that the father was told he will be dead by Sunday; nobody knows the family's name. A van without plates waits every evening.", "Family at 12 Mill Lane", 90*time.Hour)
	h.Do("anna", out["dispute"], casefile.RaiseDispute{About: "whether the van is connected", Position: "It has been there since the spring."})
	out["both"] = h.both()
	h.Report("ingrid", "A woman who would not give her name says her brother-in-law has sworn to kill the midwife at the clinic on Harbour Street.", intake.Declared{})
	h.Clock.Pass(18 * time.Minute)
	h.Report("gate", "E-mail to the front desk: we know where the councillor's children go to school.", intake.Declared{Subject: "councillor"})
	h.Clock.Pass(3 * time.Minute)
	return out
}

// both makes a case under two policies, with a tearline and a warning that was
// changed after it had been approved.
func (h *House) both() tocsin.CaseID {
	h.T.Helper()
	id := h.Case("Printer of the opposition paper", "icd-191", "A courier says that the printer Tomas Vega is to be stabbed on his way home on Friday. The men have his photograph and the number of his tram.", "Tomas Vega", 50*time.Hour)
	h.Do("anna", id, casefile.JoinPack{Pack: "uk-threat-to-life", Reason: "He works in Leeds, and the police there must be told."})
	h.Do("anna", id, casefile.RecordFindings{Victim: "v1", Findings: h.Findings(id, tocsin.Met)})
	s, err := h.Engine.Case(id)
	if err != nil {
		h.T.Fatal(err)
	}
	var further []tocsin.Finding
	for _, e := range s.Further[0].Elements[:2] {
		further = append(further, tocsin.Finding{Element: "uk-threat-to-life/" + e, Value: tocsin.Doubtful, Reason: "One source, not tested yet."})
	}
	h.Do("anna", id, casefile.RecordFindings{Victim: "v1", Findings: further})
	h.Do("anna", id, casefile.WriteTearline{Report: s.Reports[0].ID, Words: "A printer of a newspaper may be attacked on his way home on Friday."})
	s, _ = h.Engine.Case(id)
	h.Do("lena", id, casefile.ClearTearline{Report: s.Reports[0].ID, Digest: s.Tearlines[0].Digest})
	w := h.Draft("daniel", id)
	s, _ = h.Engine.Case(id)
	first, _ := s.Warning(w)
	h.Do("sofia", id, casefile.ApproveWarning{Warning: w, Digest: first.Digest})
	text := first.Draft.Texts[0]
	text.Body = strings.Replace(text.Body, "Within the next two days.", "On Friday, after the late shift.", 1)
	if _, err := h.Engine.Draft(h.T.Context(), h.Person("daniel"), id, engine.DraftRequest{Warning: w, Kind: first.Draft.Kind, Victims: first.Draft.Victims,
		Recipients: []tocsin.RecipientID{"town"}, Marking: first.Draft.Marking, ValidFor: "48h", Facts: first.Draft.Facts, Texts: []tocsin.Text{text}}, engine.Options{}); err != nil {
		h.T.Fatal(err)
	}
	return id
}

// Settle does what is due.
func (h *House) Settle() {
	h.T.Helper()
	if err := h.Engine.Settle(h.T.Context()); err != nil {
		h.T.Fatal(err)
	}
}
