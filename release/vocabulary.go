package release

import (
	"strconv"
	"strings"
)

// Words that say nothing about where they come from: those of grammar, and those
// that any warning uses. A word that is not here is not secret; it merely counts
// when one text is compared with another. The lists are ours and short: a rarer
// word that happens to be innocent costs a question, never a refusal by itself.

// stopWords carry no content in any comparison.
var stopWords = folded(`a an the and or but if then than so as at by for from in into of off on onto out over to up with
 within without about above after again against all am any are because been before being below between both can cannot could did do
 does doing down during each few further had has have having he her here hers him his how i is it its itself just me more most my no
 nor not now only other our ours own same she should some such that their theirs them themselves there these they this those through
 too under until very was we were what when where which while who whom why will would you your yours us may might must shall also
 be s t re ve ll d m yes per via upon toward towards among around near us let upto
 der die das den dem des ein eine einen einem einer und oder aber ist sind war wird werden nicht mit von zu zum zur im am auf für sie
 wir ihr ich er es sich auch als bei nach vor über unter le la les un une des du et ou est sont dans sur pour par avec ne pas que qui
 vous nous il elle ils ce cette el los las una unos y o es son en con del al por para no se su sus que lo
 ve veya bir bu şu ile için de da mi mu ne var yok değil daha çok
 и в во на не с со по к ко от до из за о об у а но или что это как для мы вы они он она его ее их был была были будет мне нам вам
 و در به از که را با این آن برای است بود شد شود می ها تا یا هم بر خود ما شما آنها
 في من على الی عن ان هذا هذه ذلک التی الذی هو هی هم نحن او لا قد کان`)

