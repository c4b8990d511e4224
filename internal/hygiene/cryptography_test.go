package hygiene_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// cryptographic reports whether a package is one whose use the inventory has.
func cryptographic(path string) bool {
	for _, prefix := range []string{"crypto/", "golang.org/x/crypto/", "golang.org/x/mod/sumdb/", "golang.org/x/oauth2", "github.com/pquerna/otp", "github.com/go-webauthn/", "github.com/coreos/go-oidc", "github.com/go-jose/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

func TestTheInventoryOfCryptographyNamesEveryPackageThatIsUsed(t *testing.T) {
	doc := read(t, "docs/cryptography.md")
	seen := map[string]bool{}
	for _, path := range files(t, func(p string) bool {
		return strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go") && !strings.Contains(filepath.Dir(p), "test")
	}) {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !cryptographic(name) || seen[name] {
				continue
			}
			seen[name] = true
			named := strings.Contains(doc, "`"+name+"`")
			for short := name; !named && strings.Count(short, "/") > 1; { // one row stands for a module's packages
				short = short[:strings.LastIndex(short, "/")]
				named = strings.Contains(doc, "`"+short+"`")
			}
			if !named {
				t.Errorf("%s imports %s, which docs/cryptography.md does not name", path, name)
			}
		}
	}
	if len(seen) < 12 {
		t.Errorf("only %d packages were found", len(seen))
	}
	if strings.Contains(doc, "SHA-1 stands nowhere but here") && seen["crypto/sha1"] {
		t.Error("SHA-1 is used elsewhere than the page says")
	}
}
