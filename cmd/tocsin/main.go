// Command tocsin runs an organisation's duty to warn: the server, the command
// line, and the demonstration.
//
// On its standard output is data, on its standard error is talk. It exits with 0
// if it did what was asked, 1 if that was refused or failed, 2 if the command
// line was wrong, 3 if a record does not verify. guard check has exit codes of its
// own: 0 pass, 1 ask, 2 block, 3 not judged.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"tocsin"
)

// version is set by the linker for a release.
var version = "dev"

// program is one run: where it reads and writes. Tests make their own.
type program struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
	pause    func(context.Context, time.Duration) // waits; nil is the wall clock
}

// errUsage says that the command line was wrong; the usage has been printed.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &program{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// command is one word of the command line, or two.
type command struct {
	name  string
	args  string
	about string
	run   func(*program, context.Context, []string) error
}

func commands() []command {
	return []command{
		{"demo", "[NAME|FILE.txt] [--json] [--data DIR] [--packs DIR]", "play a scenario through the real engine, by name or from a file; kerman if none is named", (*program).demo},
		{"serve", "[--config FILE] [--data DIR] [--listen ADDRESS] [--packs DIR]", "run the server: HTTP API, clocks and deliveries", (*program).serve},
		{"user add", "ID --role ROLE [--role ROLE ...] [--name NAME]", "add a user and print their token, once", (*program).userAdd},
		{"user list", "", "list users", (*program).userList},
		{"user password set", "ID", "give a user a password, typed or from standard input; their sessions end", (*program).userPassword},
		{"user roles", "ID --role ROLE [--role ROLE ...] --why WHY", "give a user other roles", (*program).userRoles},
		{"user powers", "[--pack NAME]", "who can do what under a policy pack", (*program).userPowers},
		{"user sessions", "[--user ID]", "list who is signed in", (*program).userSessions},
		{"user session end", "SESSION | --user ID [--why WHY]", "end a session, or all of a person", (*program).userSessionEnd},
		{"user tokens", "[--user ID]", "list tokens: scopes, expiry, last use", (*program).userTokens},
		{"user token add", "ID --scope SCOPE [--scope SCOPE ...] [--expires 90d] [--name NAME]", "make a token that is good for some things and expires", (*program).userTokenAdd},
		{"user token revoke", "ID TOKEN", "end one token", (*program).userTokenRevoke},
		{"user link", "ID --issuer ADDRESS --subject SUBJECT", "let a person sign in through an OpenID provider", (*program).userLink},
		{"user forget", "ID", "take a user's passkeys and one-time codes away, as when they are lost", (*program).userForget},
		{"user break-glass list", "[--owed]", "list roles that were taken by breaking the glass", (*program).glassList},
		{"user break-glass review", "ID --justified|--not-justified --note NOTE", "record the review of one", (*program).glassReview},
		{"user history", "", "list every change of accounts, roles and tokens", (*program).userHistory},
		{"user token", "ID", "give a user a new token; the old one ends at once", (*program).userToken},
		{"user disable", "ID", "end a user's access", (*program).userDisable},
		{"report add", "FILE|- [--origin O] [--conveyor C] [--marking M] ...", "hand in a report: text, e-mail or JSON", (*program).reportAdd},
		{"report list", "[--state STATE]", "list reports: all, or those that are waiting, proposed, set_aside or in_case", (*program).reportList},
		{"report show", "ID [--raw]", "show a report, or its bytes as they came", (*program).reportShow},
		{"report flag", "ID --why WHY [--key KEY]", "flag a possible duty to warn in a report", (*program).reportFlag},
		{"report flags", "", "list your flags, and whether each report is in a case by now", (*program).reportFlags},
		{"report aside", "ID", "show how a report stands that somebody wanted to set aside", (*program).reportAside},
		{"report set-aside", "ID --ground GROUND --why WHY [--of REPORT] [--retest DAY] [--key KEY]", "propose to set a report aside: not a threat, a duplicate, a test, over, nothing to act on", (*program).reportSetAside},
		{"report confirm", "ID PROPOSAL --why WHY [--answer N=WHY ...] [--key KEY]", "confirm, as a second person, that a report is set aside", (*program).reportConfirm},
		{"report take-up", "ID --why WHY [--key KEY]", "take a report up again that is, or is to be, set aside", (*program).reportTakeUp},
		{"quarantine list", "", "list what could not be read", (*program).quarantineList},
		{"quarantine show", "ID [--raw]", "show such an item, or its bytes", (*program).quarantineShow},
		{"search", "WORDS [--kind KIND] [--limit N] [--cursor CURSOR] [--json]", "search reports, cases, warnings, deliveries and the directory; words in quotes stand in a row", (*program).search},
		{"case open", "--title TITLE REPORT [REPORT ...] [--pack NAME]", "open a case with reports", (*program).caseOpen},
		{"case list", "", "list cases", (*program).caseList},
		{"case show", "CASE [--grades]", "show a case: obligations, clocks, what is owed, what you may do", (*program).caseShow},
		{"case timeline", "CASE", "show what happened, line by line", (*program).caseTimeline},
		{"case do", "CASE COMMAND [field=value ... | @FILE]", "give a command on a case; case do --list names them", (*program).caseDo},
		{"warning draft", "CASE FILE|-", "draft a warning from a JSON request", (*program).warningDraft},
		{"warning show", "CASE WARNING", "show a warning's words and digest", (*program).warningShow},
		{"warning approve", "CASE WARNING DIGEST [--note NOTE]", "approve exactly the words with that digest", (*program).warningApprove},
		{"warning guard", "CASE WARNING", "ask the guard without releasing", (*program).warningGuard},
		{"warning answer", "CASE WARNING QUESTION=WORDS [QUESTION=WORDS ...]", "answer what the guard asks, one question or several at once: all are recorded, or none", (*program).warningAnswer},
		{"warning release", "CASE WARNING [--reverse-test WORDS]", "release an approved warning through the guard", (*program).warningRelease},
		{"guard check", "--case CASE.json --text FILE [--json]", "ask the guard about words and a case in files; exits with 0 pass, 1 ask, 2 block, 3 not judged", (*program).guardCheck},
		{"delivery list", "", "list deliveries that wait for somebody, with the script of those in person", (*program).deliveryList},
		{"recipient set", "FILE|-", "enter a recipient into the directory, from JSON", (*program).recipientSet},
		{"recipient list", "", "list the directory", (*program).recipientList},
		{"place", "NAME [--json]", "list every place of a name: where it lies and how many live there", (*program).place},
		{"policy list", "", "list the policy packs", (*program).policyList},
		{"policy show", "PACK [--html]", "show a pack to a reader: tests, rules, grounds, clocks, with their legal basis", (*program).policyShow},
		{"policy explain", "CASE [--victim V] [--grades]", "why a case stands where it does, what to ask next and what it waits for", (*program).policyExplain},
		{"policy diff", "A B [--cases]", "what would have come out differently, over every combination of findings, or every stored case too", (*program).policyDiff},
		{"policy new", "NAME", "write a commented starting pack", (*program).policyNew},
		{"policy prove", "NAME|--all [--json] [--deep] [--packs DIR] [--save DIR]", "go through everything a pack can come to, and say what does not hold", (*program).policyProve},
		{"policy test", "[PACK ...]", "run a pack's own tests", (*program).policyTest},
		{"oversight exceptions", "[--from DAY] [--until DAY]", "every case that skipped or overran a step", (*program).oversightExceptions},
		{"oversight sealed-reads", "[--from DAY] [--until DAY]", "who read in sealed cases, what and when", (*program).oversightSealedReads},
		{"oversight set-aside", "[--from DAY] [--until DAY]", "what was set aside, on which ground, by whom; what waits for a second person; what was taken up again", (*program).oversightSetAside},
		{"record verify", "[--config FILE] [--data DIR]", "prove the record: log, replay and views", (*program).recordVerify},
		{"record checkpoint", "[--config FILE] [--data DIR]", "sign and print the head of the log", (*program).recordCheckpoint},
		{"openapi", "", "print the description of the HTTP API", (*program).openAPI},
		{"version", "[--sbom]", "print the version, or what the program was made of (CycloneDX)", (*program).printVersion},
	}
}

