package release

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin"
)

// What a warning must at least say (T-21), judged from the words alone: what harm,
// where, when, what to do, whom to call. Inside the system the facts of the draft
// answer this; a text that stands by itself is read for the words of each.
//
// English is read for its stems: what to do must stand as advice (a request, or a
// verb that begins a sentence or a clause), and when must stand elsewhere than
// beside a telephone number, because "at any hour" says when somebody answers. Other
// languages bear most of their endings, so they are known by the beginnings of
// words, all languages together: a word of one that happens to begin like a word of
// another costs a question that should have been asked, never a warning.
//
// Limits: the words are read without grammar. In a language of which the guard has
// no words it says nothing, because it would ask about every text.

// needs are the signs of each item in English: stems of words, folded.
var needs = map[string]map[string]bool{
	"what": harmWords,
	"do": stems(`avoid leave stay cancel postpone evacuate move go keep search check close lock change vary travel do ask tell inform report take shelter increase protect secure refuse accept follow remain
 open wait block ban step prevent act alert warn deploy guard inspect suspend consider reroute stop hold pack turn delay halt meet review control sleep switch carry use park bring return restrict remove confirm advise
 hide run get be come put let send make agree trust say think look share walk drive seek find set give note watch treat read lie speak show store fit wear see prepare escort treat separate arrange beware choose clear cover rinse work have mark house call off ring`),
	"call": stems(`call phone telephone ring hotline number contact reach dial desk line`),
	"when": stems(`today tonight tomorrow now soon morning afternoon evening night noon midnight dawn dusk weekend week day month imminent imminently shortly immediate`),
	"where": stems(`place area site street road square house home building station market school office church mosque cathedral mill factory shop port field bar cafe court hospital clinic hotel airport port camp prison venue stadium city town village region country court gate park bridge
 anywhere online account platform wing hall premises workplace neighbourhood district route convoy address`),
}

