package policy

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"time"

	"tocsin"
	"tocsin/packs/packfile"
)

// form is pack.yaml as written.
type form struct {
	Name     string           `yaml:"name"`
	Version  string           `yaml:"version"`
	Title    string           `yaml:"title"`
	Home     string           `yaml:"home"`
	InForce  InForce          `yaml:"in_force"`
	Texts    packfile.Sources `yaml:"texts,omitempty"`
	Elements []Element        `yaml:"elements"`
	Harms    struct {
		Element string        `yaml:"element"`
		Listed  []tocsin.Harm `yaml:"listed"`
	} `yaml:"harms"`
	Doubt           Doubt                                 `yaml:"doubt"`
	Rules           []Rule                                `yaml:"rules"`
	Grounds         []tocsin.Ground                       `yaml:"grounds,omitempty"`
	NoGrounds       NoGrounds                             `yaml:"no_grounds,omitempty"`
	MustTell        []Tell                                `yaml:"must_tell"`
	Channels        []ChannelRule                         `yaml:"channels,omitempty"`
	Grades          Grades                                `yaml:"grades,omitempty"`
	Powers          map[tocsin.Power][]tocsin.Role        `yaml:"powers"`
	Clocks          map[tocsin.ClockName]tocsin.ClockRule `yaml:"clocks"`
	Imminent        tocsin.Duration                       `yaml:"imminent"`
	Exigent         tocsin.Duration                       `yaml:"exigent"`
	Duties          []tocsin.AfterDuty                    `yaml:"duties"`
	Coordination    []tocsin.Coordination                 `yaml:"coordination"`
	Content         []tocsin.ContentItem                  `yaml:"content"`
	Records         []RecordItem                          `yaml:"records"`
	ReviewPlan      ReviewPlan                            `yaml:"review_plan"`
	MaxAttempts     int                                   `yaml:"max_attempts"`
	Backoff         tocsin.Duration                       `yaml:"backoff"`
	Extension       tocsin.Duration                       `yaml:"extension"`
	CollectionWords map[string][]string                   `yaml:"collection_words,omitempty"`
}

// closed are the closed lists of words that a pack is written in.
func closed() []packfile.Enum {
	return []packfile.Enum{
		packfile.Words(tocsin.Harms()),
		packfile.Words(tocsin.FindingValues()),
		packfile.Words(tocsin.Powers()),
		packfile.Words(tocsin.Roles()),
		packfile.Words(tocsin.ClockNames()),
		packfile.Words(Parties()),
		packfile.Words(Channels()),
		packfile.Words(tocsin.WarningKinds()),
		packfile.Words([]tocsin.DeterminationResult{tocsin.ResultOwed, tocsin.ResultDoubtful, tocsin.ResultNotOwed}),
	}
}

// Load reads the pack in the folder name of fsys: pack.yaml, tests/*.yaml, and
// of texts/, its own or those of the sets that it names, the languages and their
// collection words. It reads strictly: its error is Invalid
// and tells every mistake with file, line and what to write, or NotFound if
// there is no such folder. A pack without tests does not load. Load does not
// run them; see RunTests.
func Load(fsys fs.FS, name string) (*Pack, error) {
	files, err := packfile.Read(fsys, name)
	if err != nil {
		return nil, err
	}
	var problems packfile.Problems
	files.OnlyYAML(&problems, []string{"pack.yaml"}, []string{"texts/", "tests/"})
	var f form
	doc := files.Decode("pack.yaml", &f, &problems, closed()...)
	tests := readTests(files, &problems)
	words := readCollectionWords(files, &problems)
	if !problems.None() {
		// What follows checks how the parts fit together, which has no
		// meaning while a part is missing.
		return nil, problems.Err(name)
	}
	for language, own := range f.CollectionWords {
		words[language] = append(words[language], own...)
	}
	c := check{form: f, doc: doc, problems: &problems, collection: words}
	c.all(files)
	if !problems.None() {
		return nil, problems.Err(name)
	}
	p := assemble(f, words, files)
	p.compile(doc, &problems)
	p.adopt(tests, &problems)
	if err := problems.Err(name); err != nil {
		return nil, err
	}
	return p, nil
}

// readCollectionWords reads texts/<language>/collection_words.yaml of the pack and
// of each of its sets: a word that one of them stops is stopped.
func readCollectionWords(files *packfile.Files, problems *packfile.Problems) map[string][]string {
	words := map[string][]string{}
	for _, language := range files.Languages() {
		path := "texts/" + language + "/collection_words.yaml"
		for _, layer := range files.Layers(path) {
			var f struct {
				Words []string `yaml:"words"`
			}
			layer.Decode(path, &f, problems)
			words[language] = append(words[language], f.Words...)
		}
	}
	return words
}

