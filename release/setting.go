package release

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin"
)

// Does the text fit the case? The right place, the right person, a date inside the
// window, a weekday that belongs to its date, a time that was not moved to another
// zone. Only asked where the guard was told the case.
//
// Limits: a place is known as one by the words before it (in, at, near, ...) and by
// a short list of large cities; a person by a title or a greeting.

const fitWhy = "A warning with a wrong place, day or name sends people into danger, or says what another case knows."

func (e *examiner) fits() {
	if e.p.q.Setting == nil {
		return
	}
	for i, v := range e.vals {
		switch v.kind {
		case aDate:
			e.fitsDate(v)
		case aTime:
			e.fitsTime(v)
		case aWeekday:
			e.fitsDay(v)
			e.fitsWeekday(i)
		}
	}
	e.fitsPlace()
	e.fitsNamedPlace()
	e.fitsEvent()
	e.fitsPerson()
	e.fitsNames()
	e.fitsPeople()
	e.fitsOpening()
	e.fitsSurname()
	e.fitsVictim()
}

// window is the case's window with a day on each side for other time zones, or
// false if the case has none.
func (e *examiner) window() (tocsin.Window, bool) {
	if e.p.q.Setting == nil {
		return tocsin.Window{}, false
	}
	w := e.p.q.Setting.Window
	if v := e.p.q.Draft.Window; w.Latest.IsZero() {
		w = v
	}
	return tocsin.Window{Earliest: w.Earliest.Add(-14 * time.Hour), Latest: w.Latest.Add(14 * time.Hour)}, !w.Latest.IsZero() && !w.Earliest.IsZero()
}

// days are the days that a date may be, in the years around the case.
func (e *examiner) days(v value) []time.Time {
	var out []time.Time
	for _, k := range v.keys {
		years := []int{v.year}
		if v.year == 0 {
			years = []int{e.p.base - 1, e.p.base, e.p.base + 1}
		}
		for _, y := range years {
			if t, err := time.Parse("2006-01-02", fmt.Sprintf("%04d-%s", y, k)); err == nil {
				out = append(out, t)
			}
		}
	}
	return out
}

func (e *examiner) inWindow(v value) bool {
	w, ok := e.window()
	if !ok {
		return false
	}
	for _, t := range e.days(v) {
		if t.Add(24*time.Hour).After(w.Earliest) && t.Before(w.Latest) {
			return true
		}
	}
	return false
}

// inLocalDays reports whether a date is one of the days of the window as the window
// itself counts them, in the time zone in which it was given.
func (e *examiner) inLocalDays(v value) bool {
	w, ok := e.window()
	if !ok {
		return false
	}
	from, to := w.Earliest.Add(14*time.Hour).Format(time.DateOnly), w.Latest.Add(-14*time.Hour).Format(time.DateOnly)
	for _, t := range e.days(v) {
		if day := t.Format(time.DateOnly); day >= from && day <= to {
			return true
		}
	}
	return false
}

// dayInWindow reports whether a weekday falls into the window.
func (e *examiner) dayInWindow(v value) bool {
	w, ok := e.window()
	if !ok || w.Latest.Sub(w.Earliest) > 7*24*time.Hour {
		return ok
	}
	for t := w.Earliest; t.Before(w.Latest.Add(24 * time.Hour)); t = t.Add(24 * time.Hour) {
		if strconv.Itoa(int(t.Weekday())) == v.keys[0] {
			return true
		}
	}
	return false
}

// harmful reports whether the sentence at a byte speaks of the danger.
func (e *examiner) harmful(at int) bool {
	return e.remembered(e.harms, at, func(s sentence) bool {
		for _, t := range e.d.toks[s.first:s.last] {
			if harmWords[plainStem(t.word)] {
				return true
			}
		}
		return false
	})
}