// foreignNeeds are the beginnings of words by which other languages say an item:
// Spanish, French, German, Turkish, Russian, Ukrainian, Arabic, Persian, Hausa,
// Swahili, Italian and Portuguese.
var foreignNeeds = map[string][]string{
	"what": beginnings(`atac ataq secuestr matar mata asesin explos bomba dispar tirot amenaz peligr violen robo robar heri herid apuñal cuchill emboscad incendi extors dano venen golpe fusil arma
 attaqu attent tuer tue meurtr assassin explosi bombe tirer enlev menac danger bless couteau embuscad incendie viol
 angriff angreif anschlag tote tot ermord mord explod spreng bombe schuss schiess entfuhr bedroh drohung gefahr verletz messer uberfall brand gewalt
 saldır oldur vur bomba patla kacır tehdit tehlike zarar sucu yarala bıcak silah pusu yang rehin suikast
 напад нападе атак уби взрыв взорв бомб стрел похи угро угрож опасн ранен ранит нож засад поджо насил отрав вред покуш теракт
 вбив вбит вибух підірв бомб стріл викра погроз загроз небезпе поран засід підпал насил отру шкод замах теракт
 هجوم اعتدا قتل یقتل تقتل یقتلون تفجیر انفجار قنبله خطف یخطف اختطاف کمین تهدید خطر اطلاق النار طعن سکین سلاح حریق عنف اغتیال ایذا یوذ اختط استهداف یستهدف هاجم هجم مهاجم
 حمله کشتن بکش انفجار انفجاری بمب ربود ادم اسیب خطر تیراندازی شلیک چاقو کمین اتش خشونت سو قصد تهدید ترور گروگان
 hari kashe kisa bam sace garkuwa barazana hatsari harbi bindiga kwanto
 shambuli kushambul ua kuua bomu mlipuko teka kuteka tishio hatari bunduki kisu
 attacc uccid ucci esplos sparar rapi minacc pericol ameaç ameac sequestr perig explod`),
	"do": beginnings(`evit cambi dej manten salg llam adviert pid no quede permane abra abran viaj busq revis cierr aconsej recomend cancel aplac avis inform prot aseg anoten anote pongan haga hagan acuerd use usen camine comunic tengan tenga vaya vayan pase lleve acept reten varie consider
 evit quitt rest change ferm ouvr annul deman dites parl ne conseill recommand gardez all preven inform mett prene
 meid verlass bleib geh nehm schlie offne ande sag informier teil bitte rat empfehl halt lass prufen durchsuch komm vermeid fahr
 kacın uzak ayrıl kal degistir acma acmay soyle bildir lutfen oner iptal ertele kapat kontrol dikkat gitme durdur tutun tut kullan gidin binme
 избега не меня покин остав откро открыва идит ходит сообщ скаж просим пожалуист совету рекоменд отмен отлож закро провер держ прове убед усиль обыщ остан будьте попрос бер садит
 уник змін залиш відчин ідіть ходіть повідом скаж прос будь ласк рад рекоменд скасу перен закр перевір трима зупин пуск посил обшук пильн відкр бер сіда вивед
 تجنب ابتعد غادر ابق ابقوا لا تساف لا تسلم ننصح انصح نرجو ارجو یرجی غیر غیروا اغلق افتح اخبر ابلغ فتش تحقق اوقف احتفظ نطلب توقف خذ کونوا انتظر اقبل بابقا نقترح راجع الغ اجل حافظ اسال
 دور بمان ترک بازرسی خلوت نگه خواهش لطفا توصیه خواهشمند نروید نکنید کنید بگوی اطلاع تغییر ببند باز نکن لغو احتیاط مراقب افزایش تخلیه جلوگیری بگذار درخواست می خواهیم پیشنهاد
 guji kada ku ka bar tafi zauna kira sanar duba rufe canja dakata shawar
 epuk usi msi kaa ondok toa bad piga funga angal sitish ahiris tunaku tunawa shauri waambi jihad
 evita lasci rest cambi chiud avvis mant evite saia mude feche`),
	"call": beginnings(`llam telefon numero contact comuni appel joign rufen anruf ruf arayın ara telefon numara ulas звон номер тел зв зателефон дзвон відповіда отвеча обрат связ اتصل اتصلوا اتصلی هاتف رقم تماس تلفن شماره kira lamba waya piga simu nambari chiam numer ligue ligar`),
	"when": beginnings(`hoy manana semana tarde noche dia dias pronto inmediat aujourd demain semaine matin soir nuit jour heute morgen abend nacht woche tag bald bugun yarın hafta sabah aksam gece gun yakında сегодня завтра скоро вечер утр ноч дн недел сьогодн ввечер вечор ранк тижн ноч доб найближч ближаиш
 الیوم غدا اللیله مسا صباح اسبوع ایام قریب امروز امشب فردا صبح عصر غروب شب هفته روز بزودی yau gobe mako rana dare safe leo kesho wiki usiku asubuhi siku oggi domani settiman hoje amanha`),
	"where": beginnings(`lugar calle casa ciudad escuela colegio hotel estacion oficina iglesia mercado carretera camino ruta lieu rue maison ville ecole gare bureau eglise marche route ort strasse haus stadt schule bahnhof kirche markt wohnung yer sokak ev okul istasyon cami cadde sehir yol место улиц дом город школ вокзал станц офис редакц церк дорог кварт місц вулиц будин дім міст школ вокзал станц офіс церкв дорог
 مکان شارع بیت مدینه مدرسه محطه مکتب مسجد سوق طریق منزل خیابان خانه شهر ایستگاه دفتر بازار مسیر راه wuri gida gari makaranta hanya kasuwa masallaci mahali nyumba mji shule barabara soko luogo strada citta scuola rua`),
}

func beginnings(words string) []string {
	var out []string
	for w := range strings.FieldsSeq(words) {
		out = append(out, foldWord(w))
	}
	return out
}

var itemWords = map[string]string{"harm": "what", "do_now": "do", "contact": "call", "who": "victim", "affected": "victim"}

// asked says what an item wants, where the policy has no title for it.
var asked = map[string]string{"what": "what may happen", "where": "where", "when": "when", "do": "what to do", "call": "whom to call", "victim": "who is in danger"}

