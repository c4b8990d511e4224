package release

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A value is a fact that can be written in several ways: a number, a time of day,
// a date, a telephone number and the like, reduced to keys that do not depend on
// the writing. "half past two" is 2:30 and 14:30; 03-04 is 3 April and 4 March; a
// Persian date is its Gregorian day.
//
// Limits: number words are known up to millions in English and to a dozen in the
// other languages; months in English, German, French, Spanish, Turkish, Russian,
// Arabic and Persian. Arithmetic ("two days before Friday") is not done.
type value struct {
	kind    string // one of the kinds below
	keys    []string
	at, end int
	tok     int // first token
	n       int64
	year    int // of a date; 0 is none
	zone    *int
}

// The kinds of value.
const (
	aNumber     = "number"
	aTime       = "time"
	aDate       = "date"
	aWeekday    = "weekday"
	aPhone      = "phone"
	aMail       = "mail address"
	aNetwork    = "network address"
	aCoordinate = "coordinate"
	aCode       = "number plate or code"
	anAmount    = "amount"
	aVehicle    = "vehicle"
	aLink       = "link"
)

var (
	mailAt   = regexp.MustCompile(`(?i)[\w.+-]{1,64}\s?(?:@|\[at\]|\(at\))\s?[\w-]+(?:\s?(?:\.|\[dot\]|\(dot\))\s?[\w-]+)+`)
	ipAt     = regexp.MustCompile(`\b\d{1,3}(?:\[?\.\]?\d{1,3}){3}\b|\b[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{0,4}){3,7}\b`)
	coordAt  = regexp.MustCompile(`-?\d{1,3}[.,]\d{3,}\s*°?\s*[NSEWnsew]?\s*[,;/ ]\s*-?\d{1,3}[.,]\d{3,}|\d{1,3}°\s?\d{1,2}['′]`)
	phoneAt  = regexp.MustCompile(`(?:\+|\b)\d[\d ().\-/]{5,20}\d\b`)
	linkAt   = regexp.MustCompile(`(?i)\b(?:https?|ftps?|file|hxxps?|data|smb|javascript)\s?:\S+|\bwww\.\S+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|gov|mil|edu|info|ly|me|co|gl|app|site|link|onion|local|internal|corp|lan|intra|intranet|ru|ir|de|uk|fr)\b(?:/\S*)?|\b(?:t|bit|goo|is|ow|cutt|rb)\.(?:co|ly|gl|gd|gy)/\S+`)
	dateLike = regexp.MustCompile(`^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$`)
)

// values finds what the document states in figures. base is the year that a date
// without one is taken to be near.
func values(d *document, base int) []value {
	var vs []value
	taken := make([]bool, len(d.toks)+1)
	spans := func(kind string, re *regexp.Regexp, windows [][2]int, key func(string) string) {
		for _, m := range matchesIn(d.text, re, windows) {
			if k := key(d.text[m[0]:m[1]]); k != "" {
				first := take(d, taken, m[0], m[1])
				if first >= 0 {
					vs = append(vs, value{kind: kind, keys: []string{k}, at: m[0], end: m[1], tok: first})
				}
			}
		}
	}
	digits := around(d.text, 40, isDigit)
	spans(aMail, mailAt, around(d.text, 80, func(c byte) bool { return c == '@' || c == '[' || c == '(' }), func(s string) string {
		return strings.NewReplacer(" ", "", "[at]", "@", "(at)", "@", "[dot]", ".", "(dot)", ".").Replace(strings.ToLower(s))
	})
	spans(aLink, linkAt, dotted(d.text), func(s string) string { return strings.ToLower(strings.TrimRight(s, ".,;)")) })
	spans(aNetwork, ipAt, digits, networkKey)
	spans(aCoordinate, coordAt, digits, func(s string) string { return digitsOf(s) })
	spans(aPhone, phoneAt, digits, phoneKey)
	for i := 0; i < len(d.toks); {
		if taken[i] {
			i++
			continue
		}
		v, next := valueAt(d, i, base)
		if next == i {
			i++
			continue
		}
		vs = append(vs, v...)
		i = next
	}
	return vs
}

