package release

import (
	"regexp"
	"strings"

	"tocsin"
)

// Links and attachments. A link takes the reader somewhere that can change after
// release, and tells its owner who came: it is asked about; one that hides where it
// leads, or that counts its readers, is refused, as are data inside the text.
// Telephone numbers are wanted and pass unless they are rare (rare.go).
//
// Limits: nothing is fetched; what a link leads to is not known here.

var (
	shorteners = regexp.MustCompile(`(?i)\b(?:bit\.ly|t\.co|goo\.gl|tinyurl\.com|ow\.ly|is\.gd|buff\.ly|rb\.gy|cutt\.ly|t\.ly|lnkd\.in|shorturl\.at|tiny\.cc|s\.id|v\.gd|rebrand\.ly|bl\.ink)\b/?\S*`)
	tracking   = regexp.MustCompile(`(?i)<img\b[^>]*>?|<(?:a|script|iframe|object|link|svg|meta|form|style)\b[^>]*>?|!\[[^\]]*\]\([^)]*\)|\b\S*[?&](?:utm_\w+|fbclid|gclid|mc_eid|mc_cid|trk|track(?:ing)?(?:_?id)?|uid|user(?:_?id)?|recipient|rid|cid|token|ref|email)=\S*|\b\S*(?:pixel|beacon|1x1|open)\.(?:gif|png|php|aspx?)\S*|\bcid:\S+`)
	embedded   = regexp.MustCompile(`(?i)\bdata:[a-z]+/[a-z0-9.+-]+[;,]\S*|\bjavascript:\S*|\bvbscript:\S*`)
	attached   = regexp.MustCompile(`(?i)\b(?:attached|attachment|attachments|enclosed|enclosure|see (?:the )?(?:file|annex|appendix)|annex [A-Z0-9]\b|\[image\]|\[cid:[^\]]*\]|begin \d{3} \S+|scan the (?:qr )?code|qr code|encl|(?:by|under) separate (?:mail|cover|post|message)|anexos?|adjunt[oa]s?|en annexe|ci-joint|pi[eè]ces? jointes?|allegat[oi]|beigef[uü]gt|im anhang|liegt bei|anlagen?:|в приложении|прилага\w+|додат(?:ок|ку)|у додатку|مرفق|نرفق|أرفقنا|پیوست|ek(?:te|li)|viambatisho)\b|\bencl\.`)
)

var linkGate = gate(shorteners, tracking, embedded, attached)

// linkNotes say what a match of each pattern of linkGate means.
var linkNotes = []struct {
	level               tocsin.GuardLevel
	rule, what, why, do string
}{
	{tocsin.GuardBlock, "link/shortener", "A shortened link hides where it leads.", "Its owner can change it, and learns who followed it.", "Give the full address, or a telephone number."},
	{tocsin.GuardBlock, "link/tracking", "A link or picture here tells somebody who has read the warning, or is program text.", "The reader's address and moment of reading go to whoever keeps the count.", "Take it out."},
	{tocsin.GuardBlock, "link/embedded", "Data or a program is carried inside the text.", "Nobody can read what it holds.", "Take it out."},
	{tocsin.GuardAsk, "link/attachment", "The text speaks of an attachment.", "The guard cannot see what is attached, nor its properties.", "Put what matters into the words; if something is attached, have it looked at and say by whom."},
}

func (e *examiner) links() {
	linkGate.each(e.d.text, e.lower, func(re, at, end int) {
		n := linkNotes[re]
		e.find(n.level, "link", n.rule, at, end, n.what, n.why, n.do)
	})
	for _, v := range e.vals {
		if v.kind != aLink || e.p.openKeys[aLink+":"+v.keys[0]] {
			continue
		}
		s := strings.ToLower(e.d.text[v.at:v.end])
		level := tocsin.GuardAsk
		if strings.HasPrefix(s, "file:") || strings.HasPrefix(s, "hxxp") || strings.Contains(s, ".onion") || strings.Contains(s, "://") && strings.Contains(s, "@") || strings.Contains(s, "xn--") {
			level = tocsin.GuardBlock
		}
		e.find(level, "link", "link/address", v.at, v.end, "A link stands in the words.", "Where it leads can change after release, and its owner learns who followed it.", "Give a telephone number instead, or say who has checked that the page is ours.")
	}
}
