package release

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"tocsin"
)

// Words that say how something is known: the verbs of collection, who told, how
// near the teller stood, how a source is graded, how few could have told. English
// is matched by patterns with room for a few words between; other languages by the
// beginnings of words, which bear most of their endings.
//
// Limits: patterns know no irony and little grammar. A sentence that says "we
// cannot" or speaks of what the reader may see or hear weighs less, because honest
// warnings say both. Other languages are known by some dozen stems each.

type clue struct {
	res   []*regexp.Regexp
	level tocsin.GuardLevel
	rule  string
	what  string
	do    string
}

func pattern(parts ...string) []*regexp.Regexp {
	var res []*regexp.Regexp
	for _, p := range parts {
		res = append(res, regexp.MustCompile(`(?i)\b(?:`+strings.ReplaceAll(p, " ", `[\s,]+`)+`)\b`))
	}
	return res
}

const (
	group  = `(?:group|cell|gang|network|circle|organi[sz]ation|leadership|ring|team|crew|faction|movement|household|house|home|club|office|kitchen|class|family|entourage|inner circle|party|unit|branch|plot|company|firm|prison|wing)`
	spoke  = `(?:told|said|says|tells|reported|reports|admitted|revealed|confided|confirmed|warned|informed|heard|passed|described|disclosed|leaked|relayed|overheard|saw|claims?|claimed|contacted|came forward|gave|provided|recounted|mentioned)`
	things = `(?:messages?|calls?|e-?mails?|chats?|conversations?|letters?|phones?|texts?|documents?|posts?|voice (?:notes?|messages?|mails?)|channels?|mailbox(?:es)?|accounts?|laptops?|notes?|communications?|traffic|telephones?|discussions?|servers?|inbox|group chat|diary|correspondence|forum|footage|devices?|computers?|recordings?)`
	role   = `(?:employee|worker|neighbou?r|relative|colleague|friend|guard|nurse|inmate|cellmate|driver|cook|cleaner|barber|waiter|waitress|barman|porter|mechanic|courier|cousin|brother|sister|wife|husband|girlfriend|uncle|aunt|nephew|niece|accountant|secretary|clerk|associate|member|tenant|landlord|moderator|patient|pupil|teacher|imam|priest|servant|gardener|tailor|translator|typist|assistant|shopkeeper|storekeeper|lads?|man|woman|girl|boy|person|men|women)`
	doing  = `(?:works?|worked|sits?|sat|cooks?|cooked|drives?|drove|cleans?|cleaned|serves?|served|shares?|shared|plays?|played|lives?|lived|rides?|trains?|prays?|eats?|sleeps?|keeps?|does|did|folds?|sews?|types?|typed|guards?|guarded|prepares?|carries|carried|attends?|belongs?|belonged|was to|once)`
	few    = `(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|a few|few|a handful of|a handful|a couple of|half a dozen|a dozen|barely a dozen)`
	folk   = `(?:people|men|women|persons?|individuals|members|others?|them|officers|participants|attendees|operatives|souls|associates|employees|staff|colleagues|inmates|guards)`
)