func matchesIn(text string, re *regexp.Regexp, windows [][2]int) [][2]int {
	var out [][2]int
	for _, w := range windows {
		for _, m := range re.FindAllStringIndex(text[w[0]:w[1]], -1) {
			out = append(out, [2]int{m[0] + w[0], m[1] + w[0]})
		}
	}
	return out
}

// dotted are the words that a link may be: with a dot between letters, or a colon
// behind a letter.
func dotted(text string) [][2]int {
	var list [][2]int
	for i := 1; i+1 < len(text); i++ {
		if text[i] == '.' && codeByte(text[i-1]) && codeByte(text[i+1]) && text[i+1] != '-' || text[i] == ':' && text[i-1] >= 'A' && !blank(text[i+1]) {
			list = widen(list, text, i-8, i+8)
		}
	}
	return list
}

// take marks the tokens between two bytes and returns the first, or -1 if one of
// them is taken or there are none.
func take(d *document, taken []bool, at, end int) int {
	lo := firstFrom(d, at)
	if lo == len(d.toks) || int(d.toks[lo].at) >= end {
		return -1
	}
	hi := lo
	for ; hi < len(d.toks) && int(d.toks[hi].at) < end; hi++ {
		if taken[hi] {
			return -1
		}
	}
	for i := lo; i < hi; i++ {
		taken[i] = true
	}
	return lo
}