// plainWords are common words, given by stem: what warnings, instructions and
// ordinary life are made of.
var plainWords = stems(`able accept access accident across act action activity actual add address adult advice advise advisory afternoon age agency bureau ago agree
 ahead aim air airport alarm alert allow alone already always ambulance amount angry animal anniversary announce annual another answer
 anybody anyone anything apart apartment appear approach april area arm armed army arrange arrest arrival arrive ask assist assume attack attempt
 attend attendance attendee attention august authority autumn available avoid aware away baby back bad bag balcony ban bank bar based bath battery be beach bear beat
 become bed bedroom began begin behave behind believe belong beside best better big bill bird birthday bit black blade block blood blow blue board body bomb book
 border both bottle bottom box boy break bridge brief bring broad brother brown build building bus business busy buy cable call calm camera camp cancel
 capital car card care careful carry case cash catch cause caution celebrate cell central centre center ceremony certain certainty chair chance change channel charge check chemical
 child children choose church circumstance citizen city civilian claim class clear clearly clinic clock close closed clothes coach code cold colleague collect college colour color come
 comfort coming commander commemoration commit committee common community company complete concern concert condition conduct confirm connect consider consul contact contain continue contractor control convoy
 cook cool cooperate copy corner correct corridor cost council country couple course court cover credible credit crime criminal cross crowd culture current custody
 custom customer cut daily damage danger dangerous dark data date daughter dawn day dead deal death december decide decision deep delay deliver delivery demand depart department
 depend deputy describe desk destroy detail detain deter device die different difficult dinner direct direction director disclose discuss disease display dispute distance district disturb divide doctor document
 dog door doubt draw dress drink drive driver drop drug dry due dusk duty early east easily easy eat eight either elder election eleven else email embassy emergency employ employee employer empty end
 enemy enforce engage enough ensure enter entire entrance entry equal escape especially escort estimate evacuate even evening event ever every everybody everyone everything evidence exact examine example except exchange exercise exist exit
 expect experience explain explode explosion explosive extra extremely eye face facility fact factory fail fair faith fall false family far farm fast father fear february feel fellow fence festival field fifteen fifty fight fill final find
 fine finger finish fire firearm firm first fit five fix flag flat flee flight floor flow fly folder follow food foot force foreign forest forget form former forward four free freedom frequent fresh friday friend front fuel full fun function funeral
 future gain game gang garage garden gas gate gather gathering general gentle get girl give glad glass go goal goods government grave great green grenade grey gray ground group grow guard guess guest guide gun guy hair half hall hand handle hang happen happy hard
 harm hate head health hear heart heat heavy help hide high hill history hit hold hole holiday home honest hope hospital host hostage hot hotel hour house however huge human hundred hurt husband idea identify identity if ignore immediate immediately impending important
 improve include increase indeed individual inform information injure injury inside instead institution instruct instruction intend intelligence intent intention interest intruder investigate invite involve issue item january job join journal journalist journey july june just keep key kick kidnap kill kind
 kitchen knife knock know known lack lady land language large last late later law lawyer lead leader leaflet learn least leave left legal lesson letter level license lie life lift light like likely limit line link list listen little live local location lock long look loose lorry lose lot loud love low luck luggage lunch
 mail main maintain major make male man manage manager many map march mark market mass match matter may mean measure media medical medicine meet meeting member men mention message method middle midnight might military minute miss missile mistake mobile moment monday money month morning mosque mother motor mouth move movement mr much
 murder music name narrow nation national nature near nearly necessary neck need negotiate neighbour neighbor neither never new news next night nine nobody noise none noon normal north note nothing notice notify november number nurse obey object observe obvious occur october offer office officer official often old once one online
 open operate operation operator opinion opposite order ordinary organise organize other outside owe own owner pack package page pain paper parcel parent park part participant particular partner party pass passenger passport past path patient patrol pay pedestrian people perhaps period permit person personal phone photo photograph pick picture piece pistol place plan plane plant
 plate platform play please plot point police policy poor popular position possible post potential power practice prayer precaution prefer premises prepare presence present press prevent previous price prison prisoner private probable probably problem process produce profile program project promise proof proper property protect protection protest prove provide
 public publish pull pupil purpose push put quarter question queue quick quickly quiet quite radio raid railway rain raise ransom rapid rare rather reach react read ready real really reason reassure receive recent recently recognise recognize recommend record red reduce reference refuse region regular relate relation relative release reliable religious remain remember remove rent repair
 repeat replace reply report request require rescue resident residence respond response responsible rest restaurant result retaliate return revenge review ride rifle right ring risk river road robbery roof room round route routine rule run rush sad safe safety salary sale saturday save say scene schedule school screen search season seat second secret secretary section secure security see seek seem
 self sell send senior sense separate september series serious seriously serve service session set seven several severe shall shape share shelter shift shoot shop shopping short shot shoulder shout show shut sick side sight sign signal silence silent similar simple since single sister sit site situation six size skill sleep slow small smell smile smoke snow social soldier solution somebody someone something
 sometimes son soon sorry sort sound source south space speak special specific speech speed spend sport spot spring square staff stage stair stand standard start state statement station stay step still stock stop store storm story straight strange stranger street strength strike strong student study stuff style subject succeed success such sudden suddenly suffer suggest suicide suit summer sun sunday supply support suppose sure
 surprise survive suspect suspicious switch system table take talk target task taxi teach teacher team telephone tell temple ten term terrible terror terrorism terrorist test text thank theatre theater thing think third thirty thousand threat threaten three throw thursday ticket tie time tired today together tomorrow tonight tool tooth top total touch tour tourist town track trade traffic train training transport travel traveller treat tree trial trip trouble truck
 true trust truth try tuesday turn tv twelve twenty twice two type ugly understand unit unite university unknown unlikely unsafe unusual update upper urgent use useful usual usually valley value van various vehicle verify version vest victim video view village violence violent visit visitor voice volunteer vote wait walk wall want war warn warning wash watch water way weak weapon wear weather web wedding wednesday week weekend
 welcome well west wheel white whole wide wife wild win wind window winter wise wish withdraw witness woman women wonder wood word work worker workshop world worry worship worshipper worth wound write wrong yard year yellow yesterday yet young youth zone
 abroad accompany alternative anonymous armoured assault assassin assassinate assassination authorise barrier behaviour bodyguard bullet casualty cathedral cemetery checkpoint colonel conference confidential consent consulate crew curfew delegation deployment detonate driveway employee entrance evacuation extortion extremist faction fatal gunfire gunman gunmen hearing hostile hotline household immigrant inmate insurgent knifeman laptop liaison luggage lockdown marathon minister ministry militant motorcade
 nationality nearby neighbourhood offender overnight parade parliament perimeter pharmacy pilgrim pilgrimage plotter postpone procession proximity rally reception reconsider religion remembrance reside ringleader robbery rucksack sabotage shelter shrine shooter shooting spokesperson spouse stab stabbing stadium supervisor suspicion synagogue telephone tribunal truce unattended undertake vandal venue verification vigil vigilant vulnerable warden wing
 reschedule reroute vary varying helpline assistance assess assessment confidence moderate likelihood onward duration expire expiry validity valid unaware uncertain unconfirmed approximately regarding concerning respect mandatory`)

