package main

import (
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"
)

// pageHTML is the sheet as one file that needs nothing else: no script, no font,
// no image. It is well-formed XML too, so that a test can read it.
var pageHTML = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>{{.Title}}</title>
<style>
body { font: 1rem/1.5 Georgia, "Times New Roman", serif; color: #111; background: #fff; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3, th, caption, nav, .mark { font-family: Helvetica, Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; }
h2 { font-size: 1.3rem; margin-top: 2.5rem; border-bottom: 2px solid #111; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .2rem; }
p, ul, ol { margin: .4rem 0; }
li { margin: .15rem 0; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; font-size: .9rem; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { border: 1px solid #666; padding: .3rem .45rem; text-align: left; vertical-align: top; }
thead th { background: #eee; }
.scroll { overflow-x: auto; }
.rests { font-size: .88rem; }
.mark { font-size: .75rem; font-weight: bold; letter-spacing: .03em; border: 1px solid #111; padding: 0 .3rem; white-space: nowrap; }
.open { background: #ffe08a; border: 2px solid #7a4d00; }
.part { border-style: dashed; }
.ref { font-size: .85rem; overflow-wrap: anywhere; }
.words { border: 1px solid #666; border-inline-start: .4rem solid #666; padding: .6rem .9rem; margin: .6rem 0; white-space: pre-line; }
nav ol { columns: 2 18rem; }
@media print {
 @page { margin: 20mm; }
 body { max-width: none; margin: 0; padding: 0; font-size: 10.5pt; }
 h2, h3, caption { break-after: avoid; }
 tr, li, .words { break-inside: avoid; }
 thead { display: table-header-group; }
 .scroll { overflow: visible; }
 .open { background: none; border: 2px solid #000; }
 a { color: inherit; text-decoration: none; }
}
</style>
</head>
<body>
<header>
<h1>{{.Title}}</h1>
<p class="ref">Policy pack {{.Ref.Name}}, version {{.Ref.Version}}, {{.Ref.Digest}}</p>
<nav aria-label="Contents"><ol>
{{- range .Sections}}
<li><a href="#{{.ID}}">{{.Title}}</a></li>
{{- end}}
</ol></nav>
</header>
<main>
{{- range .Sections}}
<section id="{{.ID}}" aria-labelledby="{{.ID}}-title">
<h2 id="{{.ID}}-title">{{.Title}}</h2>
{{- range .Passages}}
{{- if .Heading}}
<h3>{{.Heading}}</h3>{{end}}
{{- if .Says}}
<p>{{.Says}}</p>{{end}}
{{- if .Lead}}
<p>{{.Lead}}</p>{{end}}
{{- if .List}}{{if .Numbered}}
<ol>{{range .List}}
<li>{{.}}</li>{{end}}
</ol>{{else}}
<ul>{{range .List}}
<li>{{.}}</li>{{end}}
</ul>{{end}}{{end}}
{{- with .Table}}
<div class="scroll"><table>
<caption>{{.Caption}}</caption>
<thead><tr>{{range .Head}}<th scope="col">{{.}}</th>{{end}}{{if .Rests}}<th scope="col">Rests on</th>{{end}}</tr></thead>
<tbody>
{{- $rests := .Rests}}
{{- range $i, $row := .Rows}}
<tr>{{range $j, $cell := $row}}{{if $j}}<td>{{$cell}}</td>{{else}}<th scope="row">{{$cell}}</th>{{end}}{{end}}{{if $rests}}<td>{{template "rests" index $rests $i}}</td>{{end}}</tr>
{{- end}}
</tbody>
</table></div>{{end}}
{{- with .Words}}
<div class="words" lang="{{.Language}}" dir="auto"><strong>{{.Subject}}</strong>

{{.Body}}</div>{{end}}
{{- with .Rests}}
<p class="rests">{{template "rests" .}}</p>{{end}}
{{- end}}
</section>
{{- end}}
</main>
<footer>
<p class="ref">Printed from {{.Ref.Name}} {{.Ref.Version}}. It is this policy only if the digest is the same: {{.Ref.Digest}}</p>
</footer>
</body>
</html>
{{define "rests"}}{{if .Open}}<strong class="mark open">TO BE CONFIRMED</strong>{{else if .InPart}}<span class="mark part">SOURCED IN PART</span>{{else}}<span class="mark">SOURCED</span>{{end}} {{.Clause}}{{end}}`))

// writePage writes the sheet as a page for print.
func (s sheet) writePage(w io.Writer) error { return pageHTML.Execute(w, s) }

// lineWidth is how wide the text is.
const lineWidth = 84

// writeText writes the sheet as text. The words of warnings are in English, if the
// pack speaks it, because few terminals write from the right.
func (s sheet) writeText(w io.Writer) {
	fmt.Fprintf(w, "%s\n%s %s, %s\n", s.Title, s.Ref.Name, s.Ref.Version, s.Ref.Digest)
	english := s.speaks("en")
	for _, x := range s.Sections {
		fmt.Fprintf(w, "\n\n%s\n", strings.ToUpper(x.Title))
		for _, p := range x.Passages {
			if p.Words == nil || !english || p.Words.Language == "en" {
				p.write(w)
			}
		}
	}
}

func (s sheet) speaks(language string) bool {
	for _, x := range s.Sections {
		for _, p := range x.Passages {
			if p.Words != nil && p.Words.Language == language {
				return true
			}
		}
	}
	return false
}

func (p passage) write(w io.Writer) {
	fmt.Fprintln(w)
	wrap(w, "", p.Heading)
	wrap(w, "", p.Says)
	wrap(w, "", p.Lead)
	for i, item := range p.List {
		mark := "  - "
		if p.Numbered {
			mark = fmt.Sprintf("%3d. ", i+1)
		}
		wrap(w, mark, item)
	}
	if p.Table != nil {
		p.Table.write(w)
	}
	if p.Words != nil {
		fmt.Fprintf(w, "  | [%s] %s\n  |\n", p.Words.Language, p.Words.Subject)
		for line := range strings.Lines(p.Words.Body) {
			fmt.Fprintln(w, strings.TrimRight("  | "+line, " \n"))
		}
	}
	if p.Rests != nil {
		wrap(w, "  ", p.Rests.String())
	}
}

// String is the basis, then the clause.
func (r *rests) String() string {
	switch {
	case r.Open():
		return "[TO BE CONFIRMED] " + r.Clause
	case r.InPart():
		return "[sourced in part] " + r.Clause
	}
	return "[sourced] " + r.Clause
}

// write writes each row as a paragraph: a table of sentences does not fit a
// terminal.
func (g *grid) write(w io.Writer) {
	for i, row := range g.Rows {
		if len(row) == 2 && g.Rests == nil {
			wrap(w, "  - ", row[0]+": "+row[1])
			continue
		}
		wrap(w, "  ", row[0])
		for j, cell := range row[1:] {
			wrap(w, "      ", g.Head[j+1]+": "+cell)
		}
		if g.Rests != nil {
			wrap(w, "      ", g.Rests[i].String())
		}
	}
}

// wrap writes text in lines of lineWidth, the first after mark and the others as
// deep. Nothing is written for nothing.
func wrap(w io.Writer, mark, text string) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return
	}
	line, deep := mark+words[0], strings.Repeat(" ", utf8.RuneCountInString(mark))
	for _, word := range words[1:] {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > lineWidth {
			fmt.Fprintln(w, line)
			line = deep + word
			continue
		}
		line += " " + word
	}
	fmt.Fprintln(w, line)
}
