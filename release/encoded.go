package release

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"html"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words written in a code that a reader or a program turns back: base64, base32,
// hexadecimal, binary, character numbers, percent and HTML escapes, \u escapes,
// quoted-printable, Morse, the letters of radio telephony. Each stretch that may
// be one is decoded, and what comes out is searched like the text itself. Letters
// moved along the alphabet or written backwards are found by their keys
// (disguise.go), without decoding.
//
// Limits: compression and encryption are not undone; a long stretch of base64 that
// decodes to nothing readable is only asked about. At most maxDecoded bytes are
// decoded.

const maxDecoded = 1 << 20

// decoded is what one stretch of a text turns into.
type decoded struct {
	at, end int
	text    string
	how     string
}

var (
	hexRun    = regexp.MustCompile(`(?i)(?:0x|\\x)?[0-9a-f]{2}(?:[ :,-]?(?:0x|\\x)?[0-9a-f]{2}){3,}`)
	binRun    = regexp.MustCompile(`[01]{7,8}(?:[ ,]?[01]{7,8}){3,}`)
	numberRun = regexp.MustCompile(`\b\d{1,3}(?:[ ,;.-]{1,2}\d{1,3}){3,}\b`)
	morseRun  = regexp.MustCompile(`[.\-·–_]{1,5}(?:[ /|]+[.\-·–_]{1,5}){3,}`)
	escapeRun = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2}|&#?\w+;|\\u\{?[0-9a-fA-F]{4}|=[0-9A-F]{2}).*`)
	percent   = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	slashU    = regexp.MustCompile(`\\[uU]\{?([0-9a-fA-F]{4,6})\}?`)
)

// decodings returns what the text may decode to.
func decodings(d *document) []decoded {
	var out []decoded
	size := 0
	add := func(at, end int, text, how string) {
		if size += len(text); size <= maxDecoded && len(text) >= 3 && readable(text) {
			out = append(out, decoded{at, end, text, how})
		}
	}
	text := d.text
	for _, m := range codeRuns(text, 8) {
		decodeBase64(text[m[0]:m[1]], func(s string) { add(m[0], m[1], s, "base64") })
	}
	for _, m := range codeRuns(text, 8) {
		if b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(text[m[0]:m[1]], "=")); err == nil {
			add(m[0], m[1], string(b), "base32")
		}
	}
	digits := around(text, 16, isDigit)
	near := func(re *regexp.Regexp) [][]int {
		var out [][]int
		for _, w := range digits {
			for _, m := range re.FindAllStringIndex(text[w[0]:w[1]], -1) {
				out = append(out, []int{m[0] + w[0], m[1] + w[0]})
			}
		}
		return out
	}
	hexDigits := strings.NewReplacer(" ", "", ":", "", ",", "", "-", "", "0x", "", "0X", "", `\x`, "")
	for _, m := range near(hexRun) {
		if b, err := hex.DecodeString(hexDigits.Replace(text[m[0]:m[1]])); err == nil {
			add(m[0], m[1], string(b), "hexadecimal")
		}
	}
	for _, m := range near(binRun) {
		add(m[0], m[1], fromBinary(text[m[0]:m[1]]), "binary")
	}
	for _, m := range near(numberRun) {
		for _, s := range fromNumbers(text[m[0]:m[1]]) {
			add(m[0], m[1], s, "numbers")
		}
	}
	for _, w := range around(text, 8, func(c byte) bool { return c == '-' || c == '_' || c >= 0x80 }) {
		for _, m := range morseRun.FindAllStringIndex(text[w[0]:w[1]], -1) {
			add(w[0]+m[0], w[0]+m[1], fromMorse(text[w[0]+m[0]:w[0]+m[1]]), "morse")
		}
	}
	if strings.ContainsAny(text, "%&\\=") {
		for _, m := range escapeRun.FindAllStringIndex(text, -1) {
			add(m[0], m[1], unescaped(text[m[0]:m[1]]), "escapes")
		}
	}
	radio(d, func(at, end int, s string) { add(at, end, s, "radio letters") })
	return out
}

// readable reports whether decoded bytes are words rather than chance.
func readable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	letters, all := 0, 0
	for _, r := range s {
		all++
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ' {
			letters++
		} else if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
	}
	return letters*10 >= all*7
}

