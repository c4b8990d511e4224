package release

import "strings"

// Number words in the languages of the guard: English, German, French, Spanish,
// Italian and Portuguese in part, Russian, Ukrainian, Turkish, Persian, Arabic, Hausa
// and Swahili, with tens, hundreds and thousands, and the collective numbers of the
// Slavic languages. Words of two languages that are spelt alike and mean different
// numbers have the meaning that stands first here.
//
// Limits: ordinals are read in English only, fractions as halves and quarters, and
// where a number ends is decided by size alone, so that "twenty, five" is 25.

// smallNumbers are number words below a hundred, folded.
var smallNumbers = func() map[string]int {
	m := make(map[string]int)
	for _, row := range []struct {
		from, step int
		words      string
	}{
		{0, 1, "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"},
		{30, 10, "thirty forty fifty sixty seventy eighty ninety"},
		{0, 1, "null eins zwei drei vier funf sechs sieben - neun zehn - zwolf dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn zwanzig"},
		{30, 10, "dreissig vierzig funfzig sechzig siebzig achtzig neunzig"},
		{0, 1, "zero - deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"},
		{20, 10, "vingt trente quarante cinquante soixante septante octante nonante"},
		{0, 1, "cero uno dos tres cuatro cinco seis siete ocho nueve diez - doce trece catorce quince dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve"},
		{30, 10, "treinta cuarenta cincuenta sesenta setenta ochenta noventa"},
		{0, 1, "- - due tre quattro cinque sei sette otto nove dieci"},
		{0, 1, "- um dois tres quatro cinco seis sete oito nove dez"},
		{0, 1, "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать"},
		{0, 1, "- одного двух трех четырех пяти шести семи восьми девяти десяти одиннадцати двенадцати"},
		{0, 1, "- одна две трое четверо пятеро шестеро семеро восьмеро девятеро десятеро"},
		{0, 1, "- одному двоим троим четверым пятерым шестерым"}, {0, 1, "- - двое троих четверых пятерых шестерых семерых"},
		{30, 10, "тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"},
		{0, 1, "нуль один два три чотири пять шість сім вісім девять десять одинадцять дванадцять тринадцять чотирнадцять пятнадцять шістнадцять сімнадцять вісімнадцять девятнадцять двадцять"},
		{0, 1, "- одна дві троє четверо пятеро шестеро семеро восьмеро девятеро десятеро одинадцятеро дванадцятеро тринадцятеро"},
		{0, 1, "- одного двох трьох чотирьох пяти шести семи восьми девяти десяти одинадцяти дванадцяти"},
		{30, 10, "тридцять сорок пятдесят шістдесят сімдесят вісімдесят девяносто"},
		{0, 1, "sıfır - iki üç dört beş altı yedi sekiz dokuz -"}, {20, 10, "yirmi otuz kırk elli altmış yetmiş seksen doksan"},
		{0, 1, "صفر یک دو سه چهار پنج شش هفت هشت نه ده یازده دوازده سیزده چهارده پانزده شانزده هفده هجده نوزده بیست"}, {30, 10, "سی چهل پنجاه شصت هفتاد هشتاد نود"},
		{0, 1, "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة"}, {0, 1, "- واحدة اثنين ثلاث أربع خمس ست سبع ثماني تسع عشر"},
		{20, 10, "عشرون ثلاثون أربعون خمسون ستون سبعون ثمانون تسعون"}, {20, 10, "عشرين ثلاثين أربعين خمسين ستين سبعين ثمانين تسعين"},
		{0, 1, "- ɗaya biyu uku huɗu biyar shida bakwai takwas tara goma"}, {0, 1, "- daya - - hudu"}, {20, 10, "ashirin talatin arbain hamsin sittin sabain tamanin casain"},
		{0, 1, "- moja mbili tatu nne tano sita saba nane tisa kumi"}, {0, 1, "- mmoja wawili watatu wanne watano"}, {20, 10, "ishirini thelathini arobaini hamsini sitini sabini themanini tisini"},
	} {
		for i, w := range strings.Fields(row.words) {
			w = foldWord(w)
			if _, taken := m[w]; w != "" && w != "-" && !taken {
				m[w] = row.from + row.step*i
			}
		}
	}
	for unit, u := range map[string]int{"ein": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9} {
		for _, ten := range strings.Fields("zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig") {
			m[unit+"und"+ten] = u + m[ten]
		}
	}
	for w, n := range m {
		if r := []rune(w); r[0] >= 0x600 && r[0] < 0x700 && n > 2 {
			if _, taken := m["و"+w]; !taken && n >= 20 {
				m["و"+w] = n
			}
		}
	}
	m["dozen"], m["fourty"], m["pair"] = 12, 40, 2
	return m
}()