func (p *program) run(ctx context.Context, args []string) int {
	err := p.dispatch(ctx, args)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	case errors.Is(err, errNotVerified):
		return 3
	case errors.Is(err, errAsk):
		return 1
	case errors.Is(err, errBlock):
		return 2
	}
	p.complain(err)
	if errors.Is(err, errUnjudged) {
		return 3
	}
	return 1
}

// complain tells what went wrong on the standard error.
func (p *program) complain(err error) {
	var told *tocsin.Error
	switch {
	case errors.As(err, &told):
		fmt.Fprintf(p.err, "error: %s\n", told.What)
		if told.Kept != "" {
			fmt.Fprintf(p.err, "kept:  %s\n", told.Kept)
		}
		if told.Do != "" {
			fmt.Fprintf(p.err, "hint:  %s\n", told.Do)
		}
		if told.Cause != nil {
			fmt.Fprintf(p.err, "cause: %v\n", told.Cause)
		}
	default:
		fmt.Fprintf(p.err, "error: %v\n", err)
	}
}

func (p *program) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		p.usage("")
		if len(args) == 0 {
			return errUsage
		}
		return nil
	}
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if len(args) >= len(words) && slices.Equal(words, args[:len(words)]) {
			return c.run(p, ctx, args[len(words):])
		}
	}
	p.usage(args[0])
	fmt.Fprintf(p.err, "error: there is no command %q\n", strings.Join(args[:min(2, len(args))], " "))
	return errUsage
}