var clues = []clue{
	{pattern(`intercept(?:ed|ions?)`, `intercepts? (?:of|show\w*|from|indicat\w*|reveal\w*|suggest\w*)`, `(?:telephone|phone|radio|communications?|signals?|comms|electronic|call|message) intercepts?`, `wire-?tap\w*`, `phone[- ]?tap\w*`,
		`tapp(?:ed|ing) (?:\w+ ){0,3}(?:phones?|lines?|calls?)`, `eavesdrop\w*`, `listened in`, `listening in`, `over-?hear\w*`, `bugg(?:ed|ing)`, `listening devices?`, `hidden (?:microphone|camera|recorder)`, `picked up (?:\w+ ){0,4}(?:chatter|signal|call|conversation)s?`, `chatter`,
		`signals? intelligence`, `sigint`, `humint`, `imint`, `geoint`, `comint`, `elint`, `masint`, `osint`, `(?:satellite|aerial|overhead|drone) (?:\w+ )?(?:images?|imagery|photo\w*|pictures?|footage|surveillance)`,
		`(?:decrypt|decipher|decod)\w+`, `imsi\W?catcher`, `cell[- ]site`, `geo-?locat\w+`, `track(?:ing|er) device`, `(?:phone|call|location|telephone|handset|billing|mobile) (?:records|data|metadata|logs|tracking)`, `metadata`, `technical (?:means|collection|coverage|source|access|operation)`, `hidden bug`,
		`(?:hack(?:ed|ing)?|breach(?:ed)?|compromis(?:ed|ing)|access(?:ed|ing)?|infiltrat\w*|penetrat\w*|clon(?:ed|ing)|seiz(?:ed|ing)|captur(?:ed|ing)|exploit(?:ed|ing)?) (?:\w+ ){0,4}`+things,
		`infiltrat(?:ed|ion|ing)`, `monitor(?:ed|ing|s)? (?:\w+ ){0,4}`+things, `(?:read|see|seen|obtain|obtained|recover|recovered|record|recorded|copied|acquired|listened to|listening to|listen to|watched|reviewed|heard|reading|seeing|got|have) (?:\w+ ){0,3}(?:their|his|her|the group's|the gang's|the suspects?'?s?|its|messages|private|encrypted) (?:\w+ ){0,2}`+things,
		`(?:we|officers|analysts|investigators|our team|our people|our service|police|agents) (?:have |had |has |were |are |also )*(?:seen|read|obtained|recovered|recorded|copied|heard|listened to|listening to|watched|watching|followed|following|photographed|filmed|observed|observing|tracked|tracking) (?:\w+ ){0,5}(?:`+things+`|him|her|them|suspects?|men|meeting|house)`), tocsin.GuardBlock, "collection/method",
		"It says by what means something was learned.", "Say what will happen and what to do; leave out every word on how it came to be known."},
	{pattern(`informants?`, `informers?`, `defectors?`, `defected`, `walk-?ins? (?:source|who|at|to|reported|told|said)`, `(?:a|the|our) walk-?in`, `undercover`, `double agents?`, `(?:a|our|the) mole`, `insiders?`, `inside (?:source|man|woman|information|contact|knowledge)`, `access agents?`, `case officers?`, `(?:our|a|the|his|her|its) handlers?`, `covert (?:human|source|agent|officer|operation|asset|contact)`, `(?:our|a|an|the|human|recruited|trusted|local|penetration) assets? (?:inside|in|within|reported|reports|told|said|who|close|has|with)`, `chis`,
		`(?:our|my|human|reliable|trusted|confidential|sensitive|secret|technical|well[- ]placed|covert|clandestine|protected|recruited|liaison|registered|unilateral|proven|new|tested|direct|intelligence|police|sole|single|second|credible|independent) sources?`, `(?:a|the|one|two|several|three|another) (?:\w+ ){0,2}sources? (?:\w+ ){0,3}(?:`+spoke+`|close to|inside|within|with access|who)`, `sources? (?:`+spoke+`|close to|inside|within|indicate\w*|suggest\w*|believe\w*|with)`, `according to (?:\w+ ){0,4}(?:sources?|reports?|contact|agent|insider|witness|member|associate|person|intelligence)`, `sources and methods`, `source (?:reporting|material|report)`,
		`(?:some(?:one|body)|(?:a |the |our |one )?(?:\w+ )?(?:man|woman|contact|agent|person|individual|friend|cooperator|people|eyes|ears|official|officer|employee|associate|relative|cousin|brother|wife|driver|guard|cook|member)) (?:on the )?(?:inside|within|in|close to|near|from|of|among) (?:\w+ ){0,3}`+group+`(?: \w+){0,4} `+spoke,
		`(?:some(?:one|body)|contact|agent|person|friend|eyes|ears|man|woman|official) (?:on the )?(?:inside|within|deep in|close to) (?:\w+ ){0,3}`+group, `on the inside`,
		`(?:a|an|one|the|his|her|their|another|former|serving) (?:\w+ ){0,2}(?:employee|neighbou?r|relative|colleague|friend|guard|nurse|inmate|cellmate|driver|cook|cleaner|barber|waiter|mechanic|courier|lieutenant|bodyguard|cousin|brother|sister|wife|girlfriend|uncle|nephew|accountant|secretary|clerk|associate|member|conspirator|co-conspirator|defendant|suspect|detainee|prisoner|participant|witness|tenant|landlord|moderator|contact|patient|teacher|imam|priest|doctor|landlady|shopkeeper|translator|interpreter|assistant|attendee) (?:\w+ ){0,3}(?:`+spoke+`)`,
		`(?:was|were|have been|has been|been) (?:told|tipped off|informed|alerted) (?:of this |this )?by (?:\w+ ){0,3}(?:member|person|associate|relative|friend|source|contact|insider|employee|wife|brother|driver|partner|service|one of|someone|somebody|inmate|neighbou?r|guard)`,
		`(?:has|have|had|who) (?:come|came|gone|turned) to (?:us|the police|officers)(?: about| with| and| because)`, `(?:courage|dared|chose|decided|wanted|willing|agreed|trusted us|brave enough) (?:to |enough to )(?:tell|warn|speak to|inform|call|come to) (?:us|police|officers)`, `(?:has|have|had|with|caught|got) (?:had )?(?:sight|a look|a glimpse) (?:of|at) the`,
		`according to (?:\w+ ){0,2}(?:an? |one |some(?:one|body) )?`+role+`(?: who| in| at| of| from| near)?`, `(?:from|by|thanks to) (?:an?|one of|some(?:one|body)|her|him who|those) (?:\w+ ){0,3}(?:who|that) (?:\w+ ){0,2}`+doing,
		`one of (?:the|those|his|her|their) (?:\w+ ){0,4}(?:`+spoke+`|had the|has the)`,
		`whistle-?blowers?`, `(?:some(?:one|body)|(?:a|the) (?:man|woman|person|one)) (?:who|that) (?:\w+ ){0,3}(?:works?|worked|cooks?|cooked|drives?|drove|cleans?|cleaned|lives?|serves?|makes?|made|keeps?|guards?) (?:\w+ ){0,4}(?:for|with|in|at|inside|near|food)`, `on good authority`, `people on the inside`, `(?:our )?colleagues at (?:the )?(?:\w+ )?(?:station|embassy|service|agency)`, `(?:per|from|see|as per) (?:\w+ )?cable`, `debrief\w*`, `interrogat\w+`, `polygraph\w*`, `under questioning`, `confess(?:ed|ion)s?`, `cooperating (?:witness|defendant|suspect)`, `turned (?:informer|witness|state)`, `recruited (?:by us|agent)`,
		`(?:first|second|third)[- ]?hand (?:access|knowledge|information|source|account|sub-?source)`, `sub-?sources?`, `direct(?: and \w+)? (?:access|knowledge)`, `(?:indirect|good|excellent|personal|regular|privileged|continuing|unique) access`, `(?:has|had|with|have) (?:\w+ )?access to (?:the |their |his |its )?(?:\w+ )?(?:`+group+`|leader\w*|plans|planning|command\w*|plotters)`,
		`(?:was|were) (?:in|at) the (?:room|table|meeting)(?: when| where)?`, `(?:present|sat in|took part|participated|attended) (?:at|in|during) (?:the|a|that|their) (?:\w+ )?meeting`), tocsin.GuardBlock, "collection/source",
		"It points to who told, or how near they stood.", "Leave out who said it and how they could know. State the danger as what we believe."},
	{pattern(`(?:in|at|during|after|over) (?:a|an|the|his|her|their|one|that|last|this) (?:\w+ ){0,3}(?:meeting|call|conversation|phone call|chat|dinner|briefing|sermon|visit|gathering)(?: \w+){0,6} (?:he|she|they|one|leader|commander|planners?|plotters?|members?|the men|[A-Z]\w+) (?:\w+ ){0,2}(?:said|told|agreed|discussed|boasted|announced|ordered|decided|swore|promised|planned|argued|spoke|chose|settled)`,
		`(?:he|she|they|leader|commander|the (?:men|planners?|plotters?|suspects?)) (?:\w+ ){0,2}(?:said|told|agreed|discussed|boasted|announced|ordered|decided|swore|argued|spoke|complained) (?:\w+ ){0,8}(?:at|in|during|on|over|to) (?:a|an|the|his|her|their|that|last)? ?(?:\w+ )?(?:meeting|call|phone|telephone|conversation|chat|signal|telegram|whatsapp|monday|tuesday|wednesday|thursday|friday|saturday|sunday)`,
		`(?:his|her|their|the leader's|the commander's) (?:exact |own |very )words`, `(?:he|she|they|the (?:leader|commander|man|suspect)) (?:boasted|bragged|confided|complained|swore|joked) (?:that|to|about|of)`, `(?:verbatim|word for word)`), tocsin.GuardBlock, "collection/quoted",
		"It repeats what was said among the plotters, and so tells them that somebody heard it.", "Give the plan, not the talk about it."},
	{pattern(`(?:graded?|rated|rating|assessed as|admiralty|reliability|credibility|evaluated)(?: \w+){0,3} \(?[A-F][- /]?[1-6]\)?`, `source (?:grade|grading|rating|reliability)`, `(?:usually|fairly|completely|not usually) reliable`, `reporting record`, `track record of reporting`, `reported (?:reliably|accurately) (?:in the past|before)`), tocsin.GuardBlock, "collection/grade",
		"It says how the source is graded.", "Give likelihood and confidence in plain words, without saying what they rest on."},
	{pattern(`(?:only|just|no more than|fewer than|barely|at most|not more than) (?:\w+ )?`+few+` (?:\w+ ){0,2}(?:knew|know|were let|was let|are aware|were aware|were told|have been told|had been told|were in on)`, few+` people (?:\w+ )?(?:know|knew|are in on|were in on)`, `(?:let|in) (?:in )?on (?:it|the plan|the secret|this)`, `(?:told|known|shown|shared|seen|read|heard|said|witnessed|disclosed|sent|confided|attended) (?:only |just )?(?:to|by|with|among|in front of) (?:only |just |no more than |not more than |at most |fewer than |barely )?`+few+` (?:\w+ ){0,2}`+folk, `(?:besides|except|apart from|other than|save) (?:\w+ ){1,8}(?:nobody|no one|none|just|only)(?: \w+){0,4} (?:knows?|knew|heard|told|saw|seen|aware)`,
		`(?:only|just|no more than|fewer than|barely|at most|not more than) (?:\w+ )?`+few+` (?:\w+ ){0,2}`+folk+`(?: \w+){0,6} (?:knew|know|known|were|was|attended|present|heard|had|have|in|at|aware|involved|told|shared)`,
		few+` `+folk+` (?:\w+ ){0,3}(?:knew|know|knows|attended|heard|were present|were (?:at|in)|was (?:at|in)|in the room|at the meeting|are aware|were aware|were told|had been told|share the)`, `(?:known|told|disclosed|confided|shared|entrusted)(?: only| just)? (?:to|with|among) (?:only |just )?(?:`+few+`|a small|a tiny|a tight|the inner|very few)`,
		few+` (?:of )?(?:his|her|their|the|our|its) (?:\w+ ){1,3}(?:know|knew|knows|were told|have been told|had been told|are aware|were aware|heard)`, `(?:nobody|no one|none)(?: \w+){0,8} (?:knew|been told|was told|is aware)`, `(?:nobody|no one|none) (?:else|but \w+|other|outside|besides|apart)(?: \w+){0,8} (?:knows|know)`, `(?:nobody|no one|none)(?: \w+){0,8} (?:knows|know) (?:of|about|the plan|the place|this|that)`, `the only (?:person|people|one|ones|man|woman|member) (?:who|to|that)`, `(?:small|inner|tight|closed|trusted) (?:circle|group of)`, `(?:very )?few (?:people|men|members) (?:\w+ ){0,2}(?:know|knew|are aware|were told)`, `closely held`, `(?:a|the) handful of (?:people|men|members|trusted)`), tocsin.GuardBlock, "collection/circle",
		"It says how few knew, and the attacker can count them.", "Leave out who and how many knew of the plan."},
	{pattern(`(?:partner|liaison|allied|foreign|friendly|sister|neighbou?ring|counterpart|another|third[- ]country) (?:\w+ )?(?:service|intelligence|agency|agencies|services|government's service)(?: \w+){0,2}`, `liaison (?:partner|reporting|channel|officer)`, `(?:our|a|the|two|european|arab|western|regional|gulf) (?:\w+ )?(?:partners?|allies|ally)(?: \w+){0,2} (?:told|passed|gave|shared|reported|informed|warned|provided|said|supplied|confirmed|confirm|believe|saw|heard|say|tell)`, `(?:shared|passed|provided|supplied|given|received|obtained|relayed) (?:to us |with us )?(?:by|from) (?:\w+ ){0,3}(?:service|intelligence|agency|partners?|ally|allies|liaison)`, `five eyes`, `(?:israeli|american|british|french|german|russian|turkish|saudi|egyptian|jordanian|emirati|pakistani|indian|chinese|kurdish|qatari)s?'?s? (?:\w+ )?(?:service|services|intelligence|agency)`), tocsin.GuardBlock, "collection/partner",
		"It says that another service had a part in it.", "Speak for your own organisation only."},
	{pattern(`(?:an?|some|various|other|multiple) (?:\w+ )?sources?`, `sources?`, `surveillance`, `under observation`, `(?:our|the|secret|new|recent|specific|classified|credible) intelligence`, `intelligence (?:reports?|reporting|shows?|suggests?|indicates?|reveals?|that|from)`, `(?:we|i) (?:know|learned|learnt|found out|heard) (?:\w+ ){0,2}(?:from|because|through|via)`, `tip-?offs?`, `tipped off`, `anonymous (?:caller|letter|tip|call)`, `(?:was|were|been) (?:seen|heard|photographed|observed|filmed|spotted|watched|followed)`, `(?:told|tells) (?:us|our)`, `report(?:ed|s)? (?:to us|from)`, `reportedly`, `raw (?:report\w*|intelligence)`, `collected (?:on|at|from)`, `trusted (?:contact|person|friend|associate)`, `close (?:associate|contact|friend|relative)s? of`, `(?:he|she|they) (?:has|have|had)? ?(?:said|told|boasted|claimed|admitted)`, `intercepts?`, `(?:telegram|whatsapp|signal|discord|wickr|threema|facebook|matrix) (?:chat|channel|group|messages?|account|server)`, `(?:private|closed|encrypted) (?:chat|channel|group|messages?|forum|server)`, `learned (?:yesterday|today|last|on|this)`, `(?:voice|audio|video) (?:recording|message|note)s?`, `search (?:warrant|of (?:a|his|her|their))`, `(?:a|the|our) contact`, `(?:the|a|our) bug`, `(?:rang|phoned|texted|e-?mailed|approached|walked into|turned to|wrote to) (?:us|police|the police|officers|our)`, `(?:came|come|comes|coming) (?:forward|from (?:some(?:one|body)|an?|one|inside|within|his|her|their|those|people))`, `spoke up`, `let slip`, `let (?:us|the police|officers|our \w+) know (?:that|of|about|what)`, `(?:has|have|had) (?:told|warned|informed|alerted) (?:the )?(?:police|officers)`, `microphones?`, `(?:some(?:one|body)|one of them|(?:a|the|our|one) (?:man|woman|person|boy|girl|friend|guest)) (?:\w+ ){0,5}(?:hear|heard|saw|overheard|watched|listened|witnessed|noticed)`, `(?:in|at|during|after|over) (?:an?|the|his|her|their|that|last|one) (?:\w+ ){0,2}(?:session|interview|conversation|appointment|supper|confession|hearing of|sermon|card game|drinking)`, `last (?:mon|tues|wednes|thurs|fri|satur|sun)day (?:\w+ )?(?:in|at|behind|over|during|by|near|on) (?:an?|the|his|her|their) `, `audio (?:files?|clips?|tapes?)`, `(?:the|a) (?:recording|transcript|tape|screenshot|printout|photograph|picture) (?:is|was|of|goes|shows)`, `(?:was|were|had been) (?:said|discussed|mentioned|agreed|decided|talked about|spoken of|drawn|promised)`,
		`(?:some(?:one|body)|an?|one of (?:the|those|his|her|their)|another|the) (?:\w+ ){0,2}`+role+` (?:of (?:the|his|her|their) \w+ )?(?:who|that) (?:\w+ ){0,2}`+doing+` (?:\w+ ){0,3}(?:him|her|them|same|group|house|household|meals?|food|nights?|next door|with|company|office|firm|defence|gang|leader|sheets)`,
		`one of (?:the|those|his|her|their) (?:men|women|lads|girls|boys|people|wives|sons|daughters|brothers|sisters|cooks|drivers|guards|members|staff|porters|clerks) (?:of|in|from|who|at) `, `(?:from|by|through|via) (?:some(?:one|body)|an?|one) (?:of|who|inside|within|close|near)`, `(?:man|woman|person|some(?:one|body)) (?:who|that) (?:once|used to|formerly) \w+`), tocsin.GuardAsk, "collection/clue",
		"It may say how something is known.", "Take it out if it does; if not, say who has looked."},
}

