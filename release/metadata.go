package release

import (
	"regexp"
	"slices"
	"strings"

	"tocsin"
	"tocsin/marking"
)

// What a document carries beside its words: banners and portion marks in any case,
// classification blocks, document numbers, properties of office files and
// photographs, traces of an editor, paths, addresses inside a network, headers of a
// mail. Each is a pattern; none needs to be in a list of terms.
//
// Limits: only what is visible in the text is seen; properties inside an attached
// file are not opened.

var (
	markWord   = regexp.MustCompile(`(?i)\b(?:no\s?forn|or\s?con|rel\s?to\s+[A-Z]{3}|rel\s?ido|prop\s?in|im\s?con|eyes\s+only|(?:top\s+secret|secret|confidential|ts|s|c)\s?//\s?[a-z]{2,}|ts/sci|hcs-[op]|talent\s+keyhole|sap\s+required|official[- ]sensitive|limdis|(?:u|c)//fouo|fouo|law\s+enforcement\s+sensitive|nato\s+(?:secret|confidential|restricted)|vs-nfd|nur\s+f[uü]r\s+den\s+dienstgebrauch|verschlusssache|tr[eè]s\s+secret|diffusion\s+restreinte|tlp\s?:\s?(?:red|amber(?:\+strict)?|green)|pap\s?:\s?(?:red|amber|green))\b`)
	portion    = regexp.MustCompile(`\((?:TS|S|C|R|O-S|OS|UKS|CUI|FOUO|s|ts|c)(?:\s?//?\s?[A-Za-z /,-]{1,40})?\)`)
	russian    = regexp.MustCompile(`(?i)совершенно\s+секретно|для\s+служебного\s+пользования|محرمانه|سری للغایه|سري للغاية|به\s?کلی\s?سری|خیلی محرمانه`)
	block      = regexp.MustCompile(`(?im)\b(?:derived\s+from|classified\s+by|declassif(?:y|ied)\s+on|reason\s+for\s+classification|classification\s*:|originator\s*:|source\s+(?:id|ref(?:erence)?|number|no\.?)\s*[:#]?|collector\s*:|dissem(?:ination)?\s+controls?|handling\s+caveats?|report\s+(?:number|no\.?|serial|id)\s*[:#]?|serial\s*(?:no\.?|number)?\s*:|cable\s*(?:no\.?|number|ref)|our\s+file|case\s+file\s+no|tearline\s*:|tear\s?line\s+follows|source\s+comment|(?:field|analyst|reporting officer|officer)\s+comment|end\s+of\s+message|warning\s+notice)`)
	property   = regexp.MustCompile(`(?im)^\W{0,6}(?:author|company|creator|creator\s?tool|producer|last\s?(?:modified|saved)\s?by|(?:create|creation|modify|modification|modified|created|saved|printed)\s?(?:date|at|on|time)?|template|revision(?:\s?number)?|total\s+edit(?:ing)?\s+time|manager|document\s?id|instance\s?id|gps\s?\w*|make|camera(?:\s\w+)?|lens\w*|software|exif\s?\w*|xmp\s?\w*|artist|host\s?computer|serial\s?number|date/?time\s?original|file\s?name|file\s?path|title|keywords|application|pdf\s?version|x-[\w-]+|received|return-path|message-id|in-reply-to|references|delivered-to|from|to|cc|bcc|reply-to|sent|mime-version|content-[\w-]+|dkim-signature|authentication-results|user-agent|forwarded\s+by)\s*[:=]\s*\S`)
	mild       = regexp.MustCompile(`(?i)^\W{0,6}(?:title|to|from|cc|sent|software|make|manager|template|references|application|keywords|created|modified|printed|saved|company)\s*[:=]`)
	addressing = regexp.MustCompile(`(?i)^\W{0,6}(?:to|from|cc)\s*[:=]`)
	traces     = regexp.MustCompile(`(?i)<\/?(?:w|o|xmp|rdf|dc|pdf|x):\w+|%pdf-|/(?:author|creator|producer|title|moddate|creationdate)\s*\(|\b(?:comment|deleted|inserted|formatted)\s*\[\w+\]|\[(?:deleted|inserted|comment|tracked)\b[^\]]*\]|\bdeleted:|\binserted:|\btrack(?:ed)?\s+changes?\b|<(?:del|ins|!--)|~~\S|\{\+|\[-|<<<<<<<|>>>>>>>|-----\s?(?:original|forwarded|begin)|\bon .{5,60} wrote:|\bexif\b|ifd0|dublin core|jfif|\blast (?:saved|modified|edited|printed) by\b|\bmicrosoft (?:office )?word\b|\blibreoffice\b`)
	paths      = regexp.MustCompile(`(?i)\b[a-z]:\\[\w$]|\\\\[\w.-]+\\[\w$]|(?:^|[\s("'])(?:/(?:home|users|mnt|var|srv|opt|etc|media|volumes|data|share|tmp)/[\w.-]+)|~/\w+|file:/|\b[\w-]+\.(?:docx?|xlsx?|pptx?|pdf|msg|eml|odt|rtf|csv|zip|pst)\b|sharepoint|onedrive`)
	inside     = regexp.MustCompile(`(?i)\b(?:https?://)?(?:[\w-]+\.)+(?:local|internal|intranet|corp|lan|intra|smil|sgov|ic\.gov|sipr|siprnet|jwics)\b\S*|https?://(?:localhost|[\w-]+)(?:[:/]\S*|\s|$)|\b(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}\b`)
	serials    = regexp.MustCompile(`\b[A-Z]{2,6}[-/ ]?(?:\d{2,4}[-/])+\d{2,8}(?:[-/]\d{2,4})?\b|\b[A-Z]{2,5}-[A-Z]{2,6}-\d{2,}(?:-\d+)*\b|\b[A-Z]{1,4}/\d{2,}(?:/\d+)*(?:-\d{2,4})\b|\b[A-Z]{2,6}/[A-Z0-9]{1,6}/\d{2,}\S*`)
)