func (e *examiner) fitsDate(v value) {
	w, ok := e.window()
	if ok && e.endsEarly(v, w) {
		e.find(tocsin.GuardAsk, "setting", "setting/end", v.at, v.end, fmt.Sprintf("The danger ends here on a day before the case's window does (%s), and nothing releasable names it.", lastDay(w)), fitWhy, "Check the day against the case's window.")
		return
	}
	if !ok || e.inLocalDays(v) {
		return
	}
	for _, k := range v.keys {
		if e.p.openKeys[aDate+":"+k] {
			return
		}
	}
	if e.inWindow(v) {
		if e.harmful(v.at) && !e.zoneNear(v) && !e.until(v) {
			e.find(tocsin.GuardAsk, "setting", "setting/date", v.at, v.end, "This date is a day beside the case's window, unless another time zone is meant.", fitWhy, "Give the local date of the place.")
		}
		return
	}
	draft, now := e.p.q.Draft.Window, e.p.q.Now
	for _, t := range e.days(v) {
		if near(t, now) || near(t, draft.Earliest) || near(t, draft.Latest) {
			return
		}
	}
	level := tocsin.GuardAsk
	if e.harmful(v.at) || len(e.vals) == 1 {
		level = tocsin.GuardBlock
	}
	e.find(level, "setting", "setting/date", v.at, v.end, fmt.Sprintf("This date lies outside the case's window (%s to %s), and nothing releasable names it.", w.Earliest.Add(14*time.Hour).Format(time.DateOnly), w.Latest.Add(-14*time.Hour).Format(time.DateOnly)), fitWhy, "Correct the date, or the window of the case.")
}

// endsEarly reports whether a date ends a stretch, in a sentence of danger or of two
// dates, before the window w does: whoever believes it comes out of hiding too soon.
func (e *examiner) endsEarly(v value, w tocsin.Window) bool {
	if !e.lasts(v.tok) || !e.inLocalDays(v) || !e.dangerous(v.at) && !e.begun(v) {
		return false
	}
	for _, k := range v.keys {
		if e.p.openKeys[aDate+":"+k] {
			return false
		}
	}
	last := lastDay(w)
	for _, t := range e.days(v) {
		if t.Format(time.DateOnly) == last {
			return false
		}
	}
	return true
}

// lastDay is the last day of a window that was widened by what time zones can make.
func lastDay(w tocsin.Window) string { return w.Latest.Add(-14 * time.Hour).Format(time.DateOnly) }

// begun reports whether another date of the window stands before v in its sentence, so
// that the two say from when to when.
func (e *examiner) begun(v value) bool {
	for _, o := range e.vals {
		if o.kind == aDate && o.tok < v.tok && e.d.toks[o.tok].sent == e.d.toks[v.tok].sent && e.inLocalDays(o) {
			return true
		}
	}
	return false
}

// lasts reports whether the words before token k say that it is the end of something:
// "until the morning of", or "and the morning of" behind a "between".
func (e *examiner) lasts(k int) bool {
	s := e.d.sents[e.d.toks[k].sent]
	from := max(k-5, s.first)
	joined := -1
	for i := from; i < k; i++ {
		switch w := e.d.toks[i].word; {
		case lasting[w]:
			return true
		case extending[w]:
			joined = i
		}
	}
	for i := max(joined-12, s.first); joined >= 0 && i < joined; i++ {
		if beginning[e.d.toks[i].word] {
			return true
		}
	}
	return false
}

var (
	lasting   = folded("until till by through bis jusqu hasta fino até до إلى الى تا حتی حتى hadi har")
	extending = folded("to and und et y e a i та и و")
	beginning = folded("between from zwischen von vom entre del desde du от с від з между между بين من از بین")
)

// zoneNear reports whether a time zone is named within a few words of a date.
func (e *examiner) zoneNear(v value) bool {
	for i := max(0, v.tok-6); i < min(len(e.d.toks), v.tok+10); i++ {
		if _, ok := zones[e.d.toks[i].word]; ok {
			return true
		}
	}
	return false
}

// until reports whether a date is the end of a stretch, which may be the day behind.
func (e *examiner) until(v value) bool {
	return v.tok > 0 && ending[e.d.toks[v.tok-1].word]
}

var ending = set("until till before by bis jusqu hasta до تا حتی kadar")

func near(a, b time.Time) bool { d := a.Sub(b); return d < 36*time.Hour && d > -36*time.Hour }