// unmistakable words have one meaning in a warning. What the other patterns match is
// also said honestly ("the liaison officer", "word for word"): it is asked about.
var unmistakable = regexp.MustCompile(`(?i)intercept|wire-?tap|phone[- ]?tap|tapp(?:ed|ing)|eavesdrop|overheard|\bbugg|bug\b|listening (?:in|device)|(?:sig|hum|com|im|geo|el|mas)int\b|signals? intelligence|decrypt|decipher|imsi|cell[- ]site|informant|informer|defect|undercover|double agent|\bmole\b|\bchis\b|covert|clandestine|sub-?source|case officer|access agent|debrief|interrogat|polygraph|sources? and methods|source report|(?:our|human|confidential|secret|sensitive|recruited|unilateral|liaison|technical) (?:source|asset)|infiltrat|hidden (?:microphone|camera|recorder)|closely held`)

var (
	denied  = regexp.MustCompile(`(?i)\b(?:cannot|can't|can not|not able|unable|will not|won't|may not|must not|never|not allowed|do not ask|don't ask)\b`)
	objects = regexp.MustCompile(`(?i)\b(?:tell|told|telling|warn|warned|inform|informed|give|gave|write|wrote) you \w*\s*$`) // "of which we tell you was": the reader is no subject
	readers = regexp.MustCompile(`(?i)\b(?:if|when|should|unless|whatever|anything|whenever) (?:\w+ ){0,2}you\b|\byou (?:have |are |were |may |might |also |ever )*\w*\s*$|\b(?:report|describe|note|save|keep|photograph|record|write down)\b[^.]{0,30}$`)
)