func assemble(f form, words map[string][]string, files *packfile.Files) *Pack {
	if f.Grounds == nil {
		f.Grounds = []tocsin.Ground{} // none is an answer, and is written as an empty list
	}
	p := &Pack{
		form: f, elements: f.Elements, rules: f.Rules, doubt: f.Doubt,
		collection: words, languages: files.Languages(),
		position: map[string]int{},
		terms: tocsin.Terms{
			Pack:  tocsin.PackRef{Name: f.Name, Version: f.Version, Digest: files.Digest()},
			Title: f.Title, Home: f.Home, Harms: f.Harms.Listed, Grounds: f.Grounds, Powers: f.Powers, Clocks: f.Clocks,
			Imminent: f.Imminent, Exigent: f.Exigent, Duties: f.Duties, Coordination: f.Coordination, Content: f.Content,
			MustTell: mustTell(f.MustTell), Channels: f.Channels,
			Records: idsOf(f.Records, func(r RecordItem) string { return r.ID }), MaxAttempts: f.MaxAttempts, Backoff: f.Backoff, Extension: f.Extension,
		},
	}
	for i, e := range f.Elements {
		p.position[e.ID] = i
		p.terms.Elements = append(p.terms.Elements, e.ID)
	}
	p.harmAt = p.position[f.Harms.Element]
	return p
}

// check looks at how the parts of a well-formed pack.yaml fit together.
type check struct {
	form
	doc        packfile.Doc
	problems   *packfile.Problems
	collection map[string][]string // of the pack and its sets, by language
}

func (c *check) fault(part, write, what string, args ...any) {
	c.problems.Add(c.doc.File, c.doc.Line(part), fmt.Sprintf(what, args...), write)
}

var (
	countryCode  = regexp.MustCompile(`^[A-Z]{2}$`)
	languageCode = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

func (c *check) all(files *packfile.Files) {
	if c.Name != files.Name() {
		c.fault("name", "write the folder's name", "the pack calls itself %q, and its folder is %q", c.Name, files.Name())
	}
	if !countryCode.MatchString(c.Home) {
		c.fault("home", "write two capital letters, such as US", "%q is not a country code", c.Home)
	}
	c.law()
	c.elements()
	c.rules()
	c.grounds()
	c.tell()
	c.channels()
	c.grades()
	c.powers()
	c.clocks()
	c.limits()
	c.duties()
	c.lists()
	c.words(files.Languages())
}

// ids checks that ids can be used and none stands twice.
func (c *check) ids(list string, ids []string) {
	seen := map[string]bool{}
	for i, id := range ids {
		part := fmt.Sprintf("%s[%d]", list, i)
		switch {
		case !tocsin.ValidID(id):
			c.fault(part, "use up to 64 of a-z, 0-9, dot, dash, underscore", "%q cannot be an id", id)
		case seen[id]:
			c.fault(part, "give each its own id", "the id %q stands twice", id)
		}
		seen[id] = true
	}
}

func (c *check) basis(part, basis string) {
	if basis != Sourced && basis != ToBeConfirmed {
		c.fault(part+".basis", fmt.Sprintf("write %q if a text was seen that says so, otherwise %q", Sourced, ToBeConfirmed), "%q is not a basis", basis)
	}
}

func (c *check) oneOf(part, word string, words ...string) {
	if !slices.Contains(words, word) {
		c.fault(part, fmt.Sprintf("write one of %q", words), "%q cannot stand here", word)
	}
}

func idsOf[T any](list []T, id func(T) string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = id(x)
	}
	return out
}

func (c *check) elements() {
	ids := idsOf(c.Elements, func(e Element) string { return e.ID })
	c.ids("elements", ids)
	if len(ids) > MaxElements {
		c.fault("elements", "put some together", "there are %d elements; a pack may have %d, so that all combinations can be explored", len(ids), MaxElements)
	}
	for i, e := range c.Elements {
		c.basis(fmt.Sprintf("elements[%d]", i), e.Basis)
	}
	if !slices.Contains(ids, c.Harms.Element) {
		c.fault("harms.element", "name the element that asks for the harm", "%q is not an element", c.Harms.Element)
	}
	c.ids("harms.listed", idsOf(c.Harms.Listed, func(h tocsin.Harm) string { return string(h) }))
}