// irregular are the forms of common verbs and nouns that no ending shows, with the
// small words of letters and conversation.
var irregular = set(`told wrote written kept used heard said saw seen went gone came got gotten gave given took taken made did done knew known thought brought bought caught taught
 found felt fell fallen left lost met paid put ran sent sold spent stood sat set slept spoke spoken stole stolen swore sworn threw thrown understood woke worn wore won began begun broke broken built burnt chose chosen
 cut dealt drew drawn drank drunk drove driven ate eaten fought flew flown forgot forgotten forgave froze frozen grew grown hid hidden held hurt laid led learnt lent let lit lay lain meant read rode ridden rang rung rose risen
 sang sung sank shook shaken shone shot shut sought sank spread sprang struck stuck swam swept taken tore torn wound withdrew withdrawn wept lives wives children men women feet teeth people
 yours mine ours theirs else instead anyway sorry thanks hello goodbye sincerely regards ago forth hence thus whether unless although though despite rather quite maybe perhaps`)

// plainThings are common nouns and verbs of daily life, by stem: what advice is given
// about (clothes, food, rooms, transport, trades, sport).
var plainThings = stems(`song sing choir music dance band scarf coat jacket hat shoe boot shirt trouser glove ring watch glasses umbrella handbag purse wallet coin bread milk tea coffee water sugar salt rice meat fish fruit egg cake soup breakfast supper meal plate cup spoon fork kettle oven stove fridge
 porch roof stair ladder fence gate yard lawn tree flower grass bush hedge garden shed garage lamp lantern candle curtain carpet blanket pillow sheet towel soap mirror sofa table shelf drawer cupboard pipe tap heater laundry basket bucket rope nail hammer ladder saw spade tin jar bottle glass
 boat ferry tram bicycle bike motorcycle motorbike motor moto pickup trailer tractor wagon cart ramp pier harbour dock runway rider passenger horse donkey camel cow sheep goat chicken cat mouse rabbit farm barn mill well river lake pond sea beach hill mountain desert island cave
 porter clerk solicitor attorney barrister nurse waiter waitress barman barber butcher baker tailor plumber electrician mechanic gardener cleaner cook chef maid farmer miller fisherman painter builder welder carpenter shepherd janitor caretaker typist translator interpreter librarian conductor orchestra musician actor singer dancer writer editor author poet priest nun monk chaplain
 football tennis cricket hockey rugby swim run jog gym match goal score club league coach whistle tournament chess card dice toy doll ball kite
 chat email internet website screen keyboard printer copier copy paper pencil pen ink envelope stamp parcel postcard diary calendar notebook battery charger cable wire switch
 bandage cough cold headache
 lunch picnic party fair circus zoo museum library bakery butcher pharmacy laundrette launderette salon cinema pub tavern nightclub nursery kindergarten playground canteen cafeteria corridor basement attic lobby lift elevator staircase
 sew knit fold iron sweep scrub wash boil fry bake peel chop pour stir dig plant harvest paint glue tie knock lean crawl climb jump kneel nod wave whisper yell scream laugh weep cry hum`)