// stemClues are the beginnings of telling words in other languages, folded. One with
// a question mark is said honestly as well.
var stemClues = map[string]string{
	"fa": "شنود رهگیر استراق خبرچین مخبر جاسوس نفوذی بازجوی ماهواره؟ منبع؟ منابع؟ رمزگشا هک؟ پناهنده؟ اعتراف",
	"ar": "تنصت التنصت اعتراض؟ مصدرنا مصادرنا مصدر؟ المصدر؟ مصادر؟ مخبر جاسوس عمیل العمیل اختراق؟ منشق المنشق استجواب التقطنا الاقمار؟ المراقبه؟",
	"ru": "перехват перехвач прослуш подслуш источник? информатор осведомит агентур перебежч взлом? допрос спутников? завербов внедрен наблюден? инсаидер прослеж? засекреч",
	"de": "abgehor abhor abgefangen telefonuberwach uberwach? quelle? quellen? informant spitzel vmann uberlaufer verdeckt verhor satellitenbild gehackt mitgehor belauscht eingeschleust insider mitgelesen observier",
	"fr": "intercept ecoutes? informateur indicateur taupe transfuge source? sources? pirate? satellit? infiltr surveillance? interroga? indic filature mouchard",
	"es": "intercept escuchas? pinchad informante confidente topo? fuente? fuentes? desertor infiltra satelital hackea interroga? vigilancia? soplon chivato espi?",
	"tr": "dinleme? dinlenen? dinledi? dinlend kaynag? kaynak? muhbir ajan? kostebek sızdır itirafc istihbarat? uydu? hacklen sorgu? takip? gizli?",
	"he": "האזנ יירוט ציתות מודיע? מקור? עריק מסתערב",
	"uk": "перехоп прослух джерел? інформатор",
	"pt": "interceptad informante? escuta? infiltra",
	"it": "intercetta informatore talpa? fonte? infiltra",
}

