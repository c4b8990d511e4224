package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"tocsin"
	"tocsin/packs"
	"tocsin/packs/packfile"
)

// packSet is every pack that a run can use: the built-in ones, and those of a
// directory, which go before a built-in one of the same name. The directory is read
// once, whole; what is changed there afterwards is not picked up, and never half.
type packSet struct {
	fs    fs.FS
	names []string
	own   []string // of them, those of the directory
	dir   string   // "" for none
}

// maxPackDir bounds what is read from a directory of packs, in bytes and in files.
const (
	maxPackDir   = 64 << 20
	maxPackFiles = 20 * packfile.MaxFiles
)

// readPacks reads the directory; an empty name is no directory.
func readPacks(dir string) (packSet, error) {
	set := packSet{fs: packs.FS(), names: packs.Names(), dir: dir}
	if dir == "" {
		return set, nil
	}
	held, err := hold(os.DirFS(dir))
	if err != nil {
		var told *tocsin.Error
		if errors.As(err, &told) {
			return set, told
		}
		f := tocsin.Faultf(tocsin.Invalid, "packs_directory", "Name a folder that holds packs, one folder each, as plain files.", "The packs in %s cannot be read.", dir)
		f.Cause = err
		return set, f
	}
	entries, err := fs.ReadDir(held, ".")
	if err != nil {
		return set, err
	}
	for _, e := range entries {
		if _, err := fs.Stat(held, e.Name()+"/pack.yaml"); err == nil {
			set.own = append(set.own, e.Name())
		}
	}
	if len(set.own) == 0 {
		return set, tocsin.Faultf(tocsin.Invalid, "packs_directory", "Put each pack into a folder of its name in it, with its pack.yaml; tocsin policy new NAME writes one.", "There is no pack in %s.", dir)
	}
	set.fs = over{held, packs.FS()}
	set.names = append(set.names, set.own...)
	slices.Sort(set.names)
	set.names = slices.Compact(set.names)
	return set, nil
}

// hold copies a file system into memory. A zip archive is the standard library's own
// file system in memory.
func hold(fsys fs.FS) (fs.FS, error) {
	size, files := int64(0), 0
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files++
		if size += info.Size(); size > maxPackDir || files > maxPackFiles {
			return tocsin.Faultf(tocsin.TooLarge, "packs_directory", "Name the folder that holds the packs and nothing else.", "The folder of packs holds more than %d files or %d bytes.", maxPackFiles, maxPackDir)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := errors.Join(z.AddFS(fsys), z.Close()); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
}

// over is one file system over another: a folder is the upper one's if that has it.
type over struct{ upper, lower fs.FS }

// Open implements fs.FS.
func (o over) Open(name string) (fs.File, error) {
	folder, _, _ := strings.Cut(name, "/")
	if _, err := fs.Stat(o.upper, folder); err == nil {
		return o.upper.Open(name)
	}
	return o.lower.Open(name)
}
