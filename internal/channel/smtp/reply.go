package smtp

import (
	"bufio"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A server's reply is bounded: RFC 5321 section 4.5.3.1.5 allows 512 bytes a
// line, and the longest honest reply is an EHLO with a few dozen extensions.
const (
	maxReplyLine  = 2048 // also the size of the read buffer
	maxReplyLines = 128
)

var errReply = errors.New("the answer is not a reply of SMTP")

// reply is one reply, possibly of several lines.
type reply struct {
	code     int
	enhanced string   // "4.7.1", or "" (RFC 3463)
	lines    []string // without code and enhanced code
}

func (r reply) text() string { return strings.Join(r.lines, " ") }

// status is the code and the enhanced code, which hold nothing but digits.
func (r reply) status() string {
	if r.enhanced == "" {
		return strconv.Itoa(r.code)
	}
	return fmt.Sprintf("%d %s", r.code, r.enhanced)
}

// readReply reads one reply of at most maxReplyLines lines. br must hold
// maxReplyLine bytes.
func readReply(br *bufio.Reader) (reply, error) {
	var r reply
	for range maxReplyLines {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return r, readFailure(err)
		}
		code, rest, more, err := splitReply(strings.TrimRight(string(line), "\r\n"))
		if err != nil || r.code != 0 && code != r.code {
			return r, errReply
		}
		r.code = code
		e, words := splitEnhanced(code, rest)
		if r.enhanced == "" {
			r.enhanced = e
		}
		r.lines = append(r.lines, words)
		if !more {
			return r, nil
		}
	}
	return r, errReply
}

func readFailure(err error) error {
	if errors.Is(err, bufio.ErrBufferFull) {
		return errReply
	}
	return err
}

func splitReply(line string) (code int, rest string, more bool, err error) {
	if len(line) < 3 || strings.Trim(line[:3], "0123456789") != "" || line[0] < '2' || line[0] > '5' {
		return 0, "", false, errReply
	}
	code = int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
	if len(line) == 3 {
		return code, "", false, nil
	}
	if line[3] != ' ' && line[3] != '-' {
		return 0, "", false, errReply
	}
	return code, line[4:], line[3] == '-', nil
}

var enhancedCode = regexp.MustCompile(`^([245])\.\d{1,3}\.\d{1,3}(?: |$)`)

// splitEnhanced takes the enhanced code off a line. One of another class than
// the reply's is not one.
func splitEnhanced(code int, line string) (enhanced, rest string) {
	m := enhancedCode.FindString(line)
	if m == "" || int(m[0]-'0') != code/100 {
		return "", line
	}
	return strings.TrimSpace(m), line[len(m):]
}

var (
	greylisting = regexp.MustCompile(`(?i)gr[ea]y.?list`)
	waitNumber  = regexp.MustCompile(`(?i)\b(\d{1,5})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b`)
	waitClock   = regexp.MustCompile(`\b(\d{1,2}):([0-5]\d):([0-5]\d)\b`)
)

const longestWait = 24 * time.Hour

// greylisted reports whether a temporary refusal is greylisting (RFC 6647): the
// same mail will be taken later.
func (r reply) greylisted() bool {
	return r.code/100 == 4 && greylisting.MatchString(r.text())
}

// retryAfter is the wait that a temporary refusal's text asks for ("try again
// in 5 minutes", "retry in 00:04:59"), at most a day; 0 if it names none.
// There is no standard form, so this is a reading of what servers are seen to say.
func (r reply) retryAfter() time.Duration {
	if r.code/100 != 4 {
		return 0
	}
	var d time.Duration
	if m := waitClock.FindStringSubmatch(r.text()); m != nil {
		d = atoi(m[1])*time.Hour + atoi(m[2])*time.Minute + atoi(m[3])*time.Second
	} else if m := waitNumber.FindStringSubmatch(r.text()); m != nil {
		unit := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour}[m[2][0]|0x20]
		d = atoi(m[1]) * unit
	}
	return min(d, longestWait)
}

func atoi(digits string) time.Duration {
	n, _ := strconv.Atoi(digits) // the patterns let through at most five digits
	return time.Duration(n)
}