// fitsWeekday compares a weekday with the date that it stands beside. One that stands
// between two dates ("14 September and Sunday 20 September") is right if it belongs to
// either: which one is meant differs from language to language.
func (e *examiner) fitsWeekday(i int) {
	day := e.vals[i]
	var wrong *value
	for _, j := range []int{i - 1, i + 1} {
		if j < 0 || j >= len(e.vals) || e.vals[j].kind != aDate || !e.sideBySide(day, e.vals[j]) {
			continue
		}
		if e.fallsOn(day.keys[0], e.vals[j]) {
			return
		}
		if wrong == nil || j > i {
			wrong = &e.vals[j]
		}
	}
	if wrong == nil {
		return
	}
	at, end := min(day.at, wrong.at), max(day.end, wrong.end)
	level := tocsin.GuardBlock
	if wrong.year == 0 || e.alternative(day, i) {
		level = tocsin.GuardAsk // the year is a guess, or another date is meant
	}
	e.find(level, "setting", "setting/weekday", at, end, "The weekday does not belong to the date.", "Half of the readers will come on one day and half on the other.", "Look both up and correct the wrong one.")
}

// alternative reports whether another date close behind a weekday, in the same
// sentence, falls on it: "Thursday or Friday, 2 or 3 December".
func (e *examiner) alternative(day value, i int) bool {
	for j := i + 1; j < min(len(e.vals), i+4) && e.d.toks[e.vals[j].tok].sent == e.d.toks[day.tok].sent; j++ {
		if e.vals[j].kind == aDate && e.fallsOn(day.keys[0], e.vals[j]) {
			return true
		}
	}
	return false
}

// sideBySide reports whether a weekday and a date stand together: nothing but a comma
// or an article between them, and behind the date no stretch of weekdays ("3-7 August,
// Monday to Friday").
func (e *examiner) sideBySide(day, date value) bool {
	from, to := min(day.end, date.end), max(day.at, date.at)
	if to-from > 8 || to < from || strings.ContainsAny(e.d.text[from:to], "\n;:.-–—") && day.at > date.at {
		return false
	}
	for k := firstFrom(e.d, from); k < len(e.d.toks) && int(e.d.toks[k].at) < to; k++ {
		if !articles[e.d.toks[k].word] {
			return false
		}
	}
	if e.stretch(day.tok) || e.stretch(day.tok-1) {
		return false
	}
	if day.at > date.at {
		k := day.tok + 1
		return !(k+1 < len(e.d.toks) && spanWords[e.d.toks[k].word] && weekdayWord(e.d.toks[k+1].word))
	}
	k := day.tok - 1
	return !(k > 0 && spanWords[e.d.toks[k].word] && weekdayWord(e.d.toks[k-1].word)) // "Monday to Friday, 12-16 October"
}

// stretch reports whether tokens k and k+1 are weekdays joined by a dash: "Fri–Mon".
func (e *examiner) stretch(k int) bool {
	return k >= 0 && k+1 < len(e.d.toks) && weekdayWord(e.d.toks[k].word) && weekdayWord(e.d.toks[k+1].word) && strings.ContainsAny(e.d.gap(k), "-–—")
}

// articles may stand between a weekday and its date.
var articles = set("the on of le el la den dem der il o gunu")

func weekdayWord(w string) bool { _, ok := weekdays[w]; return ok }

// fallsOn reports whether a date may fall on a weekday.
func (e *examiner) fallsOn(weekday string, date value) bool {
	for _, t := range e.days(date) {
		if date.year == 0 && !(e.inWindow(date) && e.inWindow(value{keys: []string{t.Format("01-02")}, year: t.Year()})) && t.Year() != e.p.base {
			continue
		}
		if strconv.Itoa(int(t.Weekday())) == weekday {
			return true
		}
	}
	return false
}

func (e *examiner) fitsDay(v value) {
	if e.dayInWindow(v) || e.p.openKeys[aWeekday+":"+v.keys[0]] || !e.harmful(v.at) {
		return
	}
	e.find(tocsin.GuardAsk, "setting", "setting/day", v.at, v.end, "This weekday does not lie in the case's window.", fitWhy, "Give the date, and check it against the case.")
}

