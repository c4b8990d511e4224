// Package packs holds the built-in policy packs as data. Every folder beside
// this file that holds a pack.yaml is one pack: pack.yaml for the policy, texts/
// for its words, tests/ for its own proof. A folder texts-... is no pack but a set
// of texts that packs share. There is no logic here; package policy reads a pack,
// and package compose its texts.
package packs

import (
	"embed"
	"io/fs"
	"slices"
)

// Each pack is named here, so that a folder that is not a pack is not shipped.
//
//go:embed clery dsa-18 emergency-disclosure icd-191 ngo-security no-double-standard
//go:embed platform-emergency psni rcmp tarasoff-california uk-threat-to-life
//go:embed texts-common texts-platform texts-police
var files embed.FS

//go:embed proved.json
var proved []byte

// Proved is the list of the built-in packs that were gone through whole, with the
// digest of each, as JSON. "tocsin policy prove --all --write" writes it; a test
// holds it against the packs.
func Proved() []byte { return proved }

// FS returns the built-in packs and sets of texts, one folder each.
func FS() fs.FS { return files }

// Names lists the built-in packs in order.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("packs: the embedded folder is always readable: " + err.Error())
	}
	var names []string
	for _, e := range entries {
		if _, err := fs.Stat(files, e.Name()+"/pack.yaml"); err == nil {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names
}
