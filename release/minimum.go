package release

import (
	"strings"

	"tocsin"
)

// What a warning must at least say (T-21), judged from the words alone: what harm,
// where, when, what to do, whom to call. Inside the system the facts of the draft
// answer this; a text that stands by itself is read for the words of each.
//
// Limits: the words are known in eight languages, and read without grammar. In
// another language the guard only asks.

// needs are the signs of each item: stems of words, folded.
var needs = map[string]map[string]bool{
	"what": harmWords,
	"do": stems(`avoid leave stay call contact cancel postpone evacuate move go keep search check close lock change vary travel do ask tell inform report take shelter increase protect secure refuse accept follow remain
 open wait block ban step prevent act alert warn deploy guard inspect suspend consider reroute stop hold pack turn delay halt meet review control sleep switch carry use park bring return restrict remove confirm advise
 meiden verlassen bleiben rufen evitez quittez restez appelez evite salga llame permanezca kacının uzak ayrıln arayın покиньте избегаите звоните оставаитесь دور بمانید ترک تماس بازرسی ابتعدوا غادروا اتصلوا تجنبوا`),
	"call": stems(`call phone telephone ring hotline number contact reach dial desk line rufen anrufen telefon appelez llame telefono arayın звоните телефон تماس تلفن اتصل هاتف اتصلوا`),
	"when": stems(`today tonight tomorrow now soon morning afternoon evening night noon midnight dawn dusk weekend week day days hour hours month imminent immediately time date until before after during from heute morgen bald aujourd demain hoy manana bugun yarın сегодня завтра скоро امروز امشب فردا الیوم غدا`),
	"where": stems(`place area site street road square house home building station market school office church mosque cathedral mill factory shop port field bar cafe court hospital clinic hotel airport port camp prison venue stadium city town village region country court gate park bridge
 anywhere online account platform wing hall premises workplace neighbourhood district route convoy address ort strasse haus lieu rue maison lugar calle casa yer sokak место улица дом مکان خیابان خانه مکان شارع بیت`),
}

var itemWords = map[string]string{"harm": "what", "do_now": "do", "contact": "call", "who": "victim", "affected": "victim"}

func (e *examiner) minimum() {
	if !e.p.q.Strict || e.p.q.Setting == nil || e.p.q.Draft.Message.Ends() {
		return
	}
	var missing []string
	wanted := 0
	for _, item := range e.p.q.Content {
		if !item.Required {
			continue
		}
		wanted++
		if !e.says(item.ID) {
			missing = append(missing, item.ID)
		}
	}
	level := tocsin.GuardAsk
	if len(missing) >= 2 || wanted == 1 || len(e.x.content) < 6 {
		level = tocsin.GuardBlock
	}
	if !e.known() {
		level = tocsin.GuardAsk
	}
	for _, id := range missing {
		e.find(level, "content", "content/"+id, 0, 0, "The text does not say: "+id+".", "Somebody who cannot tell what is meant, where, or what to do, cannot act.", "Say it, or state why it is left out.")
	}
	if wanted == 0 && len(e.x.content) < 4 || e.vague() {
		level := tocsin.GuardAsk
		if len(e.x.content) < 12 && !e.says("do") || len(e.x.content) < 6 {
			level = tocsin.GuardBlock
		}
		e.find(level, "content", "content/vague", 0, 0, "The text is too vague to act on: it says neither what nor where nor when.", "Somebody who cannot tell what is meant, where, or what to do, cannot act.", "Say what may happen, where, when, and what to do.")
	}
}

// vague reports whether a text says none of what, where and when.
func (e *examiner) vague() bool {
	return e.known() && !e.says("what") && !e.says("where") && !e.dated()
}

func (e *examiner) dated() bool {
	for _, v := range e.vals {
		if v.kind == aDate || v.kind == aTime || v.kind == aWeekday {
			return true
		}
	}
	return false
}

func (e *examiner) says(id string) bool {
	if other, ok := itemWords[id]; ok {
		id = other
	}
	switch id {
	case "when":
		if e.dated() {
			return true
		}
	case "where":
		if len(e.p.places.Scan(e.d.text)) > 0 {
			return true
		}
		for i := 1; i < len(e.d.toks); i++ {
			if placing[e.d.toks[i-1].word] && e.d.toks[i].is(capital) && !stopWords[e.d.toks[i].word] {
				return true
			}
		}
	case "call":
		for _, v := range e.vals {
			if v.kind == aPhone || v.kind == aMail || v.kind == aLink {
				return true
			}
		}
	case "victim":
		for _, t := range e.d.toks {
			if t.word == "you" || t.word == "your" || t.word == "people" || e.p.allowed[t.stem] && !t.plain() {
				return true
			}
		}
		return false
	}
	words, ok := needs[id]
	if !ok {
		return true // an item of which the guard knows no words
	}
	for _, t := range e.d.toks {
		if words[plainStem(t.word)] || words[t.stem] {
			return true
		}
	}
	return false
}

// known reports whether the guard has words for the text's language.
func (e *examiner) known() bool {
	lang, _, _ := strings.Cut(strings.ToLower(e.lang), "-")
	return (lang == "en" || lang == "") && englishText(e.d) || lang == "en"
}
