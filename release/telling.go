package release

import (
	"strings"

	"tocsin"
)

// Telling in other languages. How something came to be known is mostly said by two
// words near each other: "us" and a verb of telling, "we" and a verb of listening,
// "received" and "from", "together with" and an organisation. So each language gives
// pairs of lists of beginnings of words, and a pair that stands within nearTelling
// words of one sentence is a doubt. The finding covers the words around it, because
// they say who told.
//
// Limits: a language has a dozen pairs, and irony, denial and what the reader is asked
// to tell us are known only where the language has another form of the verb for them.

const (
	nearTelling   = 6 // words between the two of a pair
	tellingBefore = 4 // words that the finding covers beside it
	tellingBehind = 8
)

// tellingPairs are lines of two lists; a point makes a beginning a whole word. A line
// of one list is enough by itself.
var tellingPairs = readPairs(`
нам. | рассказал сообщил сказал передал донес поведал шепнул призна
мы. | читаем читали прочли прочита слышим слыша подслуш узнали прослуш видели перехват следим следили записал
сообщил рассказал передал подтвердил | сотрудник. сотрудница. источник женщина. мужчина. секретар водител повар родственник. знакомыи. курьер. охранник.
данным сведениям | развед служб агентств партнер источник информат
партнерск | служб
получен получил | от. вместе совместно через
вместе совместно | служб групп агентств развед бюро партнер организац домом коллег
узнали узнал известно | от. из. через
видел видели знают знал знали слышал слышали | всего. только. лишь. кроме.
со. с. | слов.
микрофон прослушк подслуша
нам. | розпов повідомил повідомив сказал сказав передал передав зізна доніс
ми. | читаємо читали прочит чуємо чули підслух дізнал бачили перехоп стежимо стежили записал
повідомив повідомила розповів розповіла підтвердив | співробітник. джерел жінка. чоловік. секретар водіи кухар родич. знаиомии. курєр. кур. охоронець.
даними відомостями | розвід служб агентств партнер джерел
партнерськ | служб
отриман отримал отримав | від. разом спільно через
разом спільно | служб груп агентств розвід бюро партнер організац колег
дізнал відомо | від. із. з. через
бачив бачили знают знав знали знають чув чули | лише. тільки. всього. крім.
зі. | слів.
мікрофон прослуш
nos. | dijo conto informo informaron aviso revelo confeso comento paso. llego
sabemos. supimos. enteramos. sabido. | por. de. gracias.
segun. | fuente alguien emplead hombre mujer persona miembro muchach companer vecin prim cuenta conto dijo escolta guardia chofer conductor cocinero mesero antiguo antigua
hemos. | escuchado oido leido interceptado visto grabado seguido
leemos. escuchamos. oimos. interceptamos. grabamos.
junto. conjunto. | oficina servicio agencia grupo socio
recibimos. recibido. recibida. obtenid obtuvimos. | de. por. del.
solo. solamente. apenas. unicamente. | saben sabian conocen conocian oyeron vieron
microfono escuchas. intervenid
grabacion | muestra. prueba. revela. tenemos. gracias. segun. oye. adjunt anex
telefonos. llamadas. mensajes. | intervenid pinchad grabad leido.
nous. | dit. informe raconte appris rapporte confie
nous. | lisons. entendons. ecoutons. avons lu. surveillons.
appris. recu. obtenu. | par. aupres.
selon. apres. | employe homme femme membre proche collegue quelqu voisin
micro. micros.
enregistrement | montre. prouve. avons. joint. grace. selon.
uns. | gesagt erzahlt berichtet informiert mitgeteilt verraten gemeldet zugetragen
wir. | mitgelesen mitgehort abgehort lesen. horen. belauscht beobachtet
erfahren. erhalten. bekommen. | von. durch.
laut. | mitarbeiter mann frau mitglied nachbar kollege jemand person quelle
mikrofon mitschnitt wanze.
bize. bizi. | soyled soylen anlatt anlat bildird aktard iletti uyardı uyarmıs
bize. | haber. | verdi vermis
ortak yabancı alman ingiliz rus | servisi | bizi. bize.
yalnızca. sadece. yalnız. | kisi. | biliyor bilir bildi duydu gordu
biri. birisi. | konusmus soyle anlat gormus duymus demis calisan
dinledik. dinliyoruz. okuyoruz. okuduk. ogrendik. kaydettik. izledik.
ortagımız ortaklarımız meslektaslarımız
mikrofon
ses. | kaydı. kayıt
اخبرتنا. اخبرنا. ابلغتنا. ابلغنا. حدثنا. حدثتنا. اعلمنا. اعلمتنا.
علمنا. تلقینا. سمعنا. عرفنا. وصلنا. وصلتنا. حصلنا. | من. عن. عبر. علی.
قال. قالت. ذکر. ذکرت. کشف. کشفت. | لنا.
نتنصت. نتجسس. نخترق.
صور. صورت. التقطت. رصدت. | طایره طائره قمر کامیرا مسیره
نقرا. نسمع. نراقب. التقطنا. قرانا. سجلنا. | رسائل رسایل اتصال مکالم هاتف محادث حدیث
بالتعاون. بالاشتراک. | جهاز مخابرات منظمه وکاله شریک مع.
لا. لم. | یعرف یعلم | سوی. الا. غیر.
ما. | گفت. گفته. گفتند. داد. داده. دادند.
چشم. | دیده دید.
شنیدهایم شنیدیم شنیدیم. خواندهایم میخوانیم میشنویم
دریافت | کردیم کردهایم
تنها. فقط. | میدانند میدانستند خبر. دیدهاند شنیدهاند
همراه. همکاری. | سرویس سازمان اداره نهاد
gaya. fada. shaida. sanar. | mana. mini.
mun. | ji. samu. karanta. saurara | daga.
alituambia walituambia tuliambiwa tumesikia tulisikia tunasoma tulisoma
ci. | ha. hanno. | detto raccontato informato riferito
nos. | disse contou informou avisou revelou
`)