// fitsTime asks about a time that nothing releasable gives, and refuses one that
// differs from a given one, or from the ends of the window, by a time zone.
func (e *examiner) fitsTime(v value) {
	open := func(m int) bool { return e.p.openKeys[aTime+":"+strconv.Itoa((m%1440+1440)%1440)] }
	s := e.p.q.Setting.Window
	var ends []int
	for _, t := range []time.Time{s.Earliest, s.Latest} {
		if !t.IsZero() {
			ends = append(ends, t.Hour()*60+t.Minute(), t.UTC().Hour()*60+t.UTC().Minute())
		}
	}
	for _, k := range v.keys {
		m, _ := strconv.Atoi(k)
		for _, end := range ends {
			if m == end {
				return
			}
		}
		if open(m) && v.zone == nil {
			return
		}
	}
	for shift := 30; shift <= 14*60; shift += 30 {
		for _, k := range v.keys {
			m, _ := strconv.Atoi(k)
			if open(m+shift) || open(m-shift) {
				if shift%60 == 0 || m%60 != 0 {
					e.find(tocsin.GuardAsk, "setting", "setting/zone", v.at, v.end, "This time differs from one that may be said by what could be a time zone.", fitWhy, "Give the local time of the place, and name the zone.")
					return
				}
			}
		}
	}
	if e.harmful(v.at) {
		e.find(tocsin.GuardAsk, "setting", "setting/time", v.at, v.end, "Nothing that may be said gives this time.", fitWhy, "Check it against the case, or say it more broadly.")
	}
}

// cities are large enough to be named by mistake.
var cities = set(`tehran tabriz isfahan shiraz mashhad ahvaz qom karaj baghdad basra mosul kirkuk erbil damascus aleppo beirut amman cairo alexandria riyadh jeddah mecca medina doha dubai sanaa aden
 kabul herat kandahar kunduz jalalabad islamabad karachi lahore peshawar quetta delhi mumbai dhaka colombo istanbul ankara izmir moscow petersburg kazan grozny kyiv kharkiv odesa lviv minsk warsaw krakow prague budapest
 vienna berlin hamburg munich frankfurt cologne paris lyon marseille nice brussels antwerp amsterdam rotterdam london manchester birmingham liverpool leeds glasgow edinburgh belfast dublin madrid barcelona valencia seville lisbon porto rome milan
 naples turin athens thessaloniki sofia bucharest belgrade zagreb sarajevo stockholm gothenburg malmo oslo copenhagen helsinki geneva zurich nairobi mombasa mogadishu khartoum juba kampala kigali lagos abuja kano accra dakar bamako niamey
 tripoli tunis algiers casablanca johannesburg durban lusaka harare maputo chicago boston houston dallas miami atlanta seattle denver detroit toronto montreal vancouver bogota medellin cali lima quito caracas santiago havana guatemala tijuana juarez monterrey
 jakarta manila bangkok hanoi singapore seoul busan tokyo osaka kyoto beijing shanghai sydney melbourne auckland derry omagh zahedan bam rafsanjan sirjan yazd kermanshah hamadan rasht urmia sanandaj`)

func (e *examiner) fitsPlace() {
	named := false
	places := e.p.places
	if len(places.Scan(e.d.text)) > 0 {
		named = true
	}
	for i := range e.d.toks {
		named = named || e.p.isPlace(e.x.skelA[i])
	}
	for i, t := range e.d.toks {
		if !t.is(capital) || t.is(numeral) || e.p.allowed[t.word] || e.p.allowed[t.stem] || e.p.skeletons[e.x.skelA[i]] && len(e.x.skelA[i]) >= 3 || publicNames[t.word] || weekdayWord(t.word) || months[t.word] != 0 {
			continue
		}
		city := cities[t.word] && !e.spelling(i)
		if !city && (e.noun(t) || !(i > 0 && !t.plain() && !t.is(opens|shouted) && placing[e.d.toks[i-1].word] && e.d.gap(i-1) == " ")) {
			continue
		}
		level := tocsin.GuardAsk
		if (city || !named) && e.harmful(int(t.at)) || city && !named {
			level = tocsin.GuardBlock
		}
		e.find(level, "setting", "setting/place", int(t.at), int(t.end), "This place is not the case's, and nothing releasable names it.", fitWhy, "Check the place against the case.")
	}
}

// alphabet are the words by which letters are spelt over a radio; one of them is a city.
var alphabet = set("alfa alpha bravo charlie delta echo foxtrot golf hotel india juliett juliet kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu")