type stemClue struct{ stem, rule string }

var stemCluesByRune = func() map[rune][]stemClue {
	m := make(map[rune][]stemClue)
	for _, words := range stemClues {
		for w := range strings.FieldsSeq(words) {
			c := stemClue{rule: "collection/method"}
			bare := strings.TrimRight(w, "?؟")
			if bare != w {
				c.rule = "collection/word"
			}
			c.stem = foldWord(bare)
			r := []rune(c.stem)[0]
			m[r] = append(m[r], c)
		}
	}
	return m
}()

// clueGate holds the patterns of all clues, clueOf says whose each is.
var clueGate, clueOf = func() (*gated, []int) {
	var res []*regexp.Regexp
	var of []int
	for i, c := range clues {
		for _, re := range c.res {
			res, of = append(res, re), append(of, i)
		}
	}
	return gate(res...), of
}()

func (e *examiner) collection() {
	clueGate.each(e.d.text, e.lower, func(re, at, end int) { e.clue(clues[clueOf[re]], at, end) })
	for _, t := range e.d.toks {
		e.stemClue(t)
	}
	e.told()
	e.quoted()
}

var (
	quotation = regexp.MustCompile(`["“”„«][^"“”„«»\n]{8,200}["“”»]`)
	naming    = regexp.MustCompile(`(?i)\b(?:say|says? only|word|words|code|codeword|phrase|title|titled|entitled|named|called|mean|means|marked|ask|asks|labelled|reads?|button|press|sign|poster|banner)\W*$`)
)

