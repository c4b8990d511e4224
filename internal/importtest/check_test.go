package importtest_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// source is one file of a package that is built, tests left out.
type source struct {
	name string
	file *ast.File
}

// pkg is one package as the rules see it.
type pkg struct {
	path    string // below the module; "" is the root
	name    string
	fset    *token.FileSet
	sources []source
	tests   []string // names of its test files
}

// check holds one package to every rule and returns what is wrong with it.
func check(p pkg) []string {
	c := &checker{pkg: p}
	r, ok := rowOf(p.path)
	if !ok {
		c.fault("has no row in the import rules: decide where it stands and add one to rules_test.go")
	}
	c.names()
	c.comment()
	for _, s := range p.sources {
		if ok {
			c.imports(r, s)
			c.time(r, s)
		}
		c.documented(s)
	}
	return c.faults
}

type checker struct {
	pkg
	faults []string
}

func (c *checker) fault(format string, args ...any) {
	where := "package " + path.Join(module, c.path)
	c.faults = append(c.faults, where+" "+fmt.Sprintf(format, args...))
}

func (c *checker) at(s source, pos token.Pos) string {
	return fmt.Sprintf("%s:%d", s.name, c.fset.Position(pos).Line)
}

func (c *checker) imports(r row, s source) {
	for _, spec := range s.file.Imports {
		to, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			c.fault("%s: import path %s", c.at(s, spec.Pos()), spec.Path.Value)
			continue
		}
		if spec.Name != nil && spec.Name.Name == "." {
			c.fault("%s: imports %s with a dot, which hides where a name comes from", c.at(s, spec.Pos()), to)
		}
		if why := forbidden(r, to); why != "" {
			c.fault("%s: imports %s: %s", c.at(s, spec.Pos()), to, why)
		}
	}
}

// forbidden says why a package of row r must not import to, or "".
func forbidden(r row, to string) string {
	fits := func(pattern string) bool { return matches(pattern, to) }
	if below, ours := inside(to); ours {
		if slices.ContainsFunc(r.ours, func(pattern string) bool { return matches(pattern, below) }) {
			return ""
		}
		return "its row in the import rules does not list it"
	}
	if standard(to) {
		if slices.ContainsFunc(world[r.how], fits) {
			return "it belongs to the world, which this package does not touch"
		}
		return ""
	}
	if r.how == edge && to != "C" || slices.ContainsFunc(r.outside, func(prefix string) bool { return matches(prefix+"/...", to) }) {
		return ""
	}
	return "its row in the import rules does not list that module"
}

// time looks for names that read the machine's clock or time zone. A function
// value counts as much as a call.
func (c *checker) time(r row, s source) {
	if r.how != pure && r.how != calm {
		return
	}
	name := importedAs(s.file, "time")
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == name && name != "" && slices.Contains(timekeeping, sel.Sel.Name) {
			c.fault("%s: uses time.%s: time comes in as a value", c.at(s, sel.Pos()), sel.Sel.Name)
		}
		return true
	})
}

// importedAs is the name under which a file has imported a package, "" if it has not.
func importedAs(f *ast.File, importPath string) string {
	for _, spec := range f.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p == importPath {
			if spec.Name != nil {
				return spec.Name.Name
			}
			return path.Base(importPath)
		}
	}
	return ""
}

// names refuses names that say nothing.
func (c *checker) names() {
	parts := strings.Split(c.path, "/")
	if c.name != "main" {
		parts = append(parts, c.name)
	}
	for _, part := range parts {
		if slices.Contains(vague, part) {
			c.fault("has %q in its name, which says nothing: name what is in it", part)
			break
		}
	}
	files := slices.Clone(c.tests)
	for _, s := range c.sources {
		files = append(files, s.name)
	}
	for _, f := range files {
		stem := strings.TrimSuffix(strings.TrimSuffix(f, ".go"), "_test")
		for word := range strings.SplitSeq(stem, "_") {
			if slices.Contains(vague, word) {
				c.fault("has a file %s: %q says nothing about what is in it", f, word)
			}
		}
	}
}

// comment asks for one package comment.
func (c *checker) comment() {
	want, have := "Package "+c.name+" ", 0
	if c.name == "main" {
		want = "Command " + path.Base(c.path) + " "
	}
	for _, s := range c.sources {
		if s.file.Doc == nil {
			continue
		}
		have++
		if !strings.HasPrefix(s.file.Doc.Text(), want) {
			c.fault("%s: its comment does not begin with %q", c.at(s, s.file.Doc.Pos()), want)
		}
	}
	if have != 1 {
		c.fault("has %d package comments; it needs one that decides for the reader", have)
	}
}

// documented asks for a comment on everything exported. One comment may stand
// over a group of constants or variables, and over a run of one-line methods that
// are the same method of many types.
func (c *checker) documented(s source) {
	lastName, lastLine := "", 0
	for _, d := range s.file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			c.group(s, d)
		case *ast.FuncDecl:
			line := c.fset.Position(d.Pos()).Line
			run := d.Name.Name == lastName && line == lastLine+1
			if d.Doc != nil || run {
				lastName, lastLine = d.Name.Name, c.fset.Position(d.End()).Line
			}
			if d.Doc == nil && !run && d.Name.IsExported() && exportedReceiver(d) {
				c.fault("%s: %s has no comment", c.at(s, d.Pos()), described(d))
			}
		}
	}
}

func (c *checker) group(s source, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			// A comment over a group of types says what they have in common, not
			// what each of them is.
			alone := !d.Lparen.IsValid() && d.Doc != nil
			if spec.Name.IsExported() && spec.Doc == nil && spec.Comment == nil && !alone && !simple(d) {
				c.fault("%s: type %s has no comment", c.at(s, spec.Pos()), spec.Name.Name)
			}
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				if name.IsExported() && spec.Doc == nil && spec.Comment == nil && d.Doc == nil {
					c.fault("%s: %s has no comment", c.at(s, name.Pos()), name.Name)
				}
			}
		}
	}
}

// simple reports whether a group of types has one comment that can speak for all:
// none of them has fields or methods of its own to explain.
func simple(d *ast.GenDecl) bool {
	return d.Doc != nil && !slices.ContainsFunc(d.Specs, func(s ast.Spec) bool {
		t, ok := s.(*ast.TypeSpec)
		if !ok {
			return true
		}
		_, named := t.Type.(*ast.Ident)
		return !named
	})
}

// exportedReceiver reports whether a function, or the type it is a method of, can
// be seen from outside. What an interface asks of a type counts like anything else.
func exportedReceiver(d *ast.FuncDecl) bool { return d.Recv == nil || ast.IsExported(receiver(d)) }

func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

func described(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return "func " + d.Name.Name
	}
	return "method " + receiver(d) + "." + d.Name.Name
}