// usage lists the commands, those that begin with a word if there are any.
func (p *program) usage(word string) {
	fmt.Fprintln(p.err, "usage: tocsin COMMAND [ARGUMENTS]")
	some := slices.ContainsFunc(commands(), func(c command) bool { return strings.HasPrefix(c.name, word+" ") })
	for _, c := range commands() {
		if some && word != "" && !strings.HasPrefix(c.name, word+" ") {
			continue
		}
		fmt.Fprintf(p.err, "  %-18s %s\n", c.name, c.about)
		if c.args != "" && some && word != "" {
			fmt.Fprintf(p.err, "  %-18s   tocsin %s %s\n", "", c.name, c.args)
		}
	}
	fmt.Fprintln(p.err, "\nData commands speak to the server at TOCSIN_URL with the token in TOCSIN_TOKEN, or,\nwithout TOCSIN_URL, to the record in --data (default tocsin-data). --json prints JSON.")
}

// flags makes a flag set that reports errors in our own voice and lets flags
// stand behind arguments.
func (p *program) flags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// parse reads flags anywhere among args and returns the rest. want is how many
// arguments there must be; -1 is any number.
func (p *program) parse(f *flag.FlagSet, args []string, want int) ([]string, error) {
	var rest []string
	for {
		switch err := f.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			p.explain(f, p.out)
			return nil, err
		case err != nil:
			return nil, p.wrong(f, err.Error())
		}
		args = f.Args()
		if len(args) == 0 {
			break
		}
		rest, args = append(rest, args[0]), args[1:]
	}
	if want >= 0 && len(rest) != want {
		return nil, p.wrong(f, fmt.Sprintf("it takes %d arguments, not %d", want, len(rest)))
	}
	return rest, nil
}

func (p *program) wrong(f *flag.FlagSet, what string) error {
	fmt.Fprintf(p.err, "error: tocsin %s: %s\n", f.Name(), what)
	p.explain(f, p.err)
	return errUsage
}

// explain says how a command is given.
func (p *program) explain(f *flag.FlagSet, to io.Writer) {
	for _, c := range commands() {
		if c.name == f.Name() {
			fmt.Fprintf(to, "usage: tocsin %s %s\n%s\n", c.name, c.args, c.about)
		}
	}
	f.VisitAll(func(fl *flag.Flag) { fmt.Fprintf(to, "  --%-12s %s\n", fl.Name, fl.Usage) })
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func (p *program) printVersion(_ context.Context, args []string) error {
	f := p.flags("version")
	sbom := f.Bool("sbom", false, "print the bill of materials as CycloneDX JSON")
	if _, err := p.parse(f, args, 0); err != nil {
		return err
	}
	if *sbom {
		return p.printSBOM()
	}
	fmt.Fprintln(p.out, "tocsin", version)
	return nil
}