// multipliers are the words for a dozen, a hundred, a thousand and a million, folded.
var multipliers = func() map[string]int64 {
	m := map[string]int64{}
	for n, words := range map[int64]string{
		12:  "dozen docenas dutzend",
		100: "hundred hundert cent cents cien ciento cientos сто yüz صد مائة مئة dari ɗari mia",
		1e3: "thousand tausend mille mil тысяч тысячи тысяча тисяч тисячі тисяча bin هزار ألف آلاف الف dubu elfu",
		1e6: "million millions millionen millones миллион миллиона миллионов мільйон мільйони мільйонів milyon میلیون مليون miliyan milioni",
	} {
		for w := range strings.FieldsSeq(words) {
			m[foldWord(w)] = n
		}
	}
	return m
}()

// whole numbers that need no number before them: "mil pesos" is a thousand.
var wholes = func() map[string]int64 {
	m := map[string]int64{}
	for n, words := range map[int64]string{100: "cien ciento hundert сто مائة مئة", 200: "doscientos doscientas двести двісті مائتان دويست", 300: "trescientos trescientas триста سیصد", 400: "cuatrocientos четыреста чотириста", 500: "quinientos quinientas пятьсот пятсот پانصد", 600: "seiscientos", 700: "setecientos", 800: "ochocientos", 900: "novecientos"} {
		for w := range strings.FieldsSeq(words) {
			m[foldWord(w)] = n
		}
	}
	return m
}()

// joining words stand inside a number: "ochenta y cinco", "ashirin da biyar".
var joining = folded("and und et y e da na و ve")

// spokenNumber reads a number in words from token i; the second answer is i if there
// is none.
func spokenNumber(d *document, i int) (int64, int) {
	var total, part int64
	j := i
	for ; j < len(d.toks) && j < i+10; j++ {
		w := d.toks[j].word
		small, ok := smallNumbers[w]
		n := int64(small)
		times, scale := multipliers[w]
		whole := wholes[w]
		switch {
		case j > i && d.toks[j].sent != d.toks[i].sent:
			return total + part, j
		case j > i && joining[w] && j+1 < len(d.toks) && (part >= 20 || total > 0):
			if _, more := smallNumbers[d.toks[j+1].word]; !more && wholes[d.toks[j+1].word] == 0 {
				return total + part, j
			}
		case w == "vingt" && part%100 == 4 && j == i+1, w == "vingts" && part%100 == 4:
			part += 76
		case ok && (j == i || fitsBehind(part, n, strings.HasPrefix(w, "و") && n >= 20)):
			part += n
		case scale && part > 0 && times <= 100:
			part *= times
		case scale && part > 0:
			total, part = total+part*times, 0
		case whole > 0 && part%1000 == 0:
			part += whole
		default:
			return total + part, j
		}
	}
	return total + part, j
}

// fitsBehind reports whether n may follow what has been read of a number: five behind
// eighty, eighty behind a hundred, twelve behind sixty as the French count. Arabic puts
// the ten behind the one, with "and" written onto it.
func fitsBehind(part, n int64, arabicTen bool) bool {
	switch tens := part % 100; {
	case arabicTen:
		return tens > 0 && tens < 10
	case tens == 0:
		return part > 0 || n > 0 && part == 0
	case tens%20 == 0 && tens >= 60 && n >= 10 && n < 20:
		return true
	default:
		return tens%10 == 0 && tens >= 20 && n < 10
	}
}