// metaGate holds the patterns that run only near their strings. That of portion
// marks has none, and is run if there is a parenthesis.
var metaGate = gate(markWord, never, russian, block, property, traces, paths, inside)

// never stands for the pattern of portion marks.
var never = regexp.MustCompile(`never-in-any-text`)

func (e *examiner) metadata() {
	mark := func(m []int, level tocsin.GuardLevel) {
		e.find(level, "marking", "metadata/mark", m[0], m[1], "A marking, or part of one, stands in the words.",
			"It says from what kind of paper the words come.", "Take it out, and make sure that the words beside it are releasable.")
	}
	found := make([][][]int, len(metaGate.res))
	metaGate.each(e.d.text, e.lower, func(re, at, end int) { found[re] = append(found[re], []int{at, end}) })
	for i, re := range []*regexp.Regexp{markWord, portion, russian} {
		if re == portion && strings.Contains(e.d.text, "(") {
			found[i] = portion.FindAllStringIndex(e.d.text, -1)
		}
		for _, m := range found[i] {
			if one := m[1]-m[0] == 3; re == portion && one && (!lineStart(e.d.text, m[0]) || strings.ToLower(e.d.text[m[0]:m[1]]) == "(c)") {
				mark(m, tocsin.GuardAsk) // (C) may be the third item of a list
			} else if !e.ownMarkAt(m[0], m[1]) {
				mark(m, tocsin.GuardBlock)
			}
		}
	}
	e.bracketed(mark)
	e.banners(mark)
	meta := func(re *regexp.Regexp, rule, what, do string, level func(string) tocsin.GuardLevel) {
		for _, m := range found[slices.Index(metaGate.res, re)] {
			if re == block && e.ownNumber(m[1]) {
				continue
			}
			e.find(level(e.d.text[m[0]:m[1]]), "metadata", rule, m[0], m[1], what, "It leads from the warning to the file or the people behind it.", do)
		}
	}
	always := func(string) tocsin.GuardLevel { return tocsin.GuardBlock }
	meta(block, "metadata/block", "A line of a classification block or of a report's heading was left in the words.", "Write the warning anew instead of copying from a report.", always)
	meta(property, "metadata/property", "A property of a file or a header of a message was left in the words.", "Take the line out.", func(s string) tocsin.GuardLevel {
		switch {
		case addressing.MatchString(s):
			return tocsin.GuardNote // whoever writes a letter writes this as well
		case mild.MatchString(s):
			return tocsin.GuardAsk
		}
		return tocsin.GuardBlock
	})
	meta(traces, "metadata/residue", "A trace of an editor, of a tracked change or of a quoted message was left in the words.", "Paste the passage as plain text and read it again.", always)
	meta(paths, "metadata/path", "The name or the path of a file stands in the words.", "Take it out.", always)
	meta(inside, "metadata/inside", "An address inside a network stands in the words.", "Give a public address or a telephone number.", always)
	for _, w := range around(e.d.text, 40, isDigit) {
		e.serials(w)
	}
}

