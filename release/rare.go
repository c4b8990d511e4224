package release

import (
	"fmt"
	"strconv"
	"time"

	"tocsin"
)

// Rare facts: a figure, address, vehicle or word that only restricted parts hold.
// Figures are compared by their keys (values.go), so that another writing, unit of
// twelve hours, or calendar does not hide them; times also in other time zones if
// their minutes are telling. A releasable part, a tearline or the case that states
// the same frees it.
//
// Two common words side by side, a month by itself and a rounded figure are compared as
// well, because together or nearly they still say what only a restricted part says.
//
// Limits: what no report holds is not rare but unsupported (trace.go); small
// numbers count only with what they number.

const (
	rareWhy = "Only restricted reports hold it. The fewer people know it, the nearer it leads to who told."
	rareDo  = "Say it more broadly (a part of the day, an area, several) or leave it out."
)

func (e *examiner) rare() {
	for _, v := range e.vals {
		e.rareValue(v)
	}
	e.rareWords()
	e.rarePairs()
	e.rareMonths()
	e.rareFamilies()
	e.rounded()
	e.measured()
}

// rareFamilies asks about uncommon words of one family with a word that only a
// restricted part holds.
func (e *examiner) rareFamilies() {
	for _, t := range e.d.toks {
		if len(t.word) <= familyLetters || t.is(numeral|mixed) || t.plain() || plainThings[plainStem(t.word)] || e.p.weight(t) < 1 || publicNames[t.word] || len(e.p.stems[t.stem]) > 0 {
			continue
		}
		part, held := e.p.families[t.word[:familyLetters]]
		if !held {
			continue
		}
		level := tocsin.GuardAsk
		if e.advice(int(t.at)) {
			level = tocsin.GuardNote
		}
		e.find(level, "rare", "rare/word", int(t.at), int(t.end), fmt.Sprintf("A word of this family stands only in %s.", e.p.called(part)), rareWhy, "Use a more general word, or say who has looked and why it points to nobody.")
	}
}

// rounded asks about a round number within a tenth of one that only restricted parts
// state of the same thing: "more than sixty kilos" for 64 kilograms.
func (e *examiner) rounded() {
	for _, v := range e.vals {
		if v.kind != aNumber || v.n < 20 || v.n%5 != 0 || len(e.p.counted) == 0 || e.p.openKeys[aNumber+":"+v.keys[0]] {
			continue
		}
		noun := nounBehind(e.d, v)
		for _, c := range e.p.counted[noun] {
			if c.n != v.n && (c.n-v.n)*10 <= c.n && (v.n-c.n)*10 <= c.n {
				e.find(tocsin.GuardAsk, "rare", "rare/number", v.at, v.end, fmt.Sprintf("This is a round figure for one that stands only in %s.", e.p.called(c.part)), rareWhy, rareDo)
				break
			}
		}
	}
}

// alone reports whether a word written small is the only one of its sentence that a
// restricted part lent, and the sentence tells the reader what to do: advice about a
// "lookout" is given to every ship.
func (e *examiner) alone(t token) bool {
	return (t.is(opens) || !t.is(capital)) && e.advice(int(t.at)) && e.rareShare(e.d.sents[t.sent]) <= 1
}

// everyday reports whether a token is a thing of daily life in a sentence that tells
// its reader what to do.
func (e *examiner) everyday(t token) bool {
	return plainThings[plainStem(t.word)] && (t.is(opens) || !t.is(capital)) && e.advice(int(t.at))
}

// advice reports whether the sentence at a byte speaks to its readers rather than of
// the case: it asks, forbids, says "you", or begins with what to do. A thing of daily
// life that stands there too is what the reader is told to do with it.
func (e *examiner) advice(at int) bool { return e.remembered(e.advised, at, e.adviceIn) }

func (e *examiner) adviceIn(s sentence) bool {
	for i := s.first; i < s.last; i++ {
		switch w := e.d.toks[i].word; w {
		case "you", "your", "yours", "yourself", "please", "should", "avoid", "do", "don", "thank", "thanks":
			return true
		case "let":
			if i == s.first || i+1 < s.last && e.d.toks[i+1].word != "us" {
				return true // "they let us know" asks for nothing
			}
		}
	}
	return s.first < s.last && e.bare(s.first)
}