func titleOf(item tocsin.ContentItem) string {
	return cmp.Or(item.Title, asked[cmp.Or(itemWords[item.ID], item.ID)], item.ID)
}

func (e *examiner) minimum() {
	if !e.p.q.Strict || e.p.q.Setting == nil || e.p.q.Draft.Message.Ends() {
		return
	}
	var missing []tocsin.ContentItem
	wanted := 0
	for _, item := range e.p.q.Content {
		if !item.Required {
			continue
		}
		wanted++
		if !e.says(item.ID) {
			missing = append(missing, item)
		}
	}
	level := tocsin.GuardAsk
	english := englishText(e.d)
	switch {
	case len(missing) == 0:
	case e.lifts():
		level = tocsin.GuardNote // what is over needs no advice
	case !english && !e.known() && len(missing) < wanted && (e.says("call") || e.located()):
		level = tocsin.GuardNote
	case english && (len(missing) >= 3 || wanted == 1 || len(e.x.content) < 6):
		level = tocsin.GuardBlock
	}
	for _, item := range missing {
		e.find(level, "content", "content/"+item.ID, 0, 0, "The text does not say: "+titleOf(item)+".", "Somebody who cannot tell what is meant, where, or what to do, cannot act.", "Say it, or state why it is left out.")
	}
	if wanted == 0 && len(e.x.content) < 4 || e.vague() {
		level := tocsin.GuardAsk
		if len(e.x.content) < 12 && !e.says("do") || len(e.x.content) < 6 {
			level = tocsin.GuardBlock
		}
		e.find(level, "content", "content/vague", 0, 0, "The text is too vague to act on: it says neither what nor where nor when.", "Somebody who cannot tell what is meant, where, or what to do, cannot act.", "Say what may happen, where, when, and what to do.")
	}
}

// lifted are the words by which a warning is taken back, in whatever language: stems
// in English, beginnings elsewhere.
var (
	lifted        = set("ended lifted withdrawn over passed cancelled canceled clear closed")
	liftedForeign = beginnings("відбій минув минул отбои прошла снят levantad termin finaliz sona kaldır bitti aufgehoben entwarnung vorbei levee terminee رفع انتهی انتهت زال پایان برطرف kare imekwisha")
)

// lifts reports whether the text takes a warning back: it says so in its first
// sentences, before anything else.
func (e *examiner) lifts() bool {
	english := englishText(e.d)
	for i, t := range e.d.toks {
		if t.sent > 2 {
			return false
		}
		if english && lifted[t.word] && i > 0 && perfect[e.d.toks[i-1].word] || !english && beginsLike(t.word, liftedForeign) {
			return true
		}
	}
	return false
}

// perfect are the words before one that says that something is over.
var perfect = set("has have is are now all been")

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
		return e.whenSaid()
	case "where":
		return e.located()
	case "call":
		for _, v := range e.vals {
			if v.kind == aPhone || v.kind == aMail || v.kind == aLink {
				return true
			}
		}
		if englishText(e.d) && !e.bilingual() {
			return e.reaches()
		}
	case "do":
		return e.advises()
	case "victim":
		for _, t := range e.d.toks {
			if t.word == "you" || t.word == "your" || t.word == "people" || e.p.allowed[t.stem] && !t.plain() {
				return true
			}
		}
		return false
	}
	if _, ok := needs[id]; !ok {
		return true // an item of which the guard knows no words
	}
	return e.holds(id, nil)
}

// loosely are words of time that say when the danger is only in a sentence about it: "at
// any hour of the day" says when somebody answers.
var loosely = stems("day month morning afternoon evening night noon midnight dawn dusk now immediate")

