// Package scenario runs stories of a duty to warn against the real engine: the
// text files in folder scenarios, which a watch officer can read.
//
// A file is a list of steps. A step is one line, in words, with indented fields
// below it:
//
//	at 2023-12-28 09:25
//	ingrid opens kerman with R1
//	    title: Bombs at a commemoration
//	expect v1 open
//	refused approver_is_author: ann approves w1
//
// The verbs are the patterns in verbs.go. Words in a pattern that are written in
// capitals take one word of the line, or one quoted string.
package scenario

import (
	"bufio"
	"fmt"
	"io/fs"
	"strings"
)

// Step is one step of a scenario.
type Step struct {
	Line    int
	Words   []string
	Fields  []Field
	Refused string // code with which the command must be refused; "" if it must succeed
}

// Field is one indented line "key: value". Lines indented deeper continue the
// value.
type Field struct {
	Key, Value string
	Line       int
}

// Script is a parsed scenario.
type Script struct {
	Name   string
	Title  string
	Header []string // comment lines at the top: what is public, what is invented
	Steps  []Step
}

// Load reads a scenario by name from files called <name>.txt.
func Load(fsys fs.FS, name string) (Script, error) {
	b, err := fs.ReadFile(fsys, name+".txt")
	if err != nil {
		return Script{}, fmt.Errorf("scenario %q: %w", name, err)
	}
	s, err := Parse(name, string(b))
	if err != nil {
		return s, err
	}
	if len(s.Steps) == 0 {
		return s, fmt.Errorf("%s.txt: there are no steps", name)
	}
	return s, nil
}

// Names lists the scenarios in fsys.
func Names(fsys fs.FS) ([]string, error) {
	files, err := fs.Glob(fsys, "*.txt")
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f, ".txt"))
	}
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("there are no scenarios")
	}
	return names, err
}

// Parse reads the text of a scenario.
func Parse(name, text string) (Script, error) {
	s := Script{Name: name}
	sc := bufio.NewScanner(strings.NewReader(text))
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimRight(sc.Text(), " \t")
		indent := len(line) - len(strings.TrimLeft(line, " "))
		body := line[indent:]
		var err error
		switch {
		case strings.Contains(line, "\t"):
			err = fmt.Errorf("indent with spaces, not tabs")
		case body == "":
		case strings.HasPrefix(body, "#"):
			if len(s.Steps) == 0 {
				s.Header = append(s.Header, strings.TrimSpace(body[1:]))
			}
		case indent == 0 && strings.HasPrefix(body, "title: "):
			s.Title = strings.TrimPrefix(body, "title: ")
		case indent == 0:
			err = s.step(n, body)
		default:
			err = s.field(n, indent, body)
		}
		if err != nil {
			return s, fmt.Errorf("%s.txt:%d: %w", name, n, err)
		}
	}
	return s, sc.Err()
}

func (s *Script) step(n int, body string) error {
	st := Step{Line: n}
	if rest, ok := strings.CutPrefix(body, "refused "); ok {
		code, command, found := strings.Cut(rest, ": ")
		if !found {
			return fmt.Errorf("write it as refused CODE: COMMAND")
		}
		st.Refused, body = code, command
	}
	words, err := split(body)
	st.Words = words
	s.Steps = append(s.Steps, st)
	return err
}

func (s *Script) field(n, indent int, body string) error {
	if len(s.Steps) == 0 {
		return fmt.Errorf("this field belongs to no step")
	}
	st := &s.Steps[len(s.Steps)-1]
	if indent > 4 && len(st.Fields) > 0 {
		f := &st.Fields[len(st.Fields)-1]
		f.Value = strings.TrimLeft(f.Value+"\n"+body, "\n")
		return nil
	}
	key, value, ok := strings.Cut(body, ":")
	if !ok {
		return fmt.Errorf("write a field as key: value")
	}
	value = strings.TrimSpace(value)
	if value == "|" {
		value = "" // the deeper lines are the value
	}
	st.Fields = append(st.Fields, Field{Key: strings.TrimSpace(key), Value: value, Line: n})
	return nil
}

// split takes a line apart at spaces; "quoted words" stay together.
func split(line string) ([]string, error) {
	var out []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if line[0] == '"' {
			word, rest, ok := strings.Cut(line[1:], `"`)
			if !ok {
				return nil, fmt.Errorf("a quotation is not closed")
			}
			out, line = append(out, word), rest
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		out, line = append(out, word), rest
	}
	return out, nil
}

// match holds words against a pattern; capitalised words of the pattern capture.
func match(pattern string, words []string) ([]string, bool) {
	want := strings.Fields(pattern)
	var got []string
	for i, w := range want {
		if w == "..." {
			return append(got, words[i:]...), true
		}
		if i >= len(words) {
			return nil, false
		}
		if w == strings.ToUpper(w) {
			got = append(got, words[i])
		} else if w != words[i] {
			return nil, false
		}
	}
	return got, len(words) == len(want)
}