// ownNumber reports whether the number behind a heading is one that may be said: a
// recipient is given the number under which the police know of the case.
func (e *examiner) ownNumber(end int) bool {
	i := firstFrom(e.d, end)
	if i >= len(e.d.toks) || int(e.d.toks[i].at)-end > 3 {
		return false
	}
	t := e.d.toks[i]
	return (t.is(numeral|mixed) || t.is(shouted)) && e.p.allowed[t.word]
}

// ownMarkAt reports whether the mark of which a part stands between two bytes is no
// higher than the warning's own. The patterns find a mark by its beginning, so it is
// read to the end of its capitals first: "SECRET//REL TO USA, FRA" is not "SECRET//REL".
func (e *examiner) ownMarkAt(at, end int) bool {
	if e.p.ownMark(e.d.text[at:end]) {
		return true
	}
	from, to := at, end
	for from > 0 && at-from < longestMark && markByte(e.d.text[from-1]) {
		from--
	}
	for to < len(e.d.text) && to-end < longestMark && markByte(e.d.text[to]) {
		to++
	}
	whole := strings.Trim(e.d.text[from:to], " ,/-+:")
	return e.p.ownMark(whole) || e.p.ownMark(strings.TrimSpace(whole[strings.LastIndexByte(whole, ':')+1:])) // "HANDLING: SECRET//..."
}

const longestMark = 200

func markByte(c byte) bool { return c >= 'A' && c <= 'Z' || strings.IndexByte(" /,-+:", c) >= 0 }

func (e *examiner) serials(w [2]int) {
	for _, m := range serials.FindAllStringIndex(e.d.text[w[0]:w[1]], -1) {
		m[0], m[1] = m[0]+w[0], m[1]+w[0]
		s := e.d.text[m[0]:m[1]]
		if e.p.allowedText(s) || strings.HasPrefix(s, e.p.reference) && e.p.reference != "" {
			continue
		}
		level := tocsin.GuardAsk
		if e.p.restrictedText(s) {
			level = tocsin.GuardBlock
		}
		e.find(level, "metadata", "metadata/serial", m[0], m[1], "What looks like the number of a document stands in the words.",
			"A number can be looked up by anybody who has the register.", "Use the warning's own reference.")
	}
}

var bracket = regexp.MustCompile(`\(([A-Z][A-Z /,:+-]{4,60})\)`)

// bracketed looks for portion marks that are written in full: "(UK SECRET)".
func (e *examiner) bracketed(mark func([]int, tocsin.GuardLevel)) {
	if !strings.Contains(e.d.text, "(") {
		return
	}
	own := marking.Read(e.p.q.Draft.Marking)
	for _, m := range bracket.FindAllStringSubmatchIndex(e.d.text, -1) {
		if read := marking.Read(e.d.text[m[2]:m[3]]); read.Known() && !marking.Dominates(own, read) {
			mark(m[:2], tocsin.GuardBlock)
		}
	}
}

// banners looks for lines that are a banner, in capitals.
func (e *examiner) banners(mark func([]int, tocsin.GuardLevel)) {
	at := 0
	for line := range strings.SplitAfterSeq(e.d.text, "\n") {
		if s := strings.Trim(line, " \t\r\n*-_=#[]"); len(s) > 2 && len(s) < 200 && s[0] != '(' && s == strings.ToUpper(s) {
			own := marking.Read(e.p.q.Draft.Marking)
			if m, err := marking.ParsePortion(s, own); err == nil && !marking.Dominates(own, m) || err != nil && strings.Contains(s, "//") && !strings.Contains(s, "://") {
				mark([]int{at, at + len(strings.TrimRight(line, "\r\n"))}, tocsin.GuardBlock)
			}
		}
		at += len(line)
	}
}

func lineStart(text string, at int) bool {
	before := strings.TrimRight(text[:at], " \t")
	return before == "" || strings.HasSuffix(before, "\n")
}
