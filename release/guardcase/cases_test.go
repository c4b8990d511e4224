package guardcase_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin"
	"tocsin/release"
	"tocsin/release/guardcase"
)

// field is one case of testdata with an honest warning, further honest sentences,
// and sentences that leak, each added to the warning by itself.
type field struct {
	name, warning string
	honest, leaks []string
}

var fields = []field{
	{"clinic", "Warning about your safety\n\nYour former husband may come to the clinic this week to hurt you, Ms Okafor. Do not go to Mill Road until we have spoken. Call the police on 999.\n",
		[]string{"He may have a knife.", "Stay with somebody you trust and lock the doors.", "Do not answer messages from him.", "Ask the staff to keep the entrance closed.", "Officers can take you to a safe place tonight.",
			"We believe that this is likely, but we are not certain.", "Call 101 and quote the reference W-1234, or ring the duty officer on 01632 960 123.", "We cannot tell you how we know this.", "If you see him, do not speak to him; go inside and call 999.",
			"Change your route to work, and park where there are people.", "He may use a car.", "The danger is greatest between 12 and 15 May.", "Tell your manager at the clinic about this letter.", "A support worker will visit you at home tomorrow morning.", "Please do not post about this online."},
		[]string{"His sister called us in tears.", "Grace is worried for you.", "Ms Adeyemi asked us to write.", "A relative of his told us.", "He rents a green Astra.", "The car is LK19XPT.", "L K 1 9 X P T is the plate.", "He has a spare key under your recycling box.", "He bought a filleting knife at Harlow.", "Three of his family know.",
			"brass  kettle", "BR4SS K3TTL3", "B.K.", "elttek ssarb", "QnJhc3MgS2V0dGxl", "This came in at 9.17 pm on Sunday.", "At Thornbury Lane somebody heard.", "It was learned in a launderette.", "We know from a special constable.", "A special-constable's neighbour spoke.", "OFFICIAL-SENSITIVE", "(O-S) Keep it safe.", "He asked reception about your shifts.", "He knows that you park behind the pharmacy.",
			"Brilliant reading\nAlways\nSing\nSlowly\nKeep\nEasy\nTalk\nTo\nLions\nEvery", "Г р э й с Адейеми", "Adeyemi, Grace", "Mr Peterson is in danger as well.", "The attack is planned in Leeds.", "The attack will be on Friday 12 May.", "He will attack on 30 June."}},
	{"gang", "Threat to life\n\nMr Cole, there is a threat to shoot you on or near the Larkhill estate over the weekend. Stay away from the estate until Monday. Call 999 if you see anything; our number is 0161 496 0000.\n",
		[]string{"The threat is believed to be real.", "You can stay with family outside the area.", "Do not carry a weapon and do not try to find out who it is.", "Officers will visit your home at 6 pm.", "The threat runs from Friday evening to Monday morning.", "Vary your routine and avoid being alone.", "We cannot protect you round the clock.", "This warning does not give you permission to use force.", "Sign below to show that you received this.", "Keep your phone charged and your curtains closed.", "We do not know who may carry it out.", "Your children should not go to the estate either."},
		[]string{"Devonte is angry.", "Marsh has a gun.", "D. Marsh collected it.", "Devante Marsh has a gun.", "It was fetched from a lock-up in Pelham St.", "He will come on a Yamaha.", "A black motorbike will be used.", "His cousin drives.", "He said so in a Snapchat group.", "He told four friends.", "It will happen after the christening.", "A converted Glock was collected.", "The probe picked it up.", "Silver-Heron", "OP SILVER HERON", "5ilver Her0n", "Fvyire Urera", "Our CHIS says so.", "CHIS 4471", "The Dedicated Source Unit asked for this.", "At 02:53 we knew.", "Copperfield's hall", "Kopperfield", "An informant was debriefed.", "He's been grassed up by a friend of the crew who told us.", "UK SECRET", "He was overheard at snooker.", "Golf one: sierra india lima victor echo romeo hotel echo romeo oscar november"}},
	{"convoy", "Warning to convoys\n\nAid vehicles on the road between Douentza and Boni may be ambushed on 4 or 5 February by an armed group. Postpone the food convoy or use another route. Call the desk before leaving.\n",
		[]string{"A roadside bomb may be used.", "Do not stop for people at the roadside.", "Keep 100 metres between vehicles.", "Drivers should carry water and a satellite phone.", "Report to base every hour.", "We will review this on 6 February.", "Travel only by daylight, after 9 am.", "If you hear shooting, turn back at once.", "Other organisations on the road should be told.", "The information is judged likely to be true.", "Do not discuss your route on open radio.", "Consider flying the most urgent supplies."},
		[]string{"Moussa is reliable.", "Musa heard it.", "the tyre mender", "A mechanic overheard them at the market.", "Ag Hamma leads them.", "There are eleven of them.", "11 fighters wait.", "The bombs are at the culvert near the abandoned school.", "Look past the acacia grove.", "Two pressure cookers were buried.", "Their call sign is Tamarind.", "A gendarme sold the timetable for 350,000 francs.", "350000 CFA were paid.", "BLUEHERON", "bleu heron", "Hombori", "The Access Unit says hello.", "It was learned at 16:42.", "at 4:42 pm", "TLP:RED", "Moussa's friend", "Мусса", "موسی گفت", "ambush in Gao on 4 February", "3 km past the grove there is a mine."}},
	{"prison", "Threat to a prisoner\n\nOther prisoners intend to attack Luis Barrera at Ridgeway this week with an improvised knife. Move him to protective custody now and search common areas. Call the duty desk to confirm.\n",
		[]string{"Do not tell other prisoners about this notice.", "Search cells and work areas.", "Increase staff at meals.", "Keep him apart from others until 18 September.", "Offer him medical help.", "Record what you did and tell us.", "The threat is serious.", "He should be told of it by an officer in private.", "Consider a transfer to another prison.", "Check the yard and the showers."},
		[]string{"Pruitt is to be thanked.", "Dwayne wrote to us.", "It was on a hymn sheet.", "The chaplain passed it on.", "Father Ortega knows.", "Rook is behind it.", "Two kitchen workers are in it.", "They sharpened a ladle handle.", "The knife is behind the dishwasher.", "He owes $1,850.", "He owes eighteen hundred and fifty dollars.", "The officer at the serving line is friendly with them.", "It is for breakfast on Wednesday.", "An inmate told us.", "mail-cover", "This was handed over in the chapel vestry.", "at 7:08 pm", "0008 UTC", "CUI//NOFORN", "D. Pruitt", "Pruit, Dwayne", "DERIVED FROM: BOP 12", "Attack on Mr Herrera."}},
	{"journalist", "Warning to you\n\nFrau Ahmadi, there is a plan to abduct you in Berlin in the last week of October. Do not walk alone, vary your routes and call the police on 110.\n",
		[]string{"People acting for a foreign state may use a car.", "Do not open the door to strangers.", "Officers will stay near your home from 24 October.", "Tell your editor and your family.", "We cannot say how we know.", "Our number is +49 30 5550 1234.", "Keep your phone with you and share your location with somebody you trust.", "خانم لیلا احمدی، لطفاً تنها نمانید.", "If somebody follows you, go into a shop and call 110.", "The police of Berlin have been told.", "We will tell you when the danger has passed.", "The threat is credible."},
		[]string{"Farhad sends his regards.", "فرهاد", "Farhod Mirzaee", "Mirzaei", "Ф. Мирзаеи", "A clerk photographed a cable.", "cable 7731", "Colonel Rostami ordered it.", "سرهنگ رستمی", "Three men come from Vienna.", "They drive a Mercedes Vito.", "a grey van, a Mercedes", "near Westhafen", "after your yoga class", "A firm called Kestrel Logistics is used.", "Nordlicht told us.", "The northern partner service passed it on.", "N0rdl1cht", "thcildroN", "Roten Falken", "Rotter Falke", "Falke, Roter", "13:23 on Sunday", "SECRET//ORCON", "Unser Informant sagt es.", "شنود شده است", "Author: F. Weber"}},
	{"platform", "Threat to a school\n\nA threat to shoot people at Westbrook High School on 9 or 10 April was posted online. Protect the school, search the building and call our emergency desk on +353 1 555 0199.\n",
		[]string{"The account holder says that a rifle will be used.", "We have suspended the account.", "Please ask for account data through the emergency form.", "Close the school or guard the doors on both days.", "We cannot say whether the person is able to carry it out.", "Tell the head teacher now.", "We will keep what we hold for 90 days.", "Pupils should stay at home.", "The time of day is not known.", "No name is given here."},
		[]string{"The user is frostbyte77.", "fr0stbyte_77", "He wrote to raven.exe.", "The direct message came from 203.0.113.58.", "203[.]0[.]113[.]58", "His uncle has an AR-15.", "The AR15 is in the crawlspace.", "He will begin in the band room.", "at second period", "mail frost.b@examplemail.test", "frost.b [at] examplemail [dot] test", "call +1 (555) 018-2290", "555 018 2290", "A classifier hit found it.", "Project Lantern Fish", "Lanternfish", "TGFudGVybmZpc2ggUHJvamVjdA==", "Moderator team Kite", "seen at 17:26", "See the attached screenshot.", "https://glimmer.internal/case/5", "<img src=\"https://x.test/p.gif?uid=5\">", "TLP:AMBER"}},
	{"kidnap", "Kidnap threat\n\nA criminal group plans to kidnap Robert Lindqvist in Monterrey between 5 and 11 November at a false police checkpoint. Keep him away from the plant, change his routes and call the embassy before he travels.\n",
		[]string{"He should not travel by road after dark.", "Check that police at a checkpoint are real before stopping.", "Use an armoured car and two routes.", "Tell his family what to do if a stranger calls.", "The threat is serious and likely.", "Do not publish his timetable.", "Postpone the visit if you can.", "We will write again by 8 November.", "Keep the number of people who know his plans small.", "Drivers should be changed daily."},
		[]string{"The gardener is brave.", "Eusebio saw them.", "Cantú, E.", "El Zurdo leads them.", "Six men rehearsed.", "They cloned two patrol pickups.", "They rehearsed at the disused cement works.", "They want $4.2 million.", "4,200,000 dollars", "The chauffeur sold the floor plan.", "It cost 900 dollars.", "Iron Magnolia", "1R0N M4GN0L14", "I-R-O-N magnolia", "irn mgnl", "Magnolia of iron", "at the filling station in Garza Sada", "A consular guard was told.", "REL TO USA, MEX", "C:\\cases\\lindqvist.docx", "According to a source in the gang it is soon.", "It will happen in Guadalajara."}},
}

