// Package packfile reads the files of a policy pack as strictly as a pack
// deserves: every key known, every key present, nothing empty, every closed
// word one of its list, and each mistake told with file, line and what to write.
//
// It is the one reader that policy (pack.yaml, tests/) and compose (texts/)
// share, so that both name a pack by the same digest. It knows YAML and the
// shape of Go values; it knows nothing of duties, rules or words.
//
// Read first, then Files.Decode for each file with one Problems for all of
// them, then Problems.Err.
package packfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"tocsin"
)

// The limits on a pack. A pack is read by lawyers; one that does not fit in
// these is not a pack.
const (
	MaxFiles     = 500
	MaxFileBytes = 256 << 10
	MaxLineBytes = 2000 // the parser takes quadratic time on deep nesting, which needs long lines or many brackets
	maxDepth     = 32
)

// Files is every file of one pack, held in memory: a pack that is changed on
// disk afterwards is not picked up half.
type Files struct {
	name  string
	paths []string
	data  map[string][]byte
}

// Read reads all files under the folder name of fsys. Its errors are Invalid,
// or NotFound if there is no such folder.
func Read(fsys fs.FS, name string) (*Files, error) {
	if !tocsin.ValidID(name) || !fs.ValidPath(name) {
		return nil, tocsin.Faultf(tocsin.Invalid, "pack_name", "Use the name of a pack's folder, such as icd-191.", "%q cannot be the name of a pack.", name)
	}
	f := &Files{name: name, data: map[string][]byte{}}
	err := fs.WalkDir(fsys, name, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return f.read(fsys, p, d)
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, tocsin.Faultf(tocsin.NotFound, "pack_not_found", "List the packs that there are, or correct the name.", "There is no pack %s.", name)
	case err != nil:
		return nil, fmt.Errorf("read pack %s: %w", name, err)
	}
	slices.Sort(f.paths)
	return f, nil
}

func (f *Files) read(fsys fs.FS, p string, d fs.DirEntry) error {
	rel := strings.TrimPrefix(p, f.name+"/")
	info, err := d.Info()
	if err != nil {
		return err
	}
	switch {
	case !info.Mode().IsRegular():
		return tocsin.Faultf(tocsin.Invalid, "pack_file_kind", "Put a plain file there.", "%s is not a plain file.", p)
	case info.Size() > MaxFileBytes:
		return tocsin.Faultf(tocsin.Invalid, "pack_file_size", "Split it, or take out what is not policy.", "%s has %d bytes; a pack's file may have %d.", p, info.Size(), MaxFileBytes)
	case len(f.paths) == MaxFiles:
		return tocsin.Faultf(tocsin.Invalid, "pack_too_many_files", "Take out what is not policy.", "Pack %s has more than %d files.", f.name, MaxFiles)
	}
	b, err := fs.ReadFile(fsys, p)
	if err != nil {
		return err
	}
	f.paths = append(f.paths, rel)
	f.data[rel] = b
	return nil
}

// Name returns the pack's folder name.
func (f *Files) Name() string { return f.name }

// Paths lists the pack's files in order, relative to its folder.
func (f *Files) Paths() []string { return slices.Clone(f.paths) }

// Under lists the files whose path begins with folder, such as "tests/".
func (f *Files) Under(folder string) []string {
	var in []string
	for _, p := range f.paths {
		if strings.HasPrefix(p, folder) {
			in = append(in, p)
		}
	}
	return in
}

// Languages lists the folders under texts/: the languages that the pack speaks.
func (f *Files) Languages() []string {
	var langs []string
	for _, p := range f.Under("texts/") {
		lang, _, folder := strings.Cut(strings.TrimPrefix(p, "texts/"), "/")
		if folder && !slices.Contains(langs, lang) {
			langs = append(langs, lang)
		}
	}
	return langs
}

// Digest names the pack by the paths and the bytes of all its files.
func (f *Files) Digest() tocsin.Digest {
	var manifest bytes.Buffer
	for _, p := range f.paths {
		fmt.Fprintf(&manifest, "%s %s\n", tocsin.DigestOf(f.data[p]), p)
	}
	return tocsin.DigestOf(manifest.Bytes())
}

// OnlyYAML adds a problem for each file that is neither one of the exact paths
// nor a .yaml file under one of the folders. A stray file would be part of the
// digest and of no policy.
func (f *Files) OnlyYAML(p *Problems, exact, folders []string) {
	for _, file := range f.paths {
		ok := slices.Contains(exact, file)
		for _, folder := range folders {
			ok = ok || strings.HasPrefix(file, folder) && path.Ext(file) == ".yaml"
		}
		if !ok {
			p.Add(file, 1, "this file is no part of a pack", "take it out; a pack has "+strings.Join(exact, ", ")+" and .yaml files under "+strings.Join(folders, ", "))
		}
	}
}

// checkBytes finds what no pack file may hold, before the parser sees it.
func checkBytes(b []byte) (line int, what, write string) {
	if bytes.HasPrefix(b, []byte("\ufeff")) {
		return 1, "the file begins with a byte order mark", "save it as plain UTF-8"
	}
	depth := 0
	for i, l := range bytes.Split(b, []byte("\n")) {
		switch {
		case bytes.IndexByte(l, '\r') >= 0:
			return i + 1, "the line ends in a carriage return", "save the file with plain line feeds; mixed line endings change the digest unseen"
		case !utf8.Valid(l) || bytes.IndexByte(l, 0) >= 0:
			return i + 1, "the line is not UTF-8 text", "save the file as UTF-8"
		case len(l) > MaxLineBytes:
			return i + 1, fmt.Sprintf("the line has %d bytes", len(l)), fmt.Sprintf("break it; a line may have %d", MaxLineBytes)
		}
		depth += bytes.Count(l, []byte("[")) + bytes.Count(l, []byte("{")) - bytes.Count(l, []byte("]")) - bytes.Count(l, []byte("}"))
		if depth > maxDepth {
			return i + 1, "brackets are opened here that are never closed, or nest too deep", "close them"
		}
	}
	return 0, "", ""
}