func (c *check) rules() {
	c.ids("rules", idsOf(c.Rules, func(r Rule) string { return r.ID }))
	c.basis("doubt", c.Doubt.Basis)
	for i, r := range c.Rules {
		part := fmt.Sprintf("rules[%d]", i)
		c.basis(part, r.Basis)
		c.oneOf(part+".route", r.Route, RouteVictim, RouteAdvisory, RouteGeneral, RouteOtherPack, RouteNone)
		if r.Route == RouteNone && r.Result != tocsin.ResultNotOwed {
			c.fault(part+".route", "name a form of warning", "rule %s is %s and leads to no warning; that would be silence", r.ID, r.Result)
		}
		if r.ID == failedRule {
			c.fault(part+".id", "use another id", "the id %q is kept for rules that could not be evaluated", failedRule)
		}
		c.before(i)
		for id := range r.When.Elements {
			if !slices.ContainsFunc(c.Elements, func(e Element) bool { return e.ID == id }) {
				c.fault(part+".when.elements."+id, "name an element of this pack", "%q is not an element", id)
			}
		}
	}
}

// before checks that a rule goes before rules that stand further down. That both
// fit some answers is checked when all answers are gone through.
func (c *check) before(at int) {
	r := c.Rules[at]
	c.once(fmt.Sprintf("rules[%d].before", at), r.Before)
	for j, id := range r.Before {
		part := fmt.Sprintf("rules[%d].before[%d]", at, j)
		switch later := slices.IndexFunc(c.Rules, func(o Rule) bool { return o.ID == id }); {
		case later < 0:
			c.fault(part, "name a rule of this pack", "%q is not a rule", id)
		case later <= at:
			c.fault(part, "name rules that stand further down, or move this one up", "rule %s is to go before %s, which stands before it", r.ID, id)
		}
	}
}

func (c *check) grounds() {
	switch none := c.NoGrounds != (NoGrounds{}); {
	case none && len(c.Grounds) > 0:
		c.fault("no_grounds", "take out one of the two", "the pack has grounds and says that there are none")
	case none:
		c.basis("no_grounds", c.NoGrounds.Basis)
	case len(c.Grounds) == 0:
		c.fault("grounds", "write the grounds, or no_grounds with because, clause and basis if the law knows none", "the pack has no grounds and does not say why")
	}
	c.ids("grounds", idsOf(c.Grounds, func(g tocsin.Ground) string { return g.ID }))
	for i, g := range c.Grounds {
		part := fmt.Sprintf("grounds[%d]", i)
		c.basis(part, g.Basis)
		c.positive(part+".validity", g.Validity)
		items := idsOf(g.Evidence, func(e tocsin.EvidenceItem) string { return e.ID })
		c.ids(part+".evidence", items)
		for j, when := range g.Retest {
			c.oneOf(fmt.Sprintf("%s.retest[%d]", part, j), when, "new_report", "new_locator", "new_finding")
		}
		for item := range g.Excludes {
			if !slices.Contains(items, item) {
				c.fault(part+".excludes."+item, "name an evidence item of this ground", "%q is not an evidence item of ground %s", item, g.ID)
			}
		}
	}
}

// law checks the days between which the law is in force. Not to know either of
// them is an answer, but no sourced one.
func (c *check) law() {
	in := c.InForce
	c.basis("in_force", in.Basis)
	switch {
	case in.From.IsZero() && in.Until.IsZero() && in.Basis == Sourced:
		c.fault("in_force.basis", fmt.Sprintf("write the day, or %q", ToBeConfirmed), "no day is given, and yet the basis is %q", Sourced)
	case !in.From.IsZero() && !in.Until.IsZero() && in.Until.day.Before(in.From.day):
		c.fault("in_force.until", "write a day on or after "+in.From.String(), "the law ends on %s, before it begins on %s", in.Until, in.From)
	}
}

func (c *check) tell() {
	c.ids("must_tell", idsOf(c.MustTell, func(t Tell) string { return t.ID }))
	for i, t := range c.MustTell {
		part := fmt.Sprintf("must_tell[%d]", i)
		c.basis(part, t.Basis)
		c.once(part+".any_of", idsOf(t.AnyOf, func(p Party) string { return string(p) }))
		c.once(part+".routes", t.Routes)
		if len(t.AnyOf) > 1 && slices.Contains(t.AnyOf, PartyOriginator) {
			c.fault(part+".any_of", "give the originator an entry of its own", "telling the originator is no warning, and cannot stand in place of one")
		}
		for j, r := range t.Routes {
			at := fmt.Sprintf("%s.routes[%d]", part, j)
			c.oneOf(at, r, RouteVictim, RouteAdvisory, RouteGeneral)
			if !slices.ContainsFunc(c.Rules, func(rule Rule) bool { return rule.Route == r }) {
				c.fault(at, "name a route that a rule leads to", "no rule leads to the route %q", r)
			}
		}
	}
}