// quoted asks about words between quotation marks that may not be said anyway: a
// warning has nobody to quote but whoever was overheard. What the reader is to say, or
// will find written, is no such quotation.
func (e *examiner) quoted() {
	if !strings.ContainsAny(e.d.text, "\"“”„«") {
		return
	}
	for _, m := range quotation.FindAllStringIndex(e.d.text, -1) {
		content, strange := 0, 0
		for i := firstFrom(e.d, m[0]); i < len(e.d.toks) && int(e.d.toks[i].at) < m[1]; i++ {
			if t := e.d.toks[i]; !stopWords[t.word] {
				content++
				strange += b2i(!e.p.allowed[t.stem] && !e.p.allowed[t.word])
			}
		}
		if content < 2 || strange == 0 || naming.MatchString(e.d.text[max(0, m[0]-40):m[0]]) || !e.p.secrets {
			continue
		}
		e.find(tocsin.GuardAsk, "collection", "collection/quoted", m[0], m[1], "It repeats somebody's words.", "Whoever said them knows who heard them.", "Give the plan, not the talk about it.")
	}
}

func (e *examiner) clue(c clue, at, end int) {
	level := c.level
	if c.rule == "collection/partner" && e.actorNamed(at, end) {
		return
	}
	if level == tocsin.GuardBlock && c.rule != "collection/grade" && !unmistakable.MatchString(e.d.text[at:end]) {
		level = tocsin.GuardAsk
	}
	s := e.sentenceAt(at)
	before := e.d.text[max(min(s.at, at), at-200):at] // near enough, and bounded where a sentence has no end
	after := e.d.text[at:max(at, min(s.end, end+40))]
	switch {
	case readers.MatchString(before) && !objects.MatchString(before) || strings.HasPrefix(strings.ToLower(after), "you "):
		level = tocsin.GuardNote
	case denied.MatchString(before):
		level = lowered(level)
	case level == tocsin.GuardAsk && e.p.inTheOpen(e.d, at, end):
		level = tocsin.GuardNote
	}
	if !e.p.secrets && level == tocsin.GuardAsk {
		level = tocsin.GuardNote // nothing behind the warning is kept from its readers
	}
	e.find(level, "collection", c.rule, at, end, c.what, "Whoever is threatened may not read it alone; the attacker will ask who could have told.", c.do)
}