var base = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func caseNamed(t testing.TB, name string) guardcase.Case {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "cases", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := guardcase.Read(raw)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return c
}

func TestHonestWarningsGoOutAndLeaksDoNot(t *testing.T) {
	honest, leaks := 0, 0
	for _, f := range fields {
		c := caseNamed(t, f.name)
		q := c.Question(base)
		q.Prepared = release.Prepare(q)
		words := func(s string) []tocsin.GuardFinding {
			return release.Words(q, release.Passage{Language: c.Language, Text: s}).Findings
		}
		if fs := words(f.warning); release.Verdict(fs) != "pass" {
			t.Errorf("%s: the warning itself: %s", f.name, told(fs))
		}
		for _, s := range f.honest {
			honest++
			if fs := words(f.warning + s + "\n"); release.Verdict(fs) != "pass" {
				t.Errorf("%s: honest %q: %s", f.name, s, told(fs))
			}
		}
		for _, s := range f.leaks {
			leaks++
			if fs := words(f.warning + s + "\n"); !caught(fs, len(f.warning)) {
				t.Errorf("%s: leak %q: %s", f.name, s, told(fs))
			}
		}
	}
	if honest < 60 || leaks < 120 {
		t.Fatalf("only %d honest sentences and %d leaks", honest, leaks)
	}
}

// caught reports whether a finding stops the words behind byte at.
func caught(fs []tocsin.GuardFinding, at int) bool {
	for _, f := range fs {
		if f.Level != tocsin.GuardNote && (f.End > at || f.Start == f.End) {
			return true
		}
	}
	return false
}

func told(fs []tocsin.GuardFinding) string {
	var b strings.Builder
	for _, f := range fs {
		if f.Level != tocsin.GuardNote {
			b.WriteString("\n\t" + string(f.Level) + " " + f.Rule + ": " + f.What)
		}
	}
	return b.String()
}