func decodeBase64(s string, add func(string)) {
	bare := strings.TrimRight(s, "=")
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for cut := 0; cut < 2 && cut < len(bare); cut++ { // a run may begin with a mark that is no part of it
			b := bare[cut:]
			if len(b)%4 == 1 {
				b = b[:len(b)-1]
			}
			if out, err := enc.DecodeString(b); err == nil {
				add(string(out))
			}
		}
		if !strings.ContainsAny(bare, "-_") {
			return
		}
	}
}

func fromBinary(s string) string {
	var b strings.Builder
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' }) {
		for len(f) >= 7 {
			n := min(8, len(f))
			if len(f)%8 != 0 && len(f)%7 == 0 {
				n = 7
			}
			v, _ := strconv.ParseUint(f[:n], 2, 8)
			b.WriteByte(byte(v))
			f = f[n:]
		}
	}
	return b.String()
}

// fromNumbers reads numbers as character codes, decimal or octal, and as places in
// the alphabet.
func fromNumbers(s string) []string {
	var codes, octals, places strings.Builder
	code, octal, place := true, true, true
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		n, _ := strconv.Atoi(f)
		o, err := strconv.ParseInt(f, 8, 32)
		code = code && n >= 32 && n < 127
		octal = octal && err == nil && o >= 32 && o < 127
		place = place && n >= 1 && n <= 26
		codes.WriteByte(byte(n))
		octals.WriteByte(byte(o))
		places.WriteByte(byte('a' + (n-1)%26))
	}
	var out []string
	if code {
		out = append(out, codes.String())
	}
	if octal {
		out = append(out, octals.String())
	}
	if place {
		out = append(out, places.String())
	}
	return out
}

var morse = func() map[string]byte {
	m := make(map[string]byte)
	for i, c := range strings.Fields(".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..") {
		m[c] = byte('a' + i)
	}
	for i, c := range strings.Fields("----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.") {
		m[c] = byte('0' + i)
	}
	return m
}()

func fromMorse(s string) string {
	s = strings.NewReplacer("·", ".", "–", "-", "_", "-").Replace(s)
	var b strings.Builder
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '/' || r == '|' }) {
		c, ok := morse[f]
		if !ok {
			return ""
		}
		b.WriteByte(c)
	}
	return b.String()
}

func unescaped(s string) string {
	s = html.UnescapeString(s)
	s = slashU.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.ParseUint(strings.Trim(m[2:], "{}"), 16, 32)
		return string(rune(n))
	})
	s = percent.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.ParseUint(m[1:], 16, 8)
		return string([]byte{byte(n)})
	})
	if b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(s))); err == nil && strings.Contains(s, "=") {
		s = string(b)
	}
	return s
}

var radioLetters = func() map[string]byte {
	m := make(map[string]byte)
	for i, w := range strings.Fields("alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu") {
		m[w] = byte('a' + i)
	}
	m["alfa"], m["juliett"], m["whisky"] = 'a', 'j', 'w'
	for n, w := range strings.Fields("zero one two three four five six seven eight nine") {
		m[w] = byte('0' + n)
	}
	return m
}()

// radio reads rows of four or more words of the radio alphabet as letters.
func radio(d *document, add func(at, end int, s string)) {
	for i := 0; i < len(d.toks); i++ {
		var b []byte
		j := i
		for ; j < len(d.toks); j++ {
			c, ok := radioLetters[d.toks[j].word]
			if !ok {
				break
			}
			b = append(b, c)
		}
		if j-i >= 4 {
			add(int(d.toks[i].at), int(d.toks[j-1].end), string(b))
			i = j
		}
	}
}

// codeRuns are the stretches of least bytes or more of the letters of base64 that
// are no ordinary word: a capital inside, a digit or a sign.
func codeRuns(text string, least int) [][2]int {
	var out [][2]int
	for i := 0; i < len(text); i++ {
		odd, j := false, i
		for j < len(text) && codeByte(text[j]) {
			odd = odd || j > i && text[j] >= 'A' && text[j] <= 'Z' || text[j] < 'A'
			j++
		}
		if j-i >= least && odd {
			for k := 0; k < 6 && j < len(text) && text[j] == '='; k++ {
				j++
			}
			out = append(out, [2]int{i, j})
		}
		i = max(i, j)
	}
	return out
}

func codeByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '+' || c == '/' || c == '_' || c == '-'
}

// unreadableBlob reports whether a stretch is a long code that no reader can read.
func unreadableBlob(s string) bool {
	return hasDigit(s) && strings.ToLower(s) != s && strings.ToUpper(s) != s
}