// spelling reports whether token i is a letter in a row of letters that are spelt.
func (e *examiner) spelling(i int) bool {
	if !alphabet[e.d.toks[i].word] {
		return false
	}
	return i > 0 && alphabet[e.d.toks[i-1].word] || i+1 < len(e.d.toks) && alphabet[e.d.toks[i+1].word]
}

// noun reports whether a word is a common noun of a language that writes them all with
// a capital.
func (e *examiner) noun(t token) bool {
	return e.gloss != nil && e.gloss.lang == "de" && e.gloss.means(t.word) != nil
}

// isPlace reports whether a word sounds like one of the case's places.
func (p *Prepared) isPlace(skeleton string) bool {
	return len(skeleton) >= 3 && p.skeletons[skeleton] && p.places.looseOf().has(tagged(tagSkeleton, hashText(skeleton)))
}

var placing = set("in at near outside inside from to into around towards through of")

// fitsPerson looks for people addressed or titled who are not of the case.
func (e *examiner) fitsPerson() {
	for i := 0; i+1 < len(e.d.toks); i++ {
		switch e.d.toks[i].word {
		case "mr", "mrs", "ms", "miss", "dear", "dr", "herr", "frau", "madame", "monsieur", "senor", "senora", "sheikh", "judge":
		default:
			continue
		}
		t := e.d.toks[i+1]
		if !t.is(capital) || t.is(opens) || utf8.RuneCountInString(t.word) < 2 || t.plain() && e.d.toks[i].word == "dear" || stopWords[t.word] || titles[t.word] || e.p.allowed[t.word] || e.p.skeletons[e.x.skelA[i+1]] && len(e.x.skelA[i+1]) >= 3 && e.p.looksAllowed(t.word) {
			continue
		}
		e.find(tocsin.GuardAsk, "setting", "setting/person", int(t.at), int(t.end), "Somebody is named here who is not among the people of the case.", fitWhy, "Check the name against the victims of the case.")
	}
}

var titles = set(`mr mrs ms miss dr sir madam minister colleague colleagues all director governor warden commander friends ambassador general chief president prime sheriff sergeant inspector professor team
 commissioner superintendent captain colonel major lieutenant constable detective officer judge doctor nurse sister father mother mama mum reverend pastor imam rabbi bishop headteacher principal manager mayor councillor secretary
 consul attache coach head deputy assistant chairman chair marshal admiral skipper foreman monsieur madame messieurs mesdames senor senora signor signora herr frau familie family parents residents neighbours guests staff members everyone everybody friend both`)

// looksAllowed reports whether a word is within one letter of one that may be said.
func (p *Prepared) looksAllowed(w string) bool {
	for a := range p.allowed {
		if distance(a, w, 1) <= 1 {
			return true
		}
	}
	return false
}

// placeTypes are the kinds of place that bear names.
var placeTypes = set("hotel school hospital station hall arena church mosque synagogue temple airport mall market stadium theatre theater college university clinic prison camp park museum club centre center tower bridge plaza resort inn lodge embassy consulate court")

// fitsNamedPlace compares the name of a place with the case's place of the same kind:
// where "Hotel Alpha" is threatened, "Hotel Alma Beach" is a mistake.
func (e *examiner) fitsNamedPlace() {
	for i, t := range e.d.toks {
		if !placeTypes[t.word] || !t.is(capital) || !e.p.placeKinds[t.word] {
			continue
		}
		lo, hi := e.capitals(i)
		for k := lo; k <= hi; k++ {
			u := e.d.toks[k]
			if k == i || u.plain() || u.is(numeral) || e.p.allowed[u.word] || e.p.allowed[u.stem] || publicNames[u.word] || !e.harmful(int(u.at)) {
				continue
			}
			e.find(tocsin.GuardBlock, "setting", "setting/place", int(e.d.toks[lo].at), int(e.d.toks[hi].end), "This place is of the kind of the case's place, and bears another name.", fitWhy, "Check the name against the case.")
			break
		}
	}
}

const longestName = 8 // words on either side: a name has an end

// capitals is the row of capitalised words of one sentence around token i.
func (e *examiner) capitals(i int) (lo, hi int) {
	lo, hi = i, i
	joins := func(k int) bool { return k >= 0 && k+1 < len(e.d.toks) && e.d.gap(k) == " " }
	for i-lo < longestName && joins(lo-1) && e.d.toks[lo-1].is(capital) && !stopWords[e.d.toks[lo-1].word] {
		lo--
	}
	for hi-i < longestName && joins(hi) && e.d.toks[hi+1].is(capital) && !stopWords[e.d.toks[hi+1].word] {
		hi++
	}
	return lo, hi
}