// synonyms maps a stem to the word by which its meaning is compared. The list is
// closed: intelligence and violence, where paraphrase is most tempting.
var synonyms = func() map[string]string {
	m := make(map[string]string)
	for _, line := range strings.Split(`attack assault strike raid onslaught
bomb explosive ied device bombing blast explosion detonate detonation charge
kill murder assassinate assassination slay slaughter execute execution liquidate
meeting gathering assembly session conclave rendezvous
cell group team squad unit crew faction
leader commander emir boss chief head amir
money cash fund payment finance
car vehicle automobile
gun pistol firearm handgun weapon revolver
rifle kalashnikov ak47
buy purchase acquire obtain procure
say tell state remark mention declare
plan plot scheme intend intention conspiracy
hide conceal stash cache
house home residence dwelling
flat apartment
phone telephone mobile cellphone handset
letter message note communication
courier messenger
begin start commence
move transport transfer ship shift
arrive come reach
send dispatch deliver
child kid
kidnap abduct abduction kidnapping hostage
friend associate companion comrade
guard sentry watchman
boat vessel ship
doctor physician medic
quarrel argue argument dispute
brother sibling
youth teenager adolescent
knife blade dagger
prepare ready arrange
sketch draw drawing map diagram
kilogram kilo kg
metre meter m
kilometre kilometer km
picture photograph photo image
cook chef
wage salary pay
warehouse depot store
medicine medication drug pill`, "\n") {
		words := strings.Fields(line)
		head := plainStem(words[0])
		for _, w := range words[1:] {
			if s := plainStem(w); m[s] == "" && s != head {
				m[s] = head
			}
		}
	}
	return m
}()

// harmWords, by stem, say that a sentence speaks of the danger.
var harmWords = stems(`attack assault strike raid bomb bombing explosion explosive explode kill murder shoot shooting stab stabbing kidnap abduct
 abduction ambush threat harm hurt violence hostage rob robbery arson burn poison assassinate assassination gun weapon knife ransom extortion beat
 injure fire flame crash collapse virus malware stalk retaliate torture deport detain detention arrest shot abuse force trap hunt lynch loot seize hit detonate sabotage vandal doxx swat rape danger riot drone rocket missile target die dead fight`)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// folded is a set of words in the form in which tokens are compared.
func folded(words string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		m[foldWord(w)] = true
	}
	return m
}

func stems(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[plainStem(w)] = true
	}
	return m
}

// plain reports whether a token is a common word or carries no content.
func (t token) plain() bool {
	return stopWords[t.word] || irregular[t.word] || plainWords[t.stem] || plainWords[plainStem(t.word)] || t.is(numeral) && len(t.word) < 3 || len(t.word) < 2
}

// stemOf is the stem of a folded word, as its synonym; number words become digits.
func stemOf(w string) string {
	if n, ok := smallNumbers[w]; ok {
		return strconv.Itoa(n)
	}
	s := plainStem(w)
	if c, ok := synonyms[s]; ok {
		return c
	}
	return s
}

// plainStem takes the common English endings off. It is deliberately weak: it
// joins inflections, not word families.
func plainStem(w string) string {
	if len(w) < 4 || w[0] >= 0x80 {
		return w
	}
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "shes") || strings.HasSuffix(w, "ches") || strings.HasSuffix(w, "xes"):
		w = w[:len(w)-2]
	case strings.HasSuffix(w, "ss") || strings.HasSuffix(w, "us") || strings.HasSuffix(w, "is"):
	case w[len(w)-1] == 's':
		w = w[:len(w)-1]
	}
	switch {
	case strings.HasSuffix(w, "ied") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "ing") && len(w) > 5:
		w = undouble(w[:len(w)-3])
	case strings.HasSuffix(w, "ed") && len(w) > 4:
		w = undouble(w[:len(w)-2])
	case strings.HasSuffix(w, "ly") && len(w) > 5:
		w = w[:len(w)-2]
	}
	if len(w) > 3 && w[len(w)-1] == 'e' {
		w = w[:len(w)-1]
	}
	return w
}

func undouble(w string) string {
	if n := len(w); n > 3 && w[n-1] == w[n-2] && w[n-1] != 's' && w[n-1] != 'l' {
		return w[:n-1]
	}
	return w
}
