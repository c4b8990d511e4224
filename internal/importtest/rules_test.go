package importtest_test

import (
	"slices"
	"strings"
)

const module = "tocsin"

// manner is how a package may touch the world.
type manner int

const (
	pure    manner = iota // values in, values out: no world, no clock, no context
	calm                  // as pure, but it passes a context on to whoever has a world
	clocked               // as calm, but it owns the clock, the identifiers and the log
	kit                   // test support: it may touch what the thing under test touches, and nothing in the product imports it
	edge                  // technology: database, network, files
)

// row says what the packages named by one pattern may import. A pattern is a
// path below the module; "x/..." is x and everything below it.
type row struct {
	who     string
	how     manner
	ours    []string // patterns of this module's packages; "" is the root
	outside []string // module path prefixes from elsewhere; for edge, nil is any
}

var (
	text = "golang.org/x/text"
	tlog = "golang.org/x/mod/sumdb"
)

// rules is design section 3 as a table, from the nouns outwards. Every stage
// imports the nouns and no other stage; release may ask marking.
var rules = []row{
	{who: "", how: pure},

	// How letters are folded: the guard and the search must read alike.
	{who: "spelling", how: pure, outside: []string{text}},
	{who: "search", how: pure, ours: []string{"", "spelling"}},

	{who: "intake", how: pure, ours: []string{""}, outside: []string{text}},
	{who: "marking", how: pure, ours: []string{"", "spelling"}, outside: []string{text}},
	{who: "provenance", how: pure, ours: []string{""}, outside: []string{text}},
	// A pack is read by one strict reader, so that policy and compose name it by
	// the same digest. The reader knows YAML and nothing of either.
	{who: "packs/packfile", how: pure, ours: []string{""}, outside: []string{"github.com/goccy/go-yaml"}},
	{who: "packs", how: pure},
	{who: "policy", how: pure, ours: []string{"", "packs/packfile"}},
	{who: "compose", how: pure, ours: []string{"", "packs/packfile"}, outside: []string{text}},
	{who: "release", how: pure, ours: []string{"", "marking", "release/gloss", "spelling"}, outside: []string{text}},
	{who: "release/gloss", how: pure}, // words as data
	// A case in a file, for the guard without the system.
	{who: "release/guardcase", how: pure, ours: []string{"", "marking", "release"}},
	// Fits the weights of the guard's doubt on the cases in files.
	{who: "release/guardcase/fit", how: edge, ours: []string{"release", "release/guardcase"}},

	{who: "casefile/...", how: pure, ours: []string{"", "casefile"}},
	// The proof of a pack is of its rules, its words, and the case under its terms.
	{who: "policy/prove", how: pure, ours: []string{"", "policy", "compose", "packs/packfile", "casefile", "casefile/explore"}},
	{who: "aside", how: pure, ours: []string{""}},
	// What somebody types for a country or a language becomes its code here.
	{who: "directory", how: pure, ours: []string{"", "geo", "spelling"}, outside: []string{text}},
	{who: "geo/geodata", how: pure},
	{who: "geo", how: pure, ours: []string{"geo/geodata", "spelling"}, outside: []string{text}},
	{who: "scenarios", how: pure},

	{who: "ledger/ledgertest", how: kit, ours: []string{"", "ledger", "ledger/memory"}, outside: []string{tlog, "pgregory.net/rapid"}},
	{who: "ledger/...", how: calm, ours: []string{"", "ledger"}, outside: []string{tlog}},
	// view reads ledger.Record and nothing else of the ledger.
	{who: "view", how: pure, ours: []string{"", "aside", "casefile", "directory", "geo", "ledger", "paging", "search"}, outside: []string{"github.com/aymanbagabas/go-udiff"}},
	{who: "deliver/delivertest", how: kit, ours: []string{"", "deliver", "release"}},
	{who: "deliver", how: calm, ours: []string{"", "release"}},
	{who: "paging/pagingtest", how: kit, ours: []string{"", "deliver", "deliver/delivertest", "paging", "release"}},
	{who: "paging", how: calm, ours: []string{"", "deliver"}},
	{who: "verify", how: calm, ours: []string{"", "release", "casefile", "ledger", "view", "paging"}, outside: []string{tlog}},

	{who: "engine", how: clocked, outside: []string{tlog, "github.com/hashicorp/golang-lru"},
		ours: []string{"", "intake", "marking", "provenance", "policy", "compose", "release", "aside", "casefile", "directory", "ledger", "view", "deliver", "paging"}},

	{who: "internal/importtest", how: pure}, // tests alone, as hygiene
	{who: "internal/clocktest", how: kit},
	{who: "internal/hygiene", how: pure},
	{who: "internal/sqlite", how: edge, ours: []string{"", "ledger"}},
	{who: "internal/channel/...", how: edge, ours: []string{"", "release", "deliver", "paging"}},
	{who: "internal/auth/password", how: calm, ours: []string{""}, outside: []string{"golang.org/x/crypto", text}}, // waits for its turn
	{who: "internal/auth/throttle", how: pure},
	{who: "internal/auth/refusals", how: clocked, ours: []string{""}}, // owns a log; times come in as values
	{who: "internal/auth/pace", how: pure},
	{who: "internal/auth/signin", how: edge, ours: []string{"", "internal/auth", "internal/auth/refusals", "internal/auth/throttle"}},
	{who: "internal/auth", how: edge, ours: []string{"", "ledger", "internal/auth/password"}},
	// The interface asks the engine, and may look at what it answers with. Of the
	// adapters it holds the accounts, and the script that a deliverer reads out,
	// which is words and no technology.
	{who: "internal/web", how: edge, ours: slices.Concat(below, []string{"engine", "verify", "internal/auth", "internal/auth/pace", "internal/auth/refusals", "internal/auth/signin", "internal/channel/inperson"})},
	{who: "internal/console/consoletest", how: kit, ours: slices.Concat(below, []string{"engine", "packs", "scenarios", "ledger/memory", "internal/auth", "internal/auth/pace", "internal/auth/refusals", "internal/auth/signin", "internal/auth/password", "internal/channel/inperson", "internal/channel/smtp", "internal/clocktest", "internal/console", "internal/scenario"}), outside: []string{tlog}},
	// The console asks the engine as the interface does. It draws what casefile
	// and view say and decides nothing; of the adapters it holds the accounts and
	// the script that a deliverer reads out.
	{who: "internal/console/...", how: edge, ours: slices.Concat(below, []string{"engine", "verify", "internal/auth", "internal/auth/pace", "internal/auth/refusals", "internal/auth/signin", "internal/channel/inperson"})},
	{who: "internal/scenario", how: edge, ours: slices.Concat(below, []string{"packs", "engine", "internal/channel/..."})},
	{who: "cmd/geodata", how: edge, ours: []string{"geo"}},
	// memory serves to describe the interface without a record.
	{who: "cmd/...", how: edge, ours: slices.Concat(below, []string{"release/guardcase", "ledger/memory", "packs", "packs/packfile", "policy/prove", "scenarios", "verify", "engine", "internal/..."})},
}