// bare reports whether token i is an English verb without an ending that says what to do.
func (e *examiner) bare(i int) bool {
	w := e.d.toks[i].word
	stem := plainStem(w)
	return needs["do"][stem] && (w == stem || w == stem+"e")
}

// rarePairs finds two words that stand side by side in a restricted part and nowhere
// else: common as each may be, together they name one thing ("the car wash").
func (e *examiner) rarePairs() {
	for i := range e.d.toks {
		h, ok := pairAt(e.d, i)
		if !ok {
			continue
		}
		part, held := e.p.pairs[h]
		if !held || e.figured[i] != "" {
			continue
		}
		j := i + 1
		for j+1 < len(e.d.toks) && (stopWords[e.d.toks[j].word] || linking[e.d.toks[j].word]) {
			j++
		}
		a, b := e.p.weight(e.d.toks[i]), e.p.weight(e.d.toks[j])
		if a+b < 0.35 || a+b < 0.7 && !e.thing(i) {
			continue
		}
		e.find(tocsin.GuardAsk, "rare", "rare/phrase", int(e.d.toks[i].at), int(e.d.toks[j].end), fmt.Sprintf("These words stand together only in %s.", e.p.called(part)), rareWhy, "Say it in other words, or more broadly.")
	}
}

// thing reports whether token i follows an article that follows a preposition of
// place: "at the car wash".
func (e *examiner) thing(i int) bool {
	return i >= 2 && (articles[e.d.toks[i-1].word] || e.d.toks[i-1].word == "a") && placing[e.d.toks[i-2].word] && e.d.toks[i-2].word != "of"
}

// rareMonths asks about a month by itself ("at the end of May") in which nothing that
// may be said lies, but a date that only restricted parts state.
func (e *examiner) rareMonths() {
	for i, t := range e.d.toks {
		m := months[t.word]
		if m == 0 || e.figured[i] == aDate || shortMonths[t.word] && !t.is(capital) || i == 0 {
			continue
		}
		key := fmt.Sprintf("%02d", m)
		if e.p.openMonths[key] || e.inMonth(m) {
			continue
		}
		for day := 1; day <= 31; day++ {
			if holders := e.p.restrictedOf(e.p.values[fmt.Sprintf("%s:%s-%02d", aDate, key, day)]); len(holders) > 0 {
				e.find(tocsin.GuardAsk, "rare", "rare/month", int(t.at), int(t.end), fmt.Sprintf("A date of this month stands only in %s.", e.p.called(holders[0])), rareWhy, rareDo)
				break
			}
		}
	}
}

// shortMonths are months only with a capital: small, they are other words.
var shortMonths = set("may march mars mai mart sept mar dec")

// inMonth reports whether a month is the window's, the warning's or today's.
func (e *examiner) inMonth(m int) bool {
	w, _ := e.window()
	for _, t := range []time.Time{w.Earliest, w.Latest, e.p.q.Draft.Window.Earliest, e.p.q.Draft.Window.Latest, e.p.q.Now} {
		if !t.IsZero() && int(t.Month()) == m {
			return true
		}
	}
	return false
}

func (e *examiner) rareValue(v value) {
	var holders []int32
	for _, k := range v.keys {
		if e.p.openKeys[v.kind+":"+k] {
			return
		}
		holders = append(holders, e.p.holders(v, k)...)
	}
	if v.kind == aTime {
		e.collectedTime(v)
		holders = append(holders, e.movedTime(v, holders)...)
	}
	holders = e.p.restrictedOf(holders)
	if len(holders) == 0 || v.kind == aDate && e.inLocalDays(v) {
		return
	}
	level := e.rareLevel(v)
	if v.kind == aDate && e.inWindow(v) {
		level = tocsin.GuardAsk // perhaps a day of the window in another time zone
	}
	if level == "" {
		return
	}
	e.find(level, "rare", "rare/"+v.kind, v.at, v.end, fmt.Sprintf("This %s stands only in %s.", v.kind, e.p.called(holders[0])), rareWhy, rareDo)
}

// holders are the parts that state a key, under any kind that it may be written as.
func (p *Prepared) holders(v value, key string) []int32 {
	out := p.values[v.kind+":"+key]
	switch v.kind {
	case aNumber:
		out = append(out[:len(out):len(out)], p.values[anAmount+":"+key]...)
	case anAmount:
		out = append(out[:len(out):len(out)], p.values[aNumber+":"+key]...)
	}
	return out
}