// once checks that nothing stands twice in a list.
func (c *check) once(list string, words []string) {
	for i, w := range words {
		if slices.Contains(words[:i], w) {
			c.fault(fmt.Sprintf("%s[%d]", list, i), "keep one", "%q stands twice", w)
		}
	}
}

// channels checks that each rule can be kept: what one rule requires of a kind,
// no rule may forbid or leave out for it.
func (c *check) channels() {
	c.ids("channels", idsOf(c.Channels, func(r ChannelRule) string { return r.ID }))
	for i, r := range c.Channels {
		part := fmt.Sprintf("channels[%d]", i)
		c.basis(part, r.Basis)
		if len(r.Require)+len(r.Allow)+len(r.Forbid) == 0 {
			c.fault(part, "write require, allow or forbid", "the rule %s says nothing on any channel", r.ID)
		}
		for _, k := range r.Kinds {
			if usable := c.usable(k); len(r.Require) > 0 && !slices.ContainsFunc(r.Require, func(ch Channel) bool { return slices.Contains(usable, ch) }) {
				c.fault(part+".require", "let one of them be used", "a %s warning must go by one of %q, and all of them are forbidden or not allowed", k, r.Require)
			} else if len(usable) == 0 {
				c.fault(part, "leave at least one channel", "no channel is left for a %s warning; that would be silence", k)
			}
		}
	}
}

// usable lists the channels that all rules leave for a kind of warning.
func (c *check) usable(k tocsin.WarningKind) []Channel {
	return slices.DeleteFunc(Channels(), func(ch Channel) bool {
		return slices.ContainsFunc(c.Channels, func(r ChannelRule) bool {
			return slices.Contains(r.Kinds, k) && (slices.Contains(r.Forbid, ch) || len(r.Allow) > 0 && !slices.Contains(r.Allow, ch))
		})
	})
}

func (c *check) grades() {
	if c.Grades.Title == "" {
		return // optional, and decoding has told what a scale lacks
	}
	c.basis("grades", c.Grades.Basis)
	c.ids("grades.scale", idsOf(c.Grades.Scale, func(g Grade) string { return g.ID }))
	if len(c.Grades.Scale) < 2 {
		c.fault("grades.scale", "write at least two, highest first", "a scale with one grade tells nothing apart")
	}
}

func (c *check) powers() {
	for _, power := range tocsin.Powers() {
		if _, ok := c.Powers[power]; !ok {
			c.fault("powers", "add it with the roles that hold it", "nobody holds the power %q", power)
		}
		for i, role := range c.Powers[power] {
			if slices.Contains([]tocsin.Role{tocsin.Inspector, tocsin.Administrator, tocsin.RecipientRole}, role) {
				c.fault(fmt.Sprintf("powers.%s[%d]", power, i), "give it to a role that works on cases",
					"the role %s must not hold the power %q: inspectors change nothing, administrators see no cases, recipients are not staff", role, power)
			}
		}
	}
}

func (c *check) positive(part string, d tocsin.Duration) {
	if d <= 0 {
		c.fault(part, "write a time such as 30m, 4h or 28d", "a time of nothing")
	}
}

func (c *check) clocks() {
	for _, name := range tocsin.ClockNames() {
		part := "clocks." + string(name)
		r, ok := c.Clocks[name]
		if !ok {
			c.fault("clocks", "add it with after, clause and basis", "the clock %q is not set", name)
			continue
		}
		c.basis(part, r.Basis)
		c.positive(part+".after", r.After)
		for i, d := range r.Then {
			c.positive(fmt.Sprintf("%s.then[%d]", part, i), d)
		}
		c.readsOnlyAfter(name, r)
		switch {
		case r.Percent == 0 && r.Floor > 0:
			c.fault(part+".floor", "write percent too, or take the floor out", "the floor %s bounds a share of the time left, and no share is given", r.Floor)
		case r.Percent > 100:
			c.fault(part+".percent", "write 1 to 100", "%d percent of the time left is after the attack", r.Percent)
		case r.Floor > r.After:
			c.fault(part+".floor", "make it at most "+r.After.String(), "the floor %s is longer than the time allowed, %s", r.Floor, r.After)
		case r.Serious != 0 && r.Serious < r.After:
			c.fault(part+".serious", "make it at least "+r.After.String(), "more time would be allowed for an imminent attack (%s) than for a distant one (%s)", r.After, r.Serious)
		}
	}
}

