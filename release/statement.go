package release

import (
	"strings"

	"tocsin"
)

// Statements that point at people: how many there are, and which one is meant. They
// are known by their form, in the languages of the guard, and not by what they say: a
// number of persons that nothing releasable gives, and a person singled out by what
// they do ("a girl who wrestles"), where nothing releasable says that somebody does it.
//
// What the reader is told to do, who is to help them, and the attackers and the attack
// itself are no such statements.
//
// Limits: languages are known by their words for persons and their relative pronouns;
// a person singled out by an adjective or by an apposition is found only by the words
// that a restricted part shares.

// persons are words for people, folded: one or several.
var persons = folded(`person persons people man men woman women boy boys girl girls kid kids child children guy guys fellow fellows lad lads chap student students pupil pupils colleague colleagues employee employees
 worker workers member members guest guests insider insiders friend friends relative relatives cousin cousins neighbour neighbours neighbor neighbors individual individuals associate associates soul souls somebody someone other others one
 persona personas hombre hombres mujer mujeres muchacho muchachos muchacha tipo tipos sujeto sujetos gente vecino vecina companero compañera companera empleado empleada trabajador trabajadora alguien quien
 personne personnes homme hommes femme femmes type types gens collegue collegues voisin voisine employe employee quelqu individu individus membres
 mann manner frau frauen leute menschen kollege kollegin kollegen nachbar jemand mitarbeiter mitarbeiterin mitglieder
 человек человека людей люди мужчина мужчин женщина женщин парень парня сотрудник сотрудница коллега знакомый
 людина людей люди осіб особи чоловік чоловіка чоловіки чоловіків жінка жінок хлопець хлопців дівчина співробітник співробітниця
 kişi kişinin adam kadın erkek arkadaş çalışan biri
 شخص اشخاص أشخاص نفر رجل رجلا رجال رجلين رجلان امرأة نساء موظف موظفة زميل مرد مردی زن زنی کارمند همکار
 mutum mutane mutanen namiji maza mace mata wani wata ma'aikaci
 mtu watu mwanaume wanaume mwanamke wanawake mfanyakazi`)

// relatives are the pronouns that open a clause about somebody.
var relatives = folded("who that que quien qui der die которыи которая который що який яка котрий الذي التي که wanda wadda ambaye anayefanya")

// twoMen are the duals, which hold their number.
var duals = folded("رجلين رجلان شخصين شخصان امرأتين")

// limiting words say that there were no more.
var limiting = folded(`only just merely barely besides except save solo sólo solamente apenas únicamente seulement uniquement sauf excepté nur bloß lediglich außer только лишь кроме лише тільки крім yalnızca sadece yalnız dışında
 فقط سوى إلا غير تنها جز kawai sai tu pekee isipokuwa`)

func (e *examiner) statements() {
	if e.p.q.Setting == nil || !e.p.secrets {
		return
	}
	e.counted()
	e.singled()
	for _, s := range e.d.sents {
		e.happened(s)
	}
}

const countedWhy = "The fewer there were, the sooner the attacker knows who told."

// counted asks about small numbers of people that nothing releasable gives.
func (e *examiner) counted() {
	for _, v := range e.vals {
		if v.kind != aNumber || v.n < 2 || v.n > 60 || e.p.openPeople[v.n] {
			continue
		}
		last := firstFrom(e.d, v.end) - 1
		if i, ok := e.peopleNear(v.tok, last); ok && !e.addressed(last) {
			e.countOf(min(v.tok, i), max(last, i))
		}
	}
	for i, t := range e.d.toks {
		if duals[t.word] && !e.p.allowed[t.word] && e.limited(i) {
			e.countOf(max(i-1, 0), i)
		}
	}
}

// countOf asks about the number of people between two tokens.
func (e *examiner) countOf(first, last int) {
	e.find(tocsin.GuardAsk, "collection", "collection/number", int(e.d.toks[first].at), int(e.d.toks[last].end), "It says how many people there are, and nothing that may be said does.", countedWhy, "Leave the number out, or say \"several\".")
}

// limited reports whether a word that says "no more than" stands close before a token.
func (e *examiner) limited(i int) bool {
	for k := max(i-4, 0); k < i; k++ {
		if limiting[e.d.toks[k].word] && e.d.toks[k].sent == e.d.toks[i].sent {
			return true
		}
	}
	return false
}

// peopleNear finds the people whom a number at tokens first to last counts: a word for
// persons behind it, "of them", or "a group of" before it.
func (e *examiner) peopleNear(first, last int) (int, bool) {
	d := e.d
	for k := last + 1; k < min(last+4, len(d.toks)) && d.toks[k].sent == d.toks[last].sent && !strings.ContainsAny(d.gap(k-1), ",;:.("); k++ {
		w := d.toks[k].word
		switch {
		case persons[w] && w != "one":
			return k, true
		case w == "of" && k == last+1 && k+1 < len(d.toks) && (d.toks[k+1].word == "them" || d.toks[k+1].word == "us"):
			return k + 1, true
		case w == "who" && k == last+1, w == "were" && k == last+1, w == "que" && k == last+1 && first > 0 && d.toks[first-1].word == "los":
			return k, true
		case stopWords[w] && w != "other", d.toks[k].is(numeral):
			return 0, false
		}
	}
	if first >= 2 && d.toks[first-1].word == "of" && groups[plainStem(d.toks[first-2].word)] {
		return first - 2, true
	}
	return 0, false
}