// whenSaid reports whether the text says when: a date or a day outside the sentences on
// whom to call, or a time or a word of time.
func (e *examiner) whenSaid() bool {
	if !englishText(e.d) || e.bilingual() {
		return e.dated() || e.holds("when", e.aside())
	}
	aside := e.aside()
	for _, v := range e.vals {
		t := e.d.toks[v.tok]
		if !aside[t.sent] && (v.kind == aDate || v.kind == aWeekday || v.kind == aTime && e.harmful(v.at)) {
			return true
		}
	}
	for _, t := range e.d.toks {
		if stem := plainStem(t.word); needs["when"][stem] && !aside[t.sent] && (!loosely[stem] || e.harmful(int(t.at))) {
			return true
		}
	}
	return false
}

// reaches reports whether one sentence says to call and whom.
func (e *examiner) reaches() bool {
	for _, s := range e.d.sents {
		call, whom, tell, us := false, false, false, false
		for _, t := range e.d.toks[s.first:s.last] {
			stem := plainStem(t.word)
			call, tell = call || calling[stem], tell || informing[stem]
			whom, us = whom || answering[stem] || t.is(numeral), us || ours[stem]
		}
		if call && whom || tell && us {
			return true
		}
	}
	return false
}

// To call is to call somebody who answers; to tell is to tell those who warn.
var (
	calling   = stems("call phone telephone ring dial contact radio number hotline")
	answering = stems("us me police officer desk duty emergency security hotline control supervisor commander manager guard station embassy consulate operator team office reception number line host liaison detective sergeant inspector")
	informing = stems("tell report reach speak write ask")
	ours      = stems("us desk duty hotline control security")
)

// aside are the sentences about whom to call.
func (e *examiner) aside() map[int32]bool {
	list := map[int32]bool{}
	for _, v := range e.vals {
		if v.kind == aPhone {
			list[e.d.toks[v.tok].sent] = true
		}
	}
	for _, t := range e.d.toks {
		switch t.word {
		case "call", "dial", "phone", "telephone", "ring", "answers", "reached", "desk", "emergency":
			list[t.sent] = true
		}
	}
	return list
}

// holds reports whether a word of an item stands outside of the sentences left out.
func (e *examiner) holds(id string, without map[int32]bool) bool {
	english := englishText(e.d) && !e.bilingual()
	for _, t := range e.d.toks {
		if without[t.sent] {
			continue
		}
		if needs[id][plainStem(t.word)] || needs[id][t.stem] {
			return true
		}
		if (!english || t.is(foreign)) && beginsLike(t.word, foreignNeeds[id]) {
			return true
		}
	}
	return false
}

// beginsLike reports whether a word begins like one of a list; very short beginnings
// must be the whole word.
func beginsLike(word string, list []string) bool {
	for _, b := range list {
		if word == b || utf8.RuneCountInString(b) >= 3 && strings.HasPrefix(word, b) {
			return true
		}
	}
	if r, size := utf8.DecodeRuneInString(word); strings.ContainsRune("وفبلکسیتنا", r) && len(word) > size+5 {
		return beginsLike(word[size:], list) // what Arabic writes onto a word
	}
	return false
}

// located reports whether the text says where: one of the case's places, a place with
// a name, or, to whoever knows which is meant, a place of their own. The public does
// not know it.
func (e *examiner) located() bool {
	if len(e.p.places.Scan(e.d.text)) > 0 {
		return true
	}
	for i, t := range e.d.toks {
		if e.p.isPlace(e.x.skelA[i]) {
			return true
		}
		if i > 0 && placing[e.d.toks[i-1].word] && e.d.toks[i-1].word != "of" && t.is(capital) && !t.plain() && !publicNames[t.word] && !t.is(numeral) && !stopWords[t.word] && months[t.word] == 0 && !weekdayWord(t.word) {
			return true
		}
	}
	return e.p.q.Draft.Kind != tocsin.PublicWarning && e.ownPlace()
}

// ownPlace reports whether a place stands in a sentence about the danger, or as one
// of the reader's own.
func (e *examiner) ownPlace() bool {
	if !englishText(e.d) || e.bilingual() {
		return e.holds("where", nil)
	}
	for i, t := range e.d.toks {
		if !needs["where"][plainStem(t.word)] && !needs["where"][t.stem] {
			continue
		}
		own := i > 0 && (e.d.toks[i-1].word == "your" || e.d.toks[i-1].word == "at" || i > 1 && e.d.toks[i-2].word == "your")
		if own || t.word == "here" || t.word == "anywhere" || t.word == "home" && e.harmful(int(t.at)) {
			return true
		}
	}
	return false
}