// readsOnlyAfter refuses what nothing would ever read, because its author believes
// that it does something.
func (c *check) readsOnlyAfter(name tocsin.ClockName, r tocsin.ClockRule) {
	part := "clocks." + string(name)
	if len(r.Then) > 0 && name != tocsin.ClockReview {
		c.fault(part+".then", "take it out", "only reviews have following intervals; the clock %q runs out once and is then raised again by the clock \"repeat\"", name)
	}
	fixed := []tocsin.ClockName{tocsin.ClockReview, tocsin.ClockWindow, tocsin.ClockRepeat, tocsin.ClockClearanceValid}
	if slices.Contains(fixed, name) && (r.Percent > 0 || r.Floor > 0 || r.Serious > 0) {
		c.fault(part, "write after alone", "the clock %q does not depend on the time of the attack, so percent, floor and serious would do nothing", name)
	}
	if name == tocsin.ClockRepeat && r.After > 0 && r.After.D() < time.Minute {
		c.fault(part+".after", "make it at least 1m", "a missed clock cannot be raised again every %s", r.After)
	}
}

func (c *check) limits() {
	c.positive("imminent", c.Imminent)
	c.positive("exigent", c.Exigent)
	c.positive("backoff", c.Backoff)
	c.positive("extension", c.Extension)
	if c.Exigent > c.Imminent {
		c.fault("exigent", "make it at most "+c.Imminent.String(), "the exigent limit %s is longer than what counts as imminent, %s", c.Exigent, c.Imminent)
	}
	if lead := c.Clocks[tocsin.ClockWindow].After; c.Extension > 0 && lead >= c.Extension {
		c.fault("extension", "make it longer than "+lead.String(), "a warning is extended by %s, and the end of its window is raised %s before: it would be raised again at once, for ever", c.Extension, lead)
	}
	if c.MaxAttempts < 1 || c.MaxAttempts > 100 {
		c.fault("max_attempts", "write 1 to 100", "%d attempts", c.MaxAttempts)
	}
}

func (c *check) duties() {
	c.ids("duties", idsOf(c.Duties, func(d tocsin.AfterDuty) string { return d.ID }))
	for i, d := range c.Duties {
		part := fmt.Sprintf("duties[%d]", i)
		c.basis(part, d.Basis)
		c.positive(part+".soft", d.Soft)
		if d.Hard != 0 && d.Hard < d.Soft {
			c.fault(part+".hard", "make it at least "+d.Soft.String(), "the latest time %s comes before the due time %s", d.Hard, d.Soft)
		}
		if d.When != "" {
			c.oneOf(part+".when", d.When, "controlled")
		}
	}
	c.ids("coordination", idsOf(c.Coordination, func(d tocsin.Coordination) string { return d.ID }))
	for i, d := range c.Coordination {
		part := fmt.Sprintf("coordination[%d]", i)
		c.basis(part, d.Basis)
		c.oneOf(part+".when", d.When, "home", "abroad", "foreign_government", "controlled")
	}
}

func (c *check) lists() {
	c.ids("content", idsOf(c.Content, func(i tocsin.ContentItem) string { return i.ID }))
	c.ids("records", idsOf(c.Records, func(r RecordItem) string { return r.ID }))
	for i, r := range c.Records {
		c.basis(fmt.Sprintf("records[%d]", i), r.Basis)
	}
	c.basis("review_plan", c.ReviewPlan.Basis)
	if !slices.ContainsFunc(c.Content, func(i tocsin.ContentItem) bool { return i.Required }) {
		c.fault("content", "mark what a warning cannot do without", "no content item is required")
	}
}

func (c *check) words(languages []string) {
	if len(languages) == 0 {
		c.fault("", "write texts/<language>/ for at least one language", "the pack has no texts")
	}
	for _, l := range languages {
		if !languageCode.MatchString(l) {
			c.fault("", "name the folder like en or fa", "the folder texts/%s is not named after a language", l)
		}
		if len(c.collection[l]) == 0 {
			c.fault("collection_words", "add the words of that language that betray sources or methods, here or in texts/"+l+"/collection_words.yaml", "there are texts in %q and no collection words", l)
		}
	}
	for l := range c.CollectionWords {
		if !slices.Contains(languages, l) {
			c.fault("collection_words."+l, "write texts/"+l+"/ or take them out", "there are collection words in %q and no texts", l)
		}
	}
}