// events are occasions at which people come together.
var events = stems("concert game match festival parade rally wedding funeral mass sermon conference reading lecture exhibition race marathon graduation party picnic show play film tournament championship carnival procession vigil banquet reception")

// fitsEvent asks about an occasion that is not the case's: another one of the same
// place on the same day.
func (e *examiner) fitsEvent() {
	if len(e.p.occasions) == 0 {
		return
	}
	for _, s := range e.d.sents {
		other, own := -1, false
		for i := s.first; i < s.last; i++ {
			stem := plainStem(e.d.toks[i].word)
			if events[stem] && !e.p.allowed[stem] {
				other = i
			}
			own = own || e.p.occasions[stem]
		}
		if other < 0 || own || !e.harmful(s.at) {
			continue
		}
		first := other
		if first > s.first && !stopWords[e.d.toks[first-1].word] {
			first--
		}
		e.find(tocsin.GuardAsk, "setting", "setting/event", int(e.d.toks[first].at), int(e.d.toks[other].end), "This occasion is not the case's.", fitWhy, "Check the occasion against the case.")
	}
}

// fitsOpening looks at a name that a paragraph begins with and that is addressed:
// "Anna Berg, members of ...". It must be one of the case's.
func (e *examiner) fitsOpening() {
	if e.p.q.Draft.Kind != tocsin.VictimWarning {
		return
	}
	for i, t := range e.d.toks {
		if !t.is(opens) || i > 0 && !strings.Contains(e.d.gap(i-1), "\n") {
			continue
		}
		lo, hi := e.capitals(i)
		if lo != i || hi == i || hi-i > 2 || hi+1 >= len(e.d.toks) || !strings.HasPrefix(e.d.gap(hi), ",") {
			continue
		}
		strange := 0
		for k := lo; k <= hi; k++ {
			u := e.d.toks[k]
			if u.plain() || u.is(shouted) || titles[u.word] || e.p.allowed[u.word] || publicNames[u.word] || e.p.looksAllowed(u.word) || u.is(foreign) && e.p.skeletons[e.x.skelA[k]] {
				continue
			}
			strange++
		}
		if strange >= 2 {
			e.find(tocsin.GuardAsk, "setting", "setting/person", int(t.at), int(e.d.toks[hi].end), "Somebody is addressed here who is not among the people of the case.", fitWhy, "Check the name against the victims of the case.")
		}
	}
}

// fitsSurname asks about a victim's name with another behind it that the case does not
// know: "Anna Berger" where Anna Berg is in danger. Only where the case gives the name
// in the same script, because inflections look like other names.
func (e *examiner) fitsSurname() {
	for i := 0; i+1 < len(e.d.toks); i++ {
		t, u := e.d.toks[i], e.d.toks[i+1]
		if !e.p.victims[t.word] || !t.is(capital) || t.is(foreign) || t.plain() || !u.is(capital) || u.is(foreign|shouted|numeral) || e.d.gap(i) != " " || u.sent != t.sent {
			continue
		}
		if u.plain() || len(u.word) < 4 || e.p.allowed[u.word] || e.p.allowed[u.stem] || publicNames[u.word] || titles[u.word] || e.p.looksAllowed(u.word) || weekdayWord(u.word) || months[u.word] != 0 || i > 0 && e.p.victims[e.d.toks[i-1].word] {
			continue
		}
		e.find(tocsin.GuardAsk, "setting", "setting/person", int(t.at), int(u.end), "A name of the case's people stands here with another that is not theirs.", fitWhy, "Check the name against the victims of the case.")
	}
}

