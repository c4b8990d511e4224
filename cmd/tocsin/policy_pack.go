package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tocsin"
	"tocsin/packs"
	"tocsin/policy"
)

// packFolder is the pack that a command names: the files and the folder in them.
type packFolder struct {
	files  fs.FS
	folder string
}

// findPack finds a pack by the name of a built-in one, or by the path of a folder
// that holds pack.yaml. A built-in name wins over a folder of the same name; the
// folder is meant by ./NAME.
func findPack(name string) (packFolder, error) {
	if slices.Contains(packs.Names(), name) {
		return packFolder{packs.FS(), name}, nil
	}
	at, err := filepath.Abs(name)
	if err != nil {
		return packFolder{}, err
	}
	if _, err := os.Stat(filepath.Join(at, "pack.yaml")); err != nil {
		return packFolder{}, tocsin.Faultf(tocsin.NotFound, "pack_not_found", "See policy list for those that are built in, or name a folder that holds pack.yaml, such as ./my-agency.",
			"%q is neither a built-in policy pack nor a folder with a pack.yaml.", name)
	}
	return packFolder{besideBuiltIn{os.DirFS(filepath.Dir(at))}, filepath.Base(at)}, nil
}

func (f packFolder) load() (*policy.Pack, error) { return policy.Load(f.files, f.folder) }

// loadPack loads the pack that findPack finds.
func loadPack(name string) (*policy.Pack, error) {
	f, err := findPack(name)
	if err != nil {
		return nil, err
	}
	return f.load()
}

// besideBuiltIn is a folder of packs in which the built-in sets of texts are found
// too, as long as there is none of the same name: a pack that "policy new" wrote
// takes its words from texts-common without a copy of it.
type besideBuiltIn struct{ own fs.FS }

// Open implements fs.FS.
func (b besideBuiltIn) Open(name string) (fs.File, error) {
	top, _, _ := strings.Cut(name, "/")
	if strings.HasPrefix(top, "texts-") {
		if _, err := fs.Stat(b.own, top); err != nil {
			return packs.FS().Open(name)
		}
	}
	return b.own.Open(name)
}