// actorNamed reports whether the two words that begin a match, such as "foreign
// service", are those that the case has for the threat actor, and no verb of telling
// follows: then they say who threatens, not who told.
func (e *examiner) actorNamed(at, end int) bool {
	s := e.p.q.Setting
	if s == nil {
		return false
	}
	i := firstFrom(e.d, at)
	if i+1 >= len(e.d.toks) {
		return false
	}
	for k := i + 2; k < len(e.d.toks) && int(e.d.toks[k].at) < end; k++ {
		if telling[e.d.toks[k].word] {
			return false
		}
	}
	actor := " "
	for _, t := range read(s.Actor).toks {
		actor += t.word + " "
	}
	return strings.Contains(actor, " "+e.d.toks[i].word+" "+e.d.toks[i+1].word+" ")
}

// telling are the verbs by which another service hands something on.
var telling = set("told passed gave shared reported informed warned provided said supplied says sent confirmed")

func (e *examiner) stemClue(t token) {
	r, _ := utf8.DecodeRuneInString(t.word)
	for _, c := range stemCluesByRune[r] {
		if !strings.HasPrefix(t.word, c.stem) || plainWords[plainStem(t.word)] || englishText(e.d) && !t.is(foreign) {
			continue
		}
		level := tocsin.GuardAsk
		if !e.p.secrets {
			level = tocsin.GuardNote
		}
		e.find(level, "collection", c.rule, int(t.at), int(t.end), "It may say how something was learned.", "The attacker will ask who could have told.", "Leave out every word on how it came to be known.")
		return
	}
}

// englishText reports whether a text is written in English, by its words of
// grammar.
func englishText(d *document) bool {
	if d.english == 0 {
		d.english = 1
		n := 0
		for _, t := range d.toks {
			switch t.word {
			case "the", "and", "of", "to", "is", "that", "with", "your", "you":
				n++
			}
		}
		if n*12 >= len(d.toks) {
			d.english = 2
		}
	}
	return d.english == 2
}

func lowered(l tocsin.GuardLevel) tocsin.GuardLevel {
	if l == tocsin.GuardBlock {
		return tocsin.GuardAsk
	}
	return tocsin.GuardNote
}