// pairs is one line: the lists of which a word of each must stand near the others.
type pairs [][]string

func readPairs(lines string) []pairs {
	var out []pairs
	for line := range strings.Lines(lines) {
		var p pairs
		for list := range strings.SplitSeq(line, "|") {
			var words []string
			for w := range strings.FieldsSeq(list) {
				whole := strings.HasSuffix(w, ".")
				if w = foldWord(strings.TrimSuffix(w, ".")); whole {
					w += "."
				}
				words = append(words, w)
			}
			if len(words) > 0 {
				p = append(p, words)
			}
		}
		if len(p) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// tellingPlace says in which line and list a beginning stands.
type tellingPlace struct {
	text       string
	whole      bool
	line, list int
}

// tellingIndex holds the beginnings by their first two letters.
var tellingIndex = func() map[string][]tellingPlace {
	m := make(map[string][]tellingPlace)
	for l, line := range tellingPairs {
		for i, list := range line {
			for _, w := range list {
				p := tellingPlace{strings.TrimSuffix(w, "."), strings.HasSuffix(w, "."), l, i}
				k := firstTwo(p.text)
				m[k] = append(m[k], p)
			}
		}
	}
	return m
}()

// firstTwo are the first two letters of a folded word, or the one that it has.
func firstTwo(w string) string {
	n := 0
	for i := range w {
		if n == 2 {
			return w[:i]
		}
		n++
	}
	return w
}

// told looks for pairs of telling words.
func (e *examiner) told() {
	english := e.englishSentences()
	last := make(map[[2]int]int) // line and list -> token
	for i, t := range e.d.toks {
		if english[t.sent] && !t.is(foreign) {
			continue
		}
		for _, p := range tellingIndex[firstTwo(t.word)] {
			if t.word != p.text && (p.whole || !strings.HasPrefix(t.word, p.text)) {
				continue
			}
			last[[2]int{p.line, p.list}] = i + 1
			if first, ok := e.together(last, p.line, i); ok {
				e.toldAt(first, i)
				last[[2]int{p.line, p.list}] = 0
			}
		}
	}
}

// englishSentences says of each sentence whether it has English words of grammar: a
// text may be in two languages.
func (e *examiner) englishSentences() []bool {
	english := make([]bool, len(e.d.sents))
	for _, t := range e.d.toks {
		english[t.sent] = english[t.sent] || englishGrammar[t.word]
	}
	return english
}

var englishGrammar = set("the and of to is that with you your are not they will may")

// together reports whether a word of every list of a line stands near token i, and
// which is the first.
func (e *examiner) together(last map[[2]int]int, line, i int) (int, bool) {
	first := i
	for list := range tellingPairs[line] {
		k := last[[2]int{line, list}] - 1
		if k < 0 || i-k > nearTelling || e.d.toks[k].sent != e.d.toks[i].sent {
			return 0, false
		}
		first = min(first, k)
	}
	return first, true
}

func (e *examiner) toldAt(first, last int) {
	s := e.d.sents[e.d.toks[last].sent]
	first, last = max(first-tellingBefore, s.first), min(last+tellingBehind, s.last-1)
	level := tocsin.GuardAsk
	if !e.p.secrets {
		level = tocsin.GuardNote // nothing behind the warning is kept from its readers
	}
	e.find(level, "collection", "collection/told", int(e.d.toks[first].at), int(e.d.toks[last].end), "It may say who told, or how something came to be known.",
		"The attacker will ask who could have told.", "Leave out every word on how it came to be known.")
}
