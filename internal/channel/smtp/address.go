package smtp

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin"
)

// Mailbox reports whether mail can be sent to s as it is.
func Mailbox(s string) bool { return validMailbox(s) }

// CheckAddress refuses, as Invalid, an address that mail cannot be sent to as it is.
func CheckAddress(s string) error {
	if validMailbox(s) {
		return nil
	}
	return tocsin.Faultf(tocsin.Invalid, "mail_address", "Correct it to one mailbox, such as desk@example.org.", "%q is not an e-mail address.", s)
}

// validMailbox reports whether s is one mailbox that can be written into a
// command and a header as it is: dot-atom@domain or dot-atom@[address]
// (RFC 5321 section 4.1.2), with UTF-8 as RFC 6531 allows.
//
// Display names, comments, quoted local parts and source routes are refused:
// they add nothing that reaches a person, and they are how one address becomes two.
func validMailbox(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || len(s) > 254 || at > 64 || !utf8.ValidString(s) {
		return false
	}
	return validLocal(s[:at]) && (validDomain(s[at+1:]) || validLiteral(s[at+1:]))
}

func validLocal(s string) bool {
	for _, atom := range strings.Split(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !atext(r) }) {
			return false
		}
	}
	return true
}

// atext is RFC 5322 section 3.2.3, and for UTF-8 only what is seen: letters,
// marks, digits, symbols. A zero-width or bidirectional character would make
// an address that reads as another one.
func atext(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
	}
	return visible(r)
}

func visible(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r))
}

func validDomain(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for _, label := range strings.Split(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if r < utf8.RuneSelf && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) || r >= utf8.RuneSelf && !visible(r) {
				return false
			}
		}
	}
	return true
}

func validLiteral(s string) bool {
	inner, ok := strings.CutPrefix(s, "[")
	inner, ok2 := strings.CutSuffix(inner, "]")
	if !ok || !ok2 {
		return false
	}
	if v6, is6 := strings.CutPrefix(inner, "IPv6:"); is6 {
		a, err := netip.ParseAddr(v6)
		return err == nil && a.Is6() && a.Zone() == ""
	}
	a, err := netip.ParseAddr(inner)
	return err == nil && a.Is4()
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func isControl(r rune) bool { return unicode.IsControl(r) }
