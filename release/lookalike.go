package release

import (
	"strings"
	"unicode/utf8"
)

// lookAlikeGroups lists lower-case letters of several scripts that look like the
// Latin letter at the head of each line in one of their two cases.
var lookAlikeGroups = []string{
	"aаαɑᴀꭺ", "bвьβʙƅ", "cсϲᴄꮯ", "dԁᴅꭰ", "eеєεᴇꭼ", "fғϝꜰ", "gɡցɢ", "hһнηհʜꮋ", "iіιɪꭵ", "jјϳᴊꭻ", "kкκᴋꮶ", "lӏʟꮮ",
	"mмμᴍꮇ", "nпνηոɴ", "oоοօσᴏ", "pрρᴘꮲ", "qԛզ", "rгʀ", "sѕʂꜱꮪ", "tтτᴛꭲ", "uυսцᴜ", "vνѵᴠꮩ", "wшωԝᴡꮃ", "xхχ", "yуγυүʏ", "zζᴢꮓ",
}

// lookAlikes gives for a letter every other letter of its groups.
var lookAlikes = func() map[rune]string {
	m := make(map[rune]string)
	for _, group := range lookAlikeGroups {
		for _, r := range group {
			for _, other := range group {
				if other != r && !strings.ContainsRune(m[r], other) {
					m[r] += string(other)
				}
			}
		}
	}
	return m
}()

// digitReadings gives the letters for which the digits 0 to 9 are put.
var digitReadings = [10]string{"o", "il", "z", "e", "a", "s", "bg", "t", "b", "g"}

// letterDigits is its inverse, for the letters a to z.
var letterDigits = func() (t [26]string) {
	for d, letters := range digitReadings {
		for _, l := range letters {
			t[l-'a'] += string(rune('0' + d))
		}
	}
	return t
}()

// signReadings gives the letters for which signs are put inside a word.
var signReadings = [utf8.RuneSelf]string{'@': "a", '$': "s", '!': "il", '|': "il", '+': "t", '(': "c", '<': "c", '*': "aeiou"}