// firstFrom is the first token that ends behind byte at.
func firstFrom(d *document, at int) int {
	lo, hi := 0, len(d.toks)
	for lo < hi {
		if mid := (lo + hi) / 2; int(d.toks[mid].end) <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func networkKey(s string) string {
	if strings.Contains(s, ":") {
		if strings.Count(s, ":") < 4 {
			return ""
		}
		return strings.ToLower(s)
	}
	s = strings.NewReplacer("[", "", "]", "").Replace(s)
	for part := range strings.SplitSeq(s, ".") {
		if n, _ := strconv.Atoi(part); n > 255 {
			return ""
		}
	}
	return s
}

// phoneKey is the last seven digits of what has seven to fifteen and is no date.
func phoneKey(s string) string {
	digits := digitsOf(s)
	if len(digits) < 7 || len(digits) > 15 || dateLike.MatchString(strings.TrimSpace(s)) || strings.Count(s, ",") > 0 {
		return ""
	}
	return digits[len(digits)-7:]
}

// valueAt reads the value that begins with token i. next is i if there is none.
func valueAt(d *document, i, base int) (vs []value, next int) {
	span := func(v value, j int) ([]value, int) {
		v.at, v.end, v.tok = int(d.toks[i].at), int(d.toks[j-1].end), i
		return []value{v}, j
	}
	if day, ok := weekdays[d.toks[i].word]; ok && (!shortDays[d.toks[i].word] || d.toks[i].is(capital)) {
		return span(value{kind: aWeekday, keys: []string{strconv.Itoa(int(day))}}, i+1)
	}
	if v, j := dateAt(d, i, base); j > i {
		return span(v, j)
	}
	if v, j := timeAt(d, i); j > i {
		return span(v, j)
	}
	if v, j := saidDigits(d, i); j > i {
		return span(v, j)
	}
	if n, j := numberAt(d, i); j > i {
		v := value{kind: aNumber, keys: []string{strconv.FormatInt(n, 10)}, n: n}
		before := d.gap(i - 1)
		if j < len(d.toks) && currencies[d.toks[j].word] {
			v.kind = anAmount
			j++
		} else if i > 0 && currencies[d.toks[i-1].word] || strings.ContainsAny(before, "$€£₽") && i > 0 || i == 0 && strings.ContainsAny(d.text[:d.toks[0].at], "$€£₽") {
			v.kind = anAmount
		}
		return span(v, j)
	}
	if v, j := codeAt(d, i); j > i {
		return span(v, j)
	}
	if v, j := vehicleAt(d, i); j > i {
		return span(v, j)
	}
	return nil, i
}

var currencies = set("dollar dollars usd eur euro euros pound pounds gbp ruble rubles rouble roubles rial rials toman tomans dinar dinars lira riyal rupee rupees afghani afghanis dollari evro dolar доллар долларов евро рублеи")

// saidDigits reads five or more single digits in words or apart as one number.
func saidDigits(d *document, i int) (value, int) {
	var b strings.Builder
	j := i
	for ; j < len(d.toks); j++ {
		w := d.toks[j].word
		n, ok := smallNumbers[w]
		switch {
		case ok && n < 10:
			b.WriteByte(byte('0' + n))
		case len(w) == 1 && d.toks[j].is(numeral):
			b.WriteString(w)
		case w == "oh" || w == "double":
			if w == "oh" {
				b.WriteByte('0')
			}
		default:
			goto done
		}
	}
done:
	if b.Len() < 5 {
		return value{}, i
	}
	s := b.String()
	return value{kind: aPhone, keys: []string{s[max(0, len(s)-7):]}}, j
}

// numberAt reads a number in digits or words.
func numberAt(d *document, i int) (int64, int) {
	t := d.toks[i]
	if t.is(numeral) {
		if len(t.word) > 12 {
			return 0, i
		}
		n, _ := strconv.ParseInt(t.word, 10, 64)
		j := i + 1
		for len(t.word) <= 3 && j < len(d.toks) && d.toks[j].is(numeral) && len(d.toks[j].word) == 3 && strings.Trim(d.gap(j-1), ",.' ’\u00a0") == "" && len(d.gap(j-1)) < 3 {
			m, _ := strconv.ParseInt(d.toks[j].word, 10, 64)
			n = n*1000 + m
			j++
		}
		return scaled(d, n, j)
	}
	if t.is(mixed) && strings.HasSuffix(t.word, "k") {
		if n, err := strconv.ParseInt(t.word[:len(t.word)-1], 10, 32); err == nil {
			return n * 1000, i + 1
		}
	}
	return spokenNumber(d, i)
}

func scaled(d *document, n int64, j int) (int64, int) {
	if j < len(d.toks) && n < 1e6 {
		if m, ok := multipliers[d.toks[j].word]; ok {
			return n * m, j + 1
		}
	}
	return n, j
}

// timeAt reads a time of day.
func timeAt(d *document, i int) (value, int) {
	w := d.toks[i].word
	switch w {
	case "noon", "midday", "mittag", "midi", "mediodia":
		return timeValue(12, 0, "exact"), i + 1
	case "midnight", "mitternacht", "minuit", "medianoche":
		return timeValue(0, 0, "exact"), i + 1
	case "half", "quarter":
		return saidTime(d, i, map[string]int{"half": 30, "quarter": 15}[w], i+1)
	}
	if h, m, half, ok := packedTime(w); ok && d.toks[i].is(mixed) {
		v := timeValue(h, m, half)
		return zoned(d, v, i+1)
	}
	n, j := numberAt(d, i)
	if j == i || n < 0 {
		return value{}, i
	}
	word := func(k int) string {
		if k < len(d.toks) {
			return d.toks[k].word
		}
		return ""
	}
	half := func(k int) (string, int) {
		switch {
		case word(k) == "am" || word(k) == "a" && word(k+1) == "m":
			return "am", k + 1 + b2i(word(k) == "a")
		case word(k) == "pm" || word(k) == "p" && word(k+1) == "m":
			return "pm", k + 1 + b2i(word(k) == "p")
		}
		return "", k
	}
	if j == i+1 && n <= 24 && j < len(d.toks) && d.toks[j].is(numeral) && len(d.toks[j].word) == 2 && d.toks[j].word < "60" && (d.gap(i) == ":" || d.gap(i) == "." || d.gap(i) == "h" || d.gap(i) == "٫") {
		m, _ := strconv.Atoi(d.toks[j].word)
		ap, k := half(j + 1)
		clock := map[string]bool{"hrs": true, "hours": true, "h": true, "uhr": true, "utc": true, "gmt": true, "z": true}[word(j+1)]
		at := i > 0 && map[string]bool{"at": true, "um": true, "by": true, "около": true, "saat": true, "ساعت": true, "الساعه": true, "before": true, "after": true, "from": true, "until": true}[d.toks[i-1].word]
		if d.gap(i) != "." || ap != "" || clock || at {
			if ap == "" && (len(d.toks[i].word) == 2 && d.toks[i].word[0] == '0' || n > 12 || clock) {
				ap = "exact"
			}
			return zoned(d, timeValue(int(n), m, ap), max(k, j+1))
		}
	}
	if n <= 12 && n > 0 {
		if ap, k := half(j); ap != "" {
			return zoned(d, timeValue(int(n), 0, ap), k)
		}
		if word(j) == "o" && word(j+1) == "clock" {
			return timeValue(int(n), 0, ""), j + 2
		}
	}
	switch next := word(j); {
	case (next == "hours" || next == "hrs" || next == "h" || next == "z" || next == "uhr" || next == "utc" || next == "gmt" || next == "local" || next == "zulu") && len(w) == 4 && n%100 < 60 && n < 2400:
		return zoned(d, timeValue(int(n/100), int(n%100), "exact"), j+b2i(next == "hours" || next == "hrs" || next == "h" || next == "uhr"))
	case (next == "past" || next == "to") && n < 30:
		return saidTime(d, i, int(n), j)
	case next == "minutes" && (word(j+1) == "past" || word(j+1) == "to") && n < 60:
		return saidTime(d, i, int(n), j+1)
	case next == "uhr" && n <= 24 || i > 0 && (d.toks[i-1].word == "ساعت" || d.toks[i-1].word == "الساعه") && n <= 24:
		return timeValue(int(n), 0, ""), j + b2i(next == "uhr")
	}
	return value{}, i
}

// saidTime reads "past two" or "to three" at token j.
func saidTime(d *document, i, minutes, j int) (value, int) {
	if j < len(d.toks) && d.toks[i].word == "half" {
		if h, k := numberAt(d, j); k > j && h >= 1 && h <= 12 {
			return timeValue(int(h), 30, ""), k // half two, as the British say it
		}
	}
	if j+1 >= len(d.toks) {
		return value{}, i
	}
	h, k := numberAt(d, j+1)
	switch w := d.toks[j].word; {
	case k == j+1 || h < 1 || h > 12:
		return value{}, i
	case w == "past":
		return timeValue(int(h), minutes, ""), k
	case w == "to":
		return timeValue(int(h+11)%12, 60-minutes, ""), k
	}
	return value{}, i
}

// packedTime reads 1430h, 0230z, 7am, 14h30.
func packedTime(w string) (h, m int, half string, ok bool) {
	for _, suffix := range []string{"am", "pm", "hrs", "h", "z", "l"} {
		digits, found := strings.CutSuffix(w, suffix)
		n, err := strconv.Atoi(digits)
		if !found || err != nil {
			continue
		}
		half = map[string]string{"am": "am", "pm": "pm"}[suffix]
		switch {
		case len(digits) == 4 && n/100 <= 24 && n%100 < 60:
			return n / 100, n % 100, cmpOr(half, "exact"), true
		case len(digits) <= 2 && (n < 24 || half != "") && n <= 24 && suffix != "z" && suffix != "l": // 24h is a day long
			return n, 0, cmpOr(half, "exact"), true
		case len(digits) == 3 && half != "" && n%100 < 60:
			return n / 100, n % 100, half, true
		}
	}
	if a, b, found := strings.Cut(w, "h"); found && len(b) == 2 {
		x, err := strconv.Atoi(a)
		y, err2 := strconv.Atoi(b)
		if err == nil && err2 == nil && x <= 24 && y < 60 {
			return x, y, "exact", true
		}
	}
	return 0, 0, "", false
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// timeValue has as keys the minutes of the day; both halves of it if the writing
// does not say which.
func timeValue(h, m int, half string) value {
	switch {
	case half == "pm" && h < 12:
		h += 12
	case half == "am" && h == 12:
		h = 0
	}
	at := func(h int) string { return strconv.Itoa((h%24)*60 + m) }
	v := value{kind: aTime, keys: []string{at(h)}, n: int64(h%24*60 + m)}
	if half == "" && h <= 12 {
		v.keys = append(v.keys, at(h+12))
	}
	return v
}

var zones = map[string]int{"utc": 0, "gmt": 0, "z": 0, "zulu": 0, "bst": 60, "cet": 60, "cest": 120, "eet": 120, "msk": 180, "irst": 210, "ist": 330, "pkt": 300, "est": -300, "edt": -240, "cst": -360, "pst": -480, "pdt": -420, "trt": 180, "ast": 180, "aft": 270}

// zoned takes the time zone behind a time.
func zoned(d *document, v value, j int) (value, int) {
	if j < len(d.toks) {
		if z, ok := zones[d.toks[j].word]; ok {
			v.zone = &z
			return v, j + 1
		}
	}
	return v, j
}

var weekdays = func() map[string]time.Weekday {
	m := make(map[string]time.Weekday)
	for _, line := range []string{
		"sunday monday tuesday wednesday thursday friday saturday",
		"sonntag montag dienstag mittwoch donnerstag freitag samstag",
		"dimanche lundi - mercredi jeudi vendredi samedi",
		"domingo lunes martes miercoles jueves viernes sabado",
		"воскресенье понедельник вторник среда четверг пятница суббота",
		"воскресенья понедельника вторника среду четверга пятницу субботу",
		"- - - среды - пятницы субботы",
		"неділя понеділок вівторок середа четвер пятниця субота",
		"неділю понеділка вівторка середу четверга пятницю суботу",
		"неділі - - середи - пятниці суботи",
		"- - - - - ятниця -", "- - - - - ятницю -", "- - - - - ятниці -", // behind the apostrophe
		"domenica lunedi martedi mercoledi giovedi venerdi sabato",
		"niedziela poniedziałek wtorek środa czwartek piątek sobota", "niedzielę - - środę - - sobotę",
		"zondag maandag dinsdag woensdag donderdag vrijdag zaterdag",
		"lahadi litinin talata laraba alhamis jumma asabar", "- - - - - juma -",
		"jumapili jumatatu jumanne jumatano alhamisi ijumaa jumamosi",
		"sun mon tue wed thu fri sat", "- - tues - thurs - -",
		"pazar pazartesi salı carsamba persembe cuma cumartesi",
		"یکشنبه دوشنبه سهشنبه چهارشنبه پنجشنبه جمعه شنبه",
		"الاحد الاثنین الثلاثاء الاربعاء الخمیس الجمعه السبت",
	} {
		for n, w := range strings.Fields(line) {
			if w != "-" {
				m[foldWord(w)] = time.Weekday(n)
			}
		}
	}
	return m
}()

// shortDays are weekdays only with a capital: small, they are other words.
var shortDays = set("sun mon tue wed thu fri sat tues thurs среда середа среду")

var months = func() map[string]int {
	m := make(map[string]int)
	for _, line := range []string{
		"january february march april may june july august september october november december",
		"jan feb mar apr - jun jul aug sep oct nov dec", "- - - - - - - - sept",
		"januar februar marz - mai juni juli - - oktober - dezember",
		"janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
		"январь февраль март апрель маи июнь июль август сентябрь октябрь ноябрь декабрь",
		"січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
		"січень лютии березень квітень травень червень липень серпень вересень жовтень листопад грудень",
		"stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
		"janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
		"- - maart - mei - - augustus - - - -",
		"janairu fabrairu maris afrilu mayu yuni yuli agusta satumba oktoba nuwamba disamba",
		"januari februari machi aprili mei juni julai agosti septemba oktoba novemba desemba",
		"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		"ocak subat mart nisan mayıs haziran temmuz agustos eylul ekim kasım aralık",
		"ینایر فبرایر مارس ابریل مایو یونیو یولیو اغسطس سبتمبر اکتوبر نوفمبر دیسمبر",
		"ژانویه فوریه مارس اوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
	} {
		for n, w := range strings.Fields(line) {
			if w != "-" {
				m[foldWord(w)] = n + 1
			}
		}
	}
	return m
}()

var jalaliMonths = func() map[string]int {
	m := make(map[string]int)
	for n, w := range strings.Fields("فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند") {
		m[foldWord(w)] = n + 1
	}
	return m
}()

func foldWord(w string) string { return runesOf(fold(w, false)) }

// spanWords stand between the two days of a stretch: "10 to 12 February".
var spanWords = set("to da and until till through or bis und au et al y a hasta e do po по до и та الی و حتی تا ila ile ve zuwa hadi na")

// firstOfSpan reads the first day of a stretch whose month stands behind its last
// day, as in "10-12 February" and "from 3 to 7 August 2026". Without it, such a
// pair would be read as the tenth of December, or as ten to twelve.
func firstOfSpan(d *document, i, base int) (value, int) {
	day, j := dayAt(d, i)
	if day == 0 || j >= len(d.toks) {
		return value{}, i
	}
	switch gap := d.gap(j - 1); {
	case spanWords[d.toks[j].word] && len(gap) <= 3 && j+1 < len(d.toks):
		j++
		if spanWords[d.toks[j].word] && j+1 < len(d.toks) {
			j++ // "al" and "a la": two words
		}
	case strings.Trim(gap, " ") == "-" || strings.Trim(gap, " ") == "–" || strings.Trim(gap, " ") == "—" || strings.Trim(gap, " ") == "/":
	default:
		return value{}, i
	}
	if last, _ := dayAt(d, j); last <= day {
		return value{}, i
	}
	v, k := dayOfMonth(d, j, base)
	if k == j {
		return value{}, i
	}
	for m := j + 1; m < k; m++ {
		if month := jalaliMonths[d.toks[m].word]; month > 0 {
			year, _ := yearAt(d, m+1)
			return jalaliValue(year, month, day, base), i + 1
		}
	}
	if month, ok := v.month(); ok {
		return dateValue(v.year, month, day), i + 1
	}
	return value{}, i
}

// month is the month of a date that has but one.
func (v value) month() (int, bool) {
	if len(v.keys) != 1 || len(v.keys[0]) != 5 {
		return 0, false
	}
	m, err := strconv.Atoi(v.keys[0][:2])
	return m, err == nil
}

// dateAt reads a date.
func dateAt(d *document, i, base int) (value, int) {
	if v, j := firstOfSpan(d, i, base); j > i {
		return v, j
	}
	if v, j := dayOfMonth(d, i, base); j > i {
		return v, j
	}
	return monthFirst(d, i)
}

// dayOfMonth reads a day that stands before its month.
func dayOfMonth(d *document, i, base int) (value, int) {
	if day, j := dayAt(d, i); day > 0 && j < len(d.toks) {
		if w := d.toks[j].word; w == "of" || w == "de" || w == "ga" {
			j++
		}
		if j < len(d.toks) && len(d.gap(j-1)) <= 3 {
			w := d.toks[j].word
			if m := months[w]; m > 0 && !(w == "may" && !d.toks[j].is(capital)) {
				year, k := yearAt(d, j+1)
				return dateValue(year, m, day), k
			}
			if m := jalaliMonths[w]; m > 0 {
				year, k := yearAt(d, j+1)
				return jalaliValue(year, m, day, base), k
			}
		}
	}
	return value{}, i
}

// monthFirst reads a month that stands before its day, and dates in figures.
func monthFirst(d *document, i int) (value, int) {
	w := d.toks[i].word
	if m := months[w]; m > 0 && i+1 < len(d.toks) && !((w == "may" || w == "march" || w == "mars") && !d.toks[i].is(capital)) {
		j := i + 1
		if d.toks[j].word == "the" && j+1 < len(d.toks) {
			j++
		}
		if day, k := dayAt(d, j); day > 0 && len(d.gap(i)) <= 2 {
			year, l := yearAt(d, k)
			return dateValue(year, m, day), l
		}
	}
	return figureDate(d, i)
}

func dayAt(d *document, i int) (int, int) {
	t := d.toks[i]
	w := t.word
	if t.is(mixed) {
		w = strings.TrimRight(w, "abcdefghijklmnopqrstuvwxyz")
		if s := t.word[len(w):]; s != "st" && s != "nd" && s != "rd" && s != "th" && s != "er" {
			return 0, i
		}
	} else if !t.is(numeral) {
		if n, ok := ordinals[w]; ok {
			return n, i + 1
		}
		if n, ok := smallNumbers[w]; ok && n > 0 && n <= 31 && !t.is(foreign) {
			return n, i + 1
		}
		return 0, i
	}
	n, err := strconv.Atoi(w)
	if err != nil || n < 1 || n > 31 || len(w) > 2 {
		return 0, i
	}
	return n, i + 1
}

var ordinals = func() map[string]int {
	m := make(map[string]int)
	for n, w := range strings.Fields("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth") {
		m[w] = n + 1
	}
	m["thirtieth"] = 30
	return m
}()

func yearAt(d *document, i int) (int, int) {
	if i < len(d.toks) && d.toks[i].is(numeral) && len(d.toks[i].word) == 4 && len(d.gap(i-1)) <= 2 {
		n, _ := strconv.Atoi(d.toks[i].word)
		if n > 1300 && n < 2200 {
			return n, i + 1
		}
	}
	return 0, i
}

// figureDate reads 2024-01-03, 3/1/2024, 03.01.24 and 03-03.
func figureDate(d *document, i int) (value, int) {
	num := func(k int) (int, bool) {
		if k >= len(d.toks) || !d.toks[k].is(numeral) || len(d.toks[k].word) > 4 {
			return 0, false
		}
		n, _ := strconv.Atoi(d.toks[k].word)
		return n, true
	}
	a, ok := num(i)
	b, ok2 := num(i + 1)
	sep := d.gap(i)
	if !ok || !ok2 || sep != "-" && sep != "/" && sep != "." {
		return value{}, i
	}
	c, ok3 := num(i + 2)
	ok3 = ok3 && d.gap(i+1) == sep
	switch {
	case ok3 && a > 1300 && b >= 1 && b <= 12 && c >= 1 && c <= 31:
		if a < 1500 {
			return jalaliValue(a, b, c, 0), i + 3
		}
		return dateValue(a, b, c), i + 3
	case ok3 && (c > 1900 || len(d.toks[i+2].word) == 2) && a >= 1 && b >= 1 && (a <= 31 && b <= 12 || a <= 12 && b <= 31):
		if c < 100 {
			c += 2000
		}
		return eitherDate(c, a, b), i + 3
	case !ok3 && len(d.toks[i].word) == 2 && len(d.toks[i+1].word) == 2 && sep != "." && a >= 1 && b >= 1 && (a <= 31 && b <= 12 || a <= 12 && b <= 31):
		return eitherDate(0, a, b), i + 2
	case !ok3 && sep == "/" && a >= 1 && b >= 1 && (a <= 31 && b <= 12 || a <= 12 && b <= 31) && !(a == 24 && b == 7) && !(a == 1 && b <= 4):
		return eitherDate(0, a, b), i + 2
	}
	return value{}, i
}

func dateValue(year, month, day int) value {
	return value{kind: aDate, keys: []string{fmt.Sprintf("%02d-%02d", month, day)}, year: year}
}

func eitherDate(year, a, b int) value {
	var keys []string
	if b <= 12 {
		keys = append(keys, fmt.Sprintf("%02d-%02d", b, a))
	}
	if a <= 12 && a != b {
		keys = append(keys, fmt.Sprintf("%02d-%02d", a, b))
	}
	return value{kind: aDate, keys: keys, year: year}
}

// jalaliValue turns a day of the Persian calendar into Gregorian days; without a
// year into those of the two years that it may lie in.
func jalaliValue(year, month, day, base int) value {
	v := value{kind: aDate}
	years := []int{year}
	if year == 0 {
		years = []int{base - 622, base - 621}
	}
	for _, y := range years {
		g := gregorian(y, month, day)
		v.keys = append(v.keys, g.Format("01-02"))
		if year != 0 {
			v.year = g.Year()
		}
	}
	return v
}

// gregorian converts a Persian date by the 33-year cycle, which is exact from 1244
// to 1472 (1865 to 2093).
func gregorian(year, month, day int) time.Time {
	y := year - 979
	days := 365*y + y/33*8 + (y%33+3)/4
	for m := 1; m < month; m++ {
		days += 30 + b2i(m <= 6)
	}
	return time.Date(1600, 3, 20, 0, 0, 0, 0, time.UTC).AddDate(0, 0, days+day-1)
}

// codeAt reads letters with digits: a number plate, a serial, a flight.
func codeAt(d *document, i int) (value, int) {
	t := d.toks[i]
	glued := func(k int) bool { return k+1 < len(d.toks) && (d.gap(k) == "-" || d.gap(k) == " ") }
	if t.is(mixed) && len(t.word) >= 4 && !ordinal(t.word) {
		j, key := i+1, t.word
		if j < len(d.toks) && d.gap(i) == " " && d.toks[j].is(shouted) && len(d.toks[j].word) <= 3 {
			key, j = key+d.toks[j].word, j+1
		}
		return value{kind: aCode, keys: []string{key}}, j
	}
	if t.is(capital) && len(t.word) <= 3 && t.word != "a" && t.word != "i" && strings.ToUpper(d.text[t.at:t.end]) == d.text[t.at:t.end] && glued(i) && d.toks[i+1].is(numeral|mixed) && len(d.toks[i+1].word) >= 2 {
		key, j := t.word+d.toks[i+1].word, i+2
		if j < len(d.toks) && glued(j-1) && d.toks[j].is(capital) && len(d.toks[j].word) <= 3 && d.toks[j].word == strings.ToLower(d.text[d.toks[j].at:d.toks[j].end]) && (d.toks[j].is(shouted) || len(d.toks[j].word) == 1) {
			key, j = key+d.toks[j].word, j+1
		}
		return value{kind: aCode, keys: []string{key}}, j
	}
	return value{}, i
}

func ordinal(w string) bool {
	digits := strings.TrimRight(w, "abcdefghijklmnopqrstuvwxyz")
	_, err := strconv.Atoi(digits)
	return err == nil && len(w)-len(digits) <= 3 && len(digits) < 3
}

var (
	colours  = set("red blue white black green grey gray silver yellow brown orange beige gold maroon turquoise purple pink dark light")
	vehicles = set("car van truck lorry pickup motorbike motorcycle taxi bus minibus sedan hatchback suv jeep scooter bicycle moped boat trailer estate saloon")
)

// vehicleAt reads a colour with a kind of vehicle, up to three words on.
func vehicleAt(d *document, i int) (value, int) {
	if !colours[d.toks[i].word] {
		return value{}, i
	}
	for j := i + 1; j < min(i+4, len(d.toks)) && d.toks[j].sent == d.toks[i].sent; j++ {
		if w := strings.TrimSuffix(d.toks[j].word, "s"); vehicles[w] {
			return value{kind: aVehicle, keys: []string{strings.Replace(d.toks[i].word, "gray", "grey", 1) + " " + w}}, j + 1
		}
	}
	return value{}, i
}