// below is what lies under the engine and speaks in values.
var below = []string{"", "intake", "marking", "provenance", "policy", "compose", "release", "aside", "casefile", "directory", "geo", "ledger", "search", "view", "deliver", "paging"}

// matches reports whether the package at path, below the module, fits pattern.
func matches(pattern, path string) bool {
	if at, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == at || strings.HasPrefix(path, at+"/")
	}
	return path == pattern
}

func rowOf(path string) (row, bool) {
	i := slices.IndexFunc(rules, func(r row) bool { return matches(r.who, path) })
	if i < 0 {
		return row{}, false
	}
	return rules[i], true
}

// inside is path below the module; ok is false for a package from elsewhere.
func inside(path string) (below string, ok bool) {
	if path == module {
		return "", true
	}
	return strings.CutPrefix(path, module+"/")
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && path != "C"
}

// world lists what each manner must not import from the standard library; "x/..."
// is x and everything below it.
var world = map[manner][]string{
	pure:    append(slices.Clone(machine), "context", "log/...", "math/rand/...", "crypto/rand", "testing/..."),
	calm:    append(slices.Clone(machine), "log/...", "math/rand/...", "crypto/rand", "testing/..."),
	clocked: append(slices.Clone(machine), "testing/..."),
	kit:     {"unsafe"},
	edge:    {"unsafe", "testing/..."},
}

var machine = []string{"os/...", "net/...", "database/...", "syscall/...", "unsafe", "plugin", "io/ioutil", "path/filepath", "flag", "runtime/...", "expvar"}

// timekeeping are the names of package time that read the machine's clock or its
// time zone, or wait on it.
var timekeeping = []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep", "Local", "LoadLocation"}

// vague names say nothing about what is in them.
var vague = []string{"util", "utils", "helper", "helpers", "manager", "managers", "common", "base", "types", "misc", "shared", "lib"}