// fitsVictim asks about a text that names no victim of the case, where they have names
// and the reader is not the victim: perhaps another is meant.
func (e *examiner) fitsVictim() {
	k := e.p.q.Draft.Kind
	if k == tocsin.PublicWarning || e.p.victims == nil || len(e.x.content) < 12 {
		return
	}
	addressed := k == tocsin.VictimWarning && englishText(e.d)
	for i, t := range e.d.toks {
		if addressed && (t.word == "you" || t.word == "your") || e.p.victims[t.word] || len(e.x.skelA[i]) >= 3 && (e.p.victims[e.x.skelA[i]] || e.p.victims[e.x.skelB[i]] || e.p.victims[e.x.skelS[i]]) {
			return
		}
	}
	e.find(tocsin.GuardAsk, "setting", "setting/victim", 0, 0, "The text names none of the people of the case.", fitWhy, "Name who is in danger, as the case names them.")
}

// fitsNames asks about a name in a sentence of danger that neither the case nor
// anything releasable has: another place or another victim, in any language.
func (e *examiner) fitsNames() {
	if e.d.capital*3 > len(e.d.toks) || e.gloss != nil && e.gloss.lang == "de" {
		return // a text in capitals, or in a language that gives them to all its nouns
	}
	for i := 0; i < len(e.d.toks); i++ {
		if !e.strangeName(i) || !e.dangerous(int(e.d.toks[i].at)) {
			continue
		}
		first := i
		for i+1 < len(e.d.toks) && e.d.gap(i) == " " && e.strangeName(i+1) {
			i++
		}
		e.find(tocsin.GuardAsk, "setting", "setting/name", int(e.d.toks[first].at), int(e.d.toks[i].end), "This name stands in a sentence of danger, and neither the case nor anything that may be said has it.", fitWhy, "Check the name against the case.")
	}
}

// strangeName reports whether token i is written as a name and may not be said.
func (e *examiner) strangeName(i int) bool {
	t := e.d.toks[i]
	if !t.is(capital) || t.is(opens|shouted|numeral|mixed) || len(t.word) < 4 || i == 0 || strings.ContainsAny(e.d.gap(i-1), ":.\n\"“«(") {
		return false
	}
	if t.plain() || publicNames[t.word] || titles[t.word] || weekdayWord(t.word) || months[t.word] != 0 || plainThings[plainStem(t.word)] || e.p.allowed[t.word] || e.p.allowed[t.stem] {
		return false
	}
	return !(len(e.x.skelA[i]) >= 3 && (e.p.skeletons[e.x.skelA[i]] || e.p.skeletons[e.x.skelB[i]] || e.p.skeletons[e.x.skelS[i]])) && !e.p.looksAllowed(t.word)
}

// dangerous is harmful in all languages of which the guard knows the words for harm.
func (e *examiner) dangerous(at int) bool {
	if e.harmful(at) {
		return true
	}
	s := e.sentenceAt(at)
	for _, t := range e.d.toks[s.first:min(s.last, s.first+longSentence)] {
		for _, b := range foreignNeeds["what"] {
			if len(b) > 3 && strings.HasPrefix(t.word, b) || t.word == b {
				return true
			}
		}
	}
	return false
}

const longSentence = 80 // words in which harm is looked for: a text may have no full stop

// bodies are words for the people of a place or an organisation, by stem.
var bodies = stems("member student pupil staff worker resident guest family employee passenger worshipper visitor patient parishioner teacher officer player fan customer tenant villager delegate participant crew congregation")

// fitsPeople asks about the people of a body that is none of the case's, in a sentence
// of danger: "members of the planning board", where a school is threatened.
func (e *examiner) fitsPeople() {
	for i := 0; i+2 < len(e.d.toks); i++ {
		t, u := e.d.toks[i], e.d.toks[i+1]
		if !bodies[plainStem(t.word)] || u.word != "of" && u.word != "at" && u.word != "from" || u.sent != t.sent || !e.harmful(int(t.at)) {
			continue
		}
		last, strange := i+1, 0
		for k := i + 2; k < min(i+8, len(e.d.toks)) && e.d.toks[k].sent == t.sent && e.d.gap(k-1) == " "; k++ {
			w := e.d.toks[k]
			if stopWords[w.word] && !articles[w.word] {
				break
			}
			last = k
			strange += b2i(!stopWords[w.word] && !e.p.allowed[w.stem] && !e.p.allowed[w.word] && !w.is(numeral))
		}
		if strange > 0 {
			e.find(tocsin.GuardAsk, "setting", "setting/people", int(t.at), int(e.d.toks[last].end), "These people are not those whom the case protects.", fitWhy, "Check against the case who is in danger.")
		}
	}
}