func (p *Prepared) restrictedOf(parts []int32) []int32 {
	var out []int32
	for _, i := range parts {
		if !p.parts[i].restricted {
			return nil
		}
		out = append(out, i)
	}
	return out
}

func (e *examiner) rareLevel(v value) tocsin.GuardLevel {
	switch v.kind {
	case aPhone, aMail, aNetwork, aCoordinate, aCode, anAmount, aLink:
		return tocsin.GuardBlock
	case aVehicle:
		return tocsin.GuardAsk
	case aDate:
		if e.p.q.Setting == nil {
			return tocsin.GuardAsk
		}
		return tocsin.GuardBlock
	case aTime:
		if v.n%15 != 0 && e.p.q.Setting != nil {
			return tocsin.GuardBlock
		}
		return tocsin.GuardAsk
	case aWeekday:
		if e.p.q.Setting == nil || e.dayInWindow(v) {
			return ""
		}
		return tocsin.GuardAsk
	}
	noun := nounBehind(e.d, v)
	together := noun != "" && len(e.p.values[aNumber+":"+v.keys[0]+":"+noun]) > 0
	switch {
	case v.n == int64(e.p.base) || v.n == int64(e.p.base)+1:
		return ""
	case v.n >= 13 && (together || v.n%10 != 0 && v.n >= 100):
		return tocsin.GuardBlock
	case together || v.n >= 13:
		return tocsin.GuardAsk
	}
	return ""
}

// collectedTime compares a time with when a report was come by.
func (e *examiner) collectedTime(v value) {
	for _, s := range e.p.q.Contributing {
		c := s.Collected.At
		if c.IsZero() {
			continue
		}
		for _, k := range v.keys {
			m, _ := strconv.Atoi(k)
			same := m == c.Hour()*60+c.Minute() || m == c.UTC().Hour()*60+c.UTC().Minute()
			if same || c.Minute()%15 != 0 && m%60 == c.Minute() {
				e.find(e.roundHour(m, v.at), "rare", "rare/collected time", v.at, v.end, "This is the time at which a report was come by, perhaps in another time zone.", "It tells which conversation or meeting was overheard.", "Leave the time out.")
				return
			}
		}
	}
}

// roundHour is how much a time says that happens to be one at which a report was come
// by: a full or half hour is one of forty-eight, and advice is full of them.
func (e *examiner) roundHour(minute, at int) tocsin.GuardLevel {
	switch {
	case minute%30 != 0:
		return tocsin.GuardBlock
	case e.advice(at):
		return tocsin.GuardNote
	}
	return tocsin.GuardAsk
}

// movedTime are the parts that state the time in another zone: with its minutes,
// whole hours apart, if the minutes are telling or a zone is named.
func (e *examiner) movedTime(v value, same []int32) []int32 {
	if len(same) > 0 || v.n%60 == 0 && v.zone == nil {
		return nil
	}
	var out []int32
	for shift := -14 * 60; shift <= 14*60; shift += 30 {
		if shift == 0 || v.n%30 == 0 && shift%60 != 0 && v.zone == nil {
			continue
		}
		k := strconv.Itoa(((int(v.n)+shift)%1440 + 1440) % 1440)
		if e.p.openKeys[aTime+":"+k] {
			return nil
		}
		if v.n%30 != 0 || v.zone != nil {
			out = append(out, e.p.values[aTime+":"+k]...)
		}
	}
	return out
}

// rareWords finds uncommon words that only restricted parts hold, of which at most
// two do.
func (e *examiner) rareWords() {
	for i, t := range e.d.toks {
		if len(t.word) < 4 || t.is(numeral) || t.plain() || e.p.weight(t) < 1 || publicNames[t.word] || weekdayWord(t.word) || months[t.word] != 0 {
			continue
		}
		list := e.p.stems[t.stem]
		if n := len(list); n == 0 || n > 2 {
			continue
		}
		holders := e.p.restrictedOf(list)
		if holders == nil || e.p.skeletons[e.x.skelA[i]] && t.is(capital) {
			continue
		}
		level := tocsin.GuardAsk
		if e.everyday(t) || e.alone(t) {
			level = tocsin.GuardNote
		}
		e.find(level, "rare", "rare/word", int(t.at), int(t.end), fmt.Sprintf("This word stands only in %s.", e.p.called(holders[0])), rareWhy, "Use a more general word, or say who has looked and why it points to nobody.")
	}
}
