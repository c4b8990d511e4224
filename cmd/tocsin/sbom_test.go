package main

import (
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// made is the bill of materials of the real program.
func made(t *testing.T) (bin string, b bom, raw []byte) {
	t.Helper()
	bin, err := buildTocsin()
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = exec.Command(bin, "version", "--sbom").Output(); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	return bin, b, raw
}

func TestTheBillOfMaterialsNamesEveryModuleOfTheProgram(t *testing.T) {
	bin, b, raw := made(t)
	if b.Format != "CycloneDX" || b.Spec != "1.6" || b.Version != 1 || b.Metadata.Component.Type != "application" || b.Metadata.Component.Name != "tocsin" {
		t.Fatalf("%+v", b)
	}
	info, err := buildinfo.ReadFile(bin)
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Deps) < 20 {
		t.Fatalf("only %d modules are in the program", len(info.Deps))
	}
	var refs []string
	for _, c := range b.Components {
		if c.Ref == "" || c.Name == "" || slices.Contains(refs, c.Ref) || c.PURL != "" && !regexp.MustCompile(`^pkg:[a-z]+/[^@\s]+@\S+$`).MatchString(c.PURL) {
			t.Errorf("%+v", c)
		}
		refs = append(refs, c.Ref)
	}
	for _, m := range info.Deps {
		i := slices.IndexFunc(b.Components, func(c bomComponent) bool { return c.Name == m.Path && c.Version == m.Version })
		if i < 0 || len(b.Components[i].Properties) != 1 || b.Components[i].Properties[0].Value != m.Sum {
			t.Errorf("%s %s is missing, or without its sum", m.Path, m.Version)
		}
	}
	if !slices.Contains(refs, "pkg:golang/std@"+strings.TrimPrefix(info.GoVersion, "go")) {
		t.Error("the standard library is missing")
	}
	if len(b.Dependencies) != 1 || b.Dependencies[0].Ref != b.Metadata.Component.Ref || !slices.Equal(b.Dependencies[0].On, refs) {
		t.Errorf("%+v", b.Dependencies)
	}
	if _, _, again := made(t); string(again) != string(raw) {
		t.Error("the same program says something else")
	}
}

func TestTheBillOfMaterialsNamesTheFilesThatOthersMade(t *testing.T) {
	tables := ""
	for _, path := range []string{"../../internal/console/static/README.md", "../../geo/geodata/SOURCES.md", "../../internal/auth/password/SOURCES.md"} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tables += string(b)
	}
	_, b, _ := made(t)
	for _, c := range carriedAlong {
		if !strings.Contains(tables, c.Name) || !strings.Contains(tables, c.Version) {
			t.Errorf("%s %s is not what the table beside the file has", c.Name, c.Version)
		}
		if !slices.ContainsFunc(b.Components, func(x bomComponent) bool { return x.Name == c.Name && x.Version == c.Version }) {
			t.Errorf("%s is missing", c.Name)
		}
	}
}
