# One door to everything a developer runs. `make help` lists the targets.
# Nothing here needs the network once the modules are in Go's module cache.

GO ?= go
# Where `test` keeps the whole output; .ci/run reads it.
TESTLOG ?= bin/test.log
# Further flags for go test, such as -timeout 20m.
TESTARGS ?=
# Time for each fuzz function, and which: a pattern over "package Function".
FUZZTIME ?= 30s
FUZZ ?= .
# Which benchmarks, and how often each; figures that are quoted need at least 5.
BENCH ?= .
COUNT ?= 1
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.DEFAULT_GOAL := help
.PHONY: help run build test lint check fresh packs scenarios bench fuzz clean ready browser

help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## play the Kerman scenario through the real engine
	@$(GO) run ./cmd/tocsin demo

build: ## build bin/tocsin
	$(GO) build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/tocsin ./cmd/tocsin

# The race detector is the one thing here that needs a C compiler; the product is
# pure Go. Without a compiler the tests still run, and it is said what is missing.
RACE = $(shell [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v "$$($(GO) env CC)" >/dev/null && echo -race)
ready:
	@command -v $(GO) >/dev/null || { echo "error: Go is not installed." >&2; echo "hint:  see https://go.dev/doc/install; go.mod says which version." >&2; exit 1; }

lint: ready ## gofmt, go vet, staticcheck
	@bad=$$(gofmt -l .); if [ -n "$$bad" ]; then echo "error: not formatted; run gofmt -w on:" >&2; echo "$$bad" >&2; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

# The console is tested in a real browser. As root on a Debian-like system it is
# installed; elsewhere its tests are skipped, and that is said.
browser:
	@for b in chromium chromium-browser google-chrome; do command -v $$b >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing Chromium for the browser tests"; \
	  { apt-get install -y -qq --no-install-recommends chromium || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }; } >/dev/null 2>&1 && exit 0; \
	fi; \
	echo "NOTE: there is no Chromium here, so the browser tests are skipped. Install it, or set CHROMIUM to one." >&2

# The whole output, with the name of every test, goes to TESTLOG; what is shown is
# one line for each package, and everything of a package that fails.
#
# The explorer visits every state of a case in one goroutine, and the proof of the
# packs is made of such searches: the race detector would find nothing there, and take
# ten times as long.
ALONE := tocsin/casefile/explore tocsin/policy/prove tocsin/internal/console/browser
test: lint browser ## lint, then every test with the race detector, in random order
	@mkdir -p "$$(dirname '$(TESTLOG)')"
	@race="$(RACE)"; echo "$(GO) test $$race -shuffle=on ./...   (whole output in $(TESTLOG))"; \
	all=$$($(GO) list ./...) || exit 1; \
	$(GO) test $$race -shuffle=on -v -timeout 20m $(TESTARGS) $$(echo "$$all" | grep -v -x $(ALONE:%=-e %)) >'$(TESTLOG)' 2>&1; status=$$?; \
	$(GO) test -shuffle=on -v -timeout 20m $(TESTARGS) $(ALONE) >>'$(TESTLOG)' 2>&1 || status=1; \
	awk '/^=== (RUN|PAUSE|CONT|NAME)/ || /^ *--- PASS/ { next } \
	  /^(ok|FAIL)[ \t]+tocsin/ || /^\?[ \t]/ { if ($$1 == "FAIL") printf "%s", held; if ($$1 != "?") print; held = ""; next } \
	  { held = held $$0 "\n" } \
	  END { printf "%s", held }' '$(TESTLOG)'; \
	passed=$$(grep -c '^ *--- PASS' '$(TESTLOG)'); \
	echo "$$passed tests passed, $$(grep -c '^ *--- FAIL' '$(TESTLOG)') failed, $$(grep -c '^ *--- SKIP' '$(TESTLOG)') skipped"; \
	[ -n "$$race" ] || echo "NOTE: there is no C compiler, so the race detector was off and data races went unseen." >&2; \
	[ "$$passed" -gt 0 ] || { echo "error: no test was found" >&2; exit 1; }; \
	exit $$status

check: test fresh packs scenarios ## test, and everything else that must hold before a change goes in

fresh: ## generated files are what their generators write; modules are what go.sum says
	@if grep -rqs --include='*.go' '^//go:generate' .; then \
	  before=$$(git diff | cksum); $(GO) generate ./... || exit 1; \
	  [ "$$(git diff | cksum)" = "$$before" ] || { echo "error: generated files were stale; they have been written anew, commit them" >&2; exit 1; }; \
	fi
	$(GO) mod verify

packs: ## every policy pack's own tests
	$(GO) run ./cmd/tocsin policy test

scenarios: ## every scenario, played and its record verified
	@mkdir -p bin
	@$(GO) build -o bin/tocsin-check ./cmd/tocsin
	@found=0; for f in scenarios/*.txt; do [ -e "$$f" ] || continue; found=1; name=$$(basename "$$f" .txt); \
	  echo "tocsin demo $$name"; bin/tocsin-check demo "$$name" --json >bin/scenario.json || exit 1; done; \
	rm -f bin/tocsin-check bin/scenario.json; [ $$found = 1 ] || { echo "error: no scenario was found" >&2; exit 1; }

# The functions of one sort in all test files, one "package Function" a line. What
# is found by listing must be found: an empty list is a failure.
define found
$(GO) test -list '^$(1)' ./... >bin/list.out 2>&1 || { cat bin/list.out >&2; exit 1; }; \
awk '/^$(1)/ { names[++n] = $$1 } /^ok[ \t]/ { for (i = 1; i <= n; i++) print $$2, names[i]; n = 0 }' bin/list.out >bin/list.txt; \
rm -f bin/list.out; [ -s bin/list.txt ] || { echo "error: no $(1) function was found" >&2; exit 1; }
endef

# The policy engines that tocsin is measured beside are a module of their own, so
# that the product depends on none of them. Its first run fetches them.
BESIDE := bench/policy

bench: ## every benchmark, one line each, with its ratio to a limit of the same run
	@mkdir -p bin; $(call found,Benchmark); \
	cut -d' ' -f1 bin/list.txt | sort -u | while read -r pkg; do \
	  $(GO) test -run '^$$' -bench '$(BENCH)' -count $(COUNT) "$$pkg" </dev/null >bin/bench.out 2>&1 || { cat bin/bench.out >&2; exit 1; }; \
	  sed -n "s|^Benchmark|$$pkg &|p" bin/bench.out; done
	@echo "$(BESIDE): first that all give the same answers, then how fast"; \
	(cd $(BESIDE) && $(GO) vet . && $(GO) test -bench '$(BENCH)' -count $(COUNT) .) >bin/bench.out 2>&1 || { cat bin/bench.out >&2; exit 1; }; \
	sed -n "s|^Benchmark|tocsin/$(BESIDE) &|p; /ns each/,/^ok/ { /^ok/!p; }" bin/bench.out

fuzz: ## every fuzz function for FUZZTIME (30s)
	@mkdir -p bin; $(call found,Fuzz); grep -E '$(FUZZ)' bin/list.txt >bin/fuzz.txt || { echo "error: no fuzz function fits $(FUZZ)" >&2; exit 1; }; \
	while read -r pkg name; do echo "$$pkg $$name"; \
	  $(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$pkg" </dev/null >bin/fuzz.out 2>&1 || { cat bin/fuzz.out >&2; exit 1; }; \
	  tail -n 1 bin/fuzz.out; done <bin/fuzz.txt; echo "$$(wc -l <bin/fuzz.txt) fuzz functions ran for $(FUZZTIME) each"

clean: ## remove what these targets have built
	rm -rf bin coverage.out
