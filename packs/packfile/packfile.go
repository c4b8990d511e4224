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
//
// A pack may take words from sets of texts that lie beside it (see Sources), so
// that many packs need not hold many copies of one form. A set is no pack: it
// holds texts/ and nothing else. Where the pack and a set have the same file, the
// pack's comes first.
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

// Files is every file of one pack and of the sets of texts that it takes from,
// held in memory: a pack that is changed on disk afterwards is not picked up half.
// It serves one reader at a time.
type Files struct {
	name  string
	above string // written before a path where a reader must find it: "" in the pack, "../set/" in a set
	paths []string
	data  map[string][]byte
	trees map[string]tree // of the files parsed so far; several readers ask for parts of one file
	sets  []*Files        // in the order in which the pack names them
}

// Sources is the key "texts" of pack.yaml: the sets that the pack takes its
// words from, the first that has a file before the next.
type Sources struct {
	From []string `yaml:"from"`
}

// Read reads all files under the folder name of fsys, and those of the sets of
// texts that its pack.yaml names. Its errors are Invalid, or NotFound if there
// is no such folder.
func Read(fsys fs.FS, name string) (*Files, error) {
	f, err := readFolder(fsys, name)
	if err != nil {
		return nil, err
	}
	var problems Problems
	f.takeTexts(fsys, &problems)
	if err := problems.Err(name); err != nil {
		return nil, err
	}
	return f, nil
}

// takeTexts reads the sets that pack.yaml names. A pack.yaml that cannot be read
// names none here; whoever decodes it tells what is wrong with it.
func (f *Files) takeTexts(fsys fs.FS, problems *Problems) {
	pack := f.tree("pack.yaml")
	if pack.what != "" || new(decoder).valueOf(pack.body, "texts") == nil {
		return
	}
	var sources Sources
	doc := f.DecodeKey("pack.yaml", "texts", &sources, problems)
	for i, name := range sources.From {
		line := doc.Line(fmt.Sprintf("texts.from[%d]", i))
		set, err := readFolder(fsys, name)
		switch {
		case slices.Contains(sources.From[:i], name):
			problems.Add(doc.File, line, fmt.Sprintf("the set of texts %q stands twice", name), "name each set once")
		case tocsin.KindOf(err) == tocsin.NotFound:
			problems.Add(doc.File, line, fmt.Sprintf("there is no set of texts %q beside the pack", name), "name a folder that holds texts/, such as texts-common")
		case err != nil:
			problems.Add(doc.File, line, fmt.Sprintf("the set of texts %q cannot be read: %v", name, err), "correct it")
		case set.data["pack.yaml"] != nil:
			problems.Add(doc.File, line, fmt.Sprintf("%q is a pack and not a set of texts", name), "name a folder that holds texts/ and no pack.yaml, such as texts-common")
		default:
			set.above = "../" + name + "/"
			f.sets = append(f.sets, set)
		}
	}
}

func readFolder(fsys fs.FS, name string) (*Files, error) {
	if !tocsin.ValidID(name) || !fs.ValidPath(name) {
		return nil, tocsin.Faultf(tocsin.Invalid, "pack_name", "Use the name of a pack's folder, such as icd-191.", "%q cannot be the name of a pack.", name)
	}
	f := &Files{name: name, data: map[string][]byte{}, trees: map[string]tree{}}
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

// Under lists the files, of the pack or of a set, whose path begins with folder,
// such as "tests/". Each path is listed once, in order.
func (f *Files) Under(folder string) []string {
	var in []string
	for _, layer := range append([]*Files{f}, f.sets...) {
		for _, p := range layer.paths {
			if strings.HasPrefix(p, folder) {
				in = append(in, p)
			}
		}
	}
	slices.Sort(in)
	return slices.Compact(in)
}

// Layers returns whoever has the file: the pack itself first, then its sets in
// the order in which it names them. Decode on a layer reads that layer's file.
func (f *Files) Layers(file string) []*Files {
	var have []*Files
	for _, layer := range append([]*Files{f}, f.sets...) {
		if _, ok := layer.data[file]; ok {
			have = append(have, &Files{name: layer.name, above: layer.above, paths: layer.paths, data: layer.data, trees: layer.trees})
		}
	}
	return have
}

// Where is the path at which somebody finds the file that counts, relative to
// the pack's folder.
func (f *Files) Where(file string) string {
	if layers := f.Layers(file); len(layers) > 0 {
		return layers[0].above + file
	}
	return file
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

// Digest names the pack by the paths and the bytes of all its files, and of all
// files of the sets of texts that it takes from, in the order in which it names
// the sets.
func (f *Files) Digest() tocsin.Digest {
	var manifest bytes.Buffer
	for _, layer := range append([]*Files{f}, f.sets...) {
		for _, p := range layer.paths {
			fmt.Fprintf(&manifest, "%s %s%s\n", tocsin.DigestOf(layer.data[p]), layer.above, p)
		}
	}
	return tocsin.DigestOf(manifest.Bytes())
}

// OnlyYAML adds a problem for each file that is neither one of the exact paths
// nor a .yaml file under one of the folders. A stray file would be part of the
// digest and of no policy. A set of texts has .yaml files under texts/ only.
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
	for _, set := range f.sets {
		for _, file := range set.paths {
			if !strings.HasPrefix(file, "texts/") || path.Ext(file) != ".yaml" {
				p.Add(set.above+file, 1, "this file is no part of a set of texts", "take it out; a set has .yaml files under texts/")
			}
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