// advises reports whether the text says what to do: a request or a verb that begins
// a clause. Whom to call is not what to do.
func (e *examiner) advises() bool {
	if !englishText(e.d) || e.bilingual() {
		return e.holds("do", nil)
	}
	for i, t := range e.d.toks {
		if t.word == "please" && i+1 < len(e.d.toks) && !needs["call"][plainStem(e.d.toks[i+1].word)] {
			return true
		}
		if t.word == "safe" && i+1 < len(e.d.toks) && e.d.toks[i+1].word == "place" || t.word == "need" && i+1 < len(e.d.toks) && e.d.toks[i+1].word == "not" || firmly[t.word] && strings.HasPrefix(t.word, "offer") {
			return true // an offer of shelter is what to do
		}
		if t.word == "not" && i > 0 && e.d.toks[i-1].word == "do" && e.clause(i-1) || t.word == "don" && e.clause(i) {
			return true
		}
		if !needs["do"][plainStem(t.word)] {
			continue
		}
		if t.word == plainStem(t.word) || t.stem == t.word || strings.HasSuffix(t.word, "e") {
			if e.clause(i) {
				return true
			}
		}
		for k := i - 1; k >= max(0, i-6) && e.d.toks[k].sent == t.sent; k-- {
			if w := e.d.toks[k].word; firmly[w] {
				return true
			}
		}
	}
	return false
}

// firmly are the words of advice that no statement of fact has.
var firmly = set("please should must advise advised advises recommend recommended recommends urge urged urges ought suggest suggested advice ask asks asked request requested requests rather offer offers offered safer wise wiser best better kindly")

// clause reports whether token i begins a clause: a sentence, or what stands behind
// a comma, colon, dash or semicolon or an opening "and".
func (e *examiner) clause(i int) bool {
	if i == 0 || e.d.toks[i].is(opens) {
		return true
	}
	return strings.ContainsAny(e.d.gap(i-1), ":;,-–—•(\n")
}

// bilingual reports whether a good part of the text is in another script.
func (e *examiner) bilingual() bool {
	n := 0
	for _, t := range e.d.toks {
		n += b2i(t.is(foreign))
	}
	return n*4 > len(e.d.toks) || e.tongue()*7 > len(e.d.toks)
}

// tongue counts the words of grammar of the language in Latin letters, English apart,
// of which the text has most.
func (e *examiner) tongue() int {
	most := 0
	for _, tongue := range tongues {
		n := 0
		for _, t := range e.d.toks {
			n += b2i(tongue[t.word])
		}
		most = max(most, n)
	}
	return most
}

// tongues are the words of grammar of the languages in Latin letters whose needs the
// guard knows; a text in other scripts is known by its script.
var tongues = []map[string]bool{
	set("el la los las de del que en y no por para con una un se su al"),
	set("le la les des du de et en un une est que pas pour dans vous ne sur"),
	set("der die das und ist nicht mit von zu den dem sie bitte ein eine im am auf"),
	set("ve bir bu icin ile da de olabilir lutfen size veya her saat"),
	set("il lo gli di che non per con una della nel"),
	set("o os as da do em não nao um uma para com que"),
	set("da a ko ba na ta za ya wannan kuma su ku mu"),
	set("na ya wa kwa ni katika au za la hadi ili"),
}

// known reports whether the guard has words for the text's language.
func (e *examiner) known() bool {
	if englishText(e.d) {
		return true
	}
	script := 0
	for _, t := range e.d.toks {
		if r, _ := utf8.DecodeRuneInString(t.word); unicode.In(r, unicode.Cyrillic, unicode.Arabic) {
			script++
		}
	}
	return script*2 >= len(e.d.toks) || e.tongue()*6 >= len(e.d.toks)
}
