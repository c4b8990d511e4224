// Package packs holds the built-in policy packs as data. Every folder beside
// this file is one pack: pack.yaml for the policy, texts/ for its words, tests/
// for its own proof. There is no logic here; package policy reads a pack, and
// package compose its texts.
package packs

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

// Each pack is named here, so that a folder that is not a pack is not shipped.
//
//go:embed icd-191
var files embed.FS

// FS returns the built-in packs, one folder each.
func FS() fs.FS { return files }

// Names lists the built-in packs in order.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("packs: the embedded folder is always readable: " + err.Error())
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names
}