var groups = stems("group circle cell gang crew band ring team party bunch handful")

// addressed reports whether the clause around a token speaks to the reader, or of who
// will do what for them: "two officers will stay with you".
func (e *examiner) addressed(last int) bool {
	d := e.d
	s := d.sents[d.toks[last].sent]
	from, to := last, last
	for from > s.first && last-from < longestClause && !strings.ContainsAny(d.gap(from-1), ",;:") {
		from--
	}
	for to+1 < s.last && to-last < longestClause && !strings.ContainsAny(d.gap(to), ",;:") {
		to++
	}
	for _, t := range d.toks[from : to+1] {
		switch t.word {
		case "you", "your", "will", "can", "may", "should", "please", "let":
			return true
		}
	}
	return from == s.first && needs["do"][plainStem(d.toks[from].word)] && d.toks[from].word == d.toks[from].stem
}

const longestClause = 14 // words on either side: a text may have no commas

// anybody are words for people in general, whom no clause tells apart.
var anybody = folded("people persons others men women children kids boys girls personas gente gens personnes leute menschen люди людей осіб mutane watu رجال اشخاص أشخاص")

// singled asks about somebody who is told apart by what they do.
func (e *examiner) singled() {
	d := e.d
	for i := 0; i+2 < len(d.toks); i++ {
		if !persons[d.toks[i].word] || anybody[d.toks[i].word] || !relatives[d.toks[i+1].word] || strings.Trim(d.gap(i), " ,") != "" || d.toks[i+1].sent != d.toks[i].sent {
			continue
		}
		last, strange := e.toldOf(i + 2)
		if last > 0 && strange {
			e.find(tocsin.GuardAsk, "collection", "collection/person", int(d.toks[i].at), int(d.toks[last].end), "It tells one person apart by what they do, and nothing that may be said does.", "The attacker knows the people around them, and looks for this one.", "Leave the person out.")
		}
	}
}

// toldOf reads what is said of somebody from token i: where it ends, or -1 if it speaks
// of the danger or of what may or should be, and whether it says what nothing
// releasable does.
func (e *examiner) toldOf(i int) (last int, strange bool) {
	d := e.d
	for last = i - 1; last+1 < len(d.toks) && last < i+6 && d.toks[last+1].sent == d.toks[i-1].sent && (last < i || !strings.ContainsAny(d.gap(last), ",;:()")); {
		last++
		t := d.toks[last]
		if harmWords[plainStem(t.word)] || unsaid[t.word] {
			return -1, false
		}
		strange = strange || !stopWords[t.word] && !e.p.allowed[t.stem] && !e.p.allowed[t.word]
	}
	return last, strange
}

// unsaid are words by which a clause speaks of what may be, of the reader, or of the
// attackers' intention, and of nobody who is known.
var unsaid = folded(`you your may might can could should would will want wants wanted intend intends plan plans mean means need needs answers asks calls claims
 vous puede pueden podria quiere quieren te le lo les peut peuvent veut veulent kann konnen will wollen sie может могут хочет хотят може можуть хоче хочуть قد يريد ترید  میخواهد`)

// subjects are those of whom a sentence tells something that was done.
var subjects = set("he she they it it's one both all someone somebody")

// happened asks about a sentence that says of somebody what they did on a day: a
// meeting or a talk that the attackers remember. English alone, by its past forms.
func (e *examiner) happened(s sentence) {
	day, subject := -1, -1
	for i := s.first; i < s.last; i++ {
		w := e.d.toks[i].word
		switch {
		case w == "you" || w == "your" || w == "will" || w == "if":
			return
		case weekdayWord(w) || w == "yesterday" || w == "last" && i+1 < s.last && e.d.toks[i+1].word == "night":
			day = i
		case subjects[w] && i+1 < s.last && e.past(i+1):
			subject = i
		}
	}
	if day < 0 || subject < 0 || e.harmful(s.at) {
		return
	}
	first, last := min(day, subject), max(day, subject+1)
	e.find(tocsin.GuardAsk, "collection", "collection/when", int(e.d.toks[first].at), int(e.d.toks[last].end), "It says what somebody did on a certain day.", "Whoever was there knows who else was.", "Say what is planned, and leave out what went before.")
}

// past reports whether token i is an English verb in the past that may not be said.
func (e *examiner) past(i int) bool {
	t := e.d.toks[i]
	return !e.p.allowed[t.stem] && !e.p.allowed[t.word] && (strings.HasSuffix(t.word, "ed") && len(t.word) > 4 || pastForms[t.word])
}

var pastForms = set("met sat spoke said told drew swore ate drank bought sold gave took went came left drove saw heard chose made held wrote read sent brought showed hid")
