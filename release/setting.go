package release

import (
	"fmt"
	"strconv"
	"strings"
	"time"

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
	e.fitsPerson()
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
	s := e.sentenceAt(at)
	for _, t := range e.d.toks[s.first:s.last] {
		if harmWords[plainStem(t.word)] {
			return true
		}
	}
	return false
}

func (e *examiner) fitsDate(v value) {
	w, ok := e.window()
	if !ok || e.inWindow(v) {
		return
	}
	for _, k := range v.keys {
		if e.p.openKeys[aDate+":"+k] {
			return
		}
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
	e.find(tocsin.GuardBlock, "setting", "setting/weekday", at, end, "The weekday does not belong to the date.", "Half of the readers will come on one day and half on the other.", "Look both up and correct the wrong one.")
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
	if day.at > date.at {
		k := day.tok + 1
		return !(k+1 < len(e.d.toks) && spanWords[e.d.toks[k].word] && weekdayWord(e.d.toks[k+1].word))
	}
	return true
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
		city := cities[t.word]
		if !city && !(i > 0 && !t.plain() && !t.is(opens|shouted) && placing[e.d.toks[i-1].word] && e.d.gap(i-1) == " ") {
			continue
		}
		level := tocsin.GuardAsk
		if (city || !named) && e.harmful(int(t.at)) || city && !named {
			level = tocsin.GuardBlock
		}
		e.find(level, "setting", "setting/place", int(t.at), int(t.end), "This place is not the case's, and nothing releasable names it.", fitWhy, "Check the place against the case.")
	}
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
		if !t.is(capital) || t.plain() && e.d.toks[i].word == "dear" || stopWords[t.word] || titles[t.word] || e.p.allowed[t.word] || e.p.skeletons[e.x.skelA[i+1]] && len(e.x.skelA[i+1]) >= 3 && e.p.looksAllowed(t.word) {
			continue
		}
		level := tocsin.GuardAsk
		if e.d.toks[i].word == "dear" || strings.Contains("mr mrs ms miss", e.d.toks[i].word) && e.p.q.Draft.Kind == tocsin.VictimWarning {
			level = tocsin.GuardBlock
		}
		e.find(level, "setting", "setting/person", int(t.at), int(t.end), "Somebody is named here who is not among the people of the case.", fitWhy, "Check the name against the victims of the case.")
	}
}

var titles = set("mr mrs ms miss dr sir madam minister colleague colleagues all director governor warden commander friends ambassador general chief president prime sheriff sergeant inspector professor team")

// looksAllowed reports whether a word is within one letter of one that may be said.
func (p *Prepared) looksAllowed(w string) bool {
	for a := range p.allowed {
		if distance(a, w, 1) <= 1 {
			return true
		}
	}
	return false
}
