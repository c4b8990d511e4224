package policy_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	cedar "github.com/cedar-policy/cedar-go"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"tocsin"
	"tocsin/packs"
	"tocsin/policy"
)

// question is one combination of answers and recorded harm, by element.
type question struct {
	harm    tocsin.Harm
	answers map[string]tocsin.FindingValue
}

// engine makes what it needs of a question, and returns what gives the name of the
// rule that decides it.
type engine struct {
	name    string
	prepare func(question) func() string
}

func icd191(t testing.TB) *policy.Pack {
	t.Helper()
	p, err := policy.Load(packs.FS(), "icd-191")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// order is the pack's order of rules.
func order(p *policy.Pack) []string {
	var ids []string
	for _, r := range p.Rules() {
		ids = append(ids, r.ID)
	}
	return ids
}

func engines(t testing.TB) []engine {
	t.Helper()
	p := icd191(t)
	return []engine{tocsinEngine(p), opaEngine(t), cedarEngine(t, order(p)), celEngine(t)}
}

func findings(p *policy.Pack, q question) []tocsin.Finding {
	var out []tocsin.Finding
	for _, e := range p.Elements() {
		out = append(out, tocsin.Finding{Element: e.ID, Value: q.answers[e.ID]})
	}
	return out
}

func tocsinEngine(p *policy.Pack) engine {
	return engine{"tocsin", func(q question) func() string {
		given := findings(p, q)
		return func() string { return p.Determine("v1", q.harm, given).Rule }
	}}
}

const regoRules = `package warn

listed := {"killing", "serious_bodily_injury", "kidnapping"}

harm := "not_met" if { input.harm != ""; not input.harm in listed }
else := "doubtful" if { input.harm == ""; input.answers.harm == "met" }
else := "doubtful" if { input.harm in listed; input.answers.harm == "not_met" }
else := input.answers.harm

values := [input.answers.credible, input.answers.specific, input.answers.impending, harm, input.answers.directed]

all_met if { every v in values { v == "met" } }

rule := "harm-outside-list" if { harm == "not_met" }
else := "not-credible" if { input.answers.credible == "not_met" }
else := "all-met" if { all_met }
else := "not-impending" if { input.answers.impending == "not_met" }
else := "not-specific" if { input.answers.specific == "not_met" }
else := "not-directed" if { input.answers.directed == "not_met" }
else := "not-answered" if { "unknown" in values }
else := "in-doubt" if { "doubtful" in values }
`

func opaEngine(t testing.TB) engine {
	t.Helper()
	ctx := context.Background()
	query, err := rego.New(rego.Query("data.warn.rule"), rego.Module("warn.rego", regoRules)).PrepareForEval(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return engine{"opa", func(q question) func() string {
		answers := map[string]any{}
		for id, v := range q.answers {
			answers[id] = string(v)
		}
		input := ast.MustInterfaceToValue(map[string]any{"harm": string(q.harm), "answers": answers})
		return func() string {
			rs, err := query.Eval(ctx, rego.EvalParsedInput(input))
			if err != nil || len(rs) != 1 {
				return fmt.Sprint("opa: ", len(rs), " results, ", err)
			}
			return rs[0].Expressions[0].Value.(string)
		}
	}}
}

// The harm as counted, in cedar's words: forbid is silence, and a permit is a
// warning in one of its forms.
const (
	cedarListed   = `["killing", "serious_bodily_injury", "kidnapping"].contains(context.harm)`
	cedarHarmNot  = `((context.harm != "" && !` + cedarListed + `) || (context.harm == "" && context.found == "not_met"))`
	cedarHarmMet  = `(` + cedarListed + ` && context.found == "met")`
	cedarHarmOpen = `(context.found == "unknown" && (context.harm == "" || ` + cedarListed + `))`
	cedarNoNot    = `context.credible != "not_met" && context.specific != "not_met" && context.impending != "not_met" && context.directed != "not_met"`
	cedarOpen     = `(context.credible == "unknown" || context.specific == "unknown" || context.impending == "unknown" || context.directed == "unknown" || ` + cedarHarmOpen + `)`
	cedarAllMet   = `context.credible == "met" && context.specific == "met" && context.impending == "met" && context.directed == "met" && ` + cedarHarmMet
)

var cedarRules = map[string]string{
	"harm-outside-list": `forbid (principal, action, resource) when { ` + cedarHarmNot + ` };`,
	"not-credible":      `forbid (principal, action, resource) when { context.credible == "not_met" };`,
	"all-met":           `permit (principal, action, resource) when { ` + cedarAllMet + ` };`,
	"not-impending":     `permit (principal, action, resource) when { context.impending == "not_met" };`,
	"not-specific":      `permit (principal, action, resource) when { context.specific == "not_met" };`,
	"not-directed":      `permit (principal, action, resource) when { context.directed == "not_met" };`,
	"not-answered":      `permit (principal, action, resource) when { ` + cedarNoNot + ` && ` + cedarOpen + ` };`,
	"in-doubt":          `permit (principal, action, resource) when { ` + cedarNoNot + ` && !` + cedarOpen + ` && !(` + cedarAllMet + `) };`,
}

func cedarEngine(t testing.TB, order []string) engine {
	t.Helper()
	set := cedar.NewPolicySet()
	for _, id := range order {
		var one cedar.Policy
		if err := one.UnmarshalCedar([]byte(cedarRules[id])); err != nil {
			t.Fatal(id, err)
		}
		set.Add(cedar.PolicyID(id), &one)
	}
	return engine{"cedar", func(q question) func() string {
		context := cedar.RecordMap{"harm": cedar.String(q.harm)}
		for id, v := range q.answers {
			if id == "harm" {
				id = "found"
			}
			context[cedar.String(id)] = cedar.String(v)
		}
		request := cedar.Request{Principal: cedar.NewEntityUID("Officer", "anna"), Action: cedar.NewEntityUID("Action", "warn"),
			Resource: cedar.NewEntityUID("Victim", "v1"), Context: cedar.NewRecord(context)}
		return func() string {
			_, why := cedar.Authorize(set, nil, request)
			if len(why.Errors) > 0 {
				return "cedar: " + why.Errors[0].Message
			}
			first := len(order)
			for _, r := range why.Reasons {
				if at := slices.Index(order, string(r.PolicyID)); at < first {
					first = at
				}
			}
			if first == len(order) {
				return "cedar: nothing fits"
			}
			return order[first]
		}
	}}
}

const celRules = `cel.bind(listed, harm in ["killing", "serious_bodily_injury", "kidnapping"],
cel.bind(counted, harm != "" && !listed ? "not_met" : harm == "" && found == "met" ? "doubtful" : listed && found == "not_met" ? "doubtful" : found,
cel.bind(values, [credible, specific, impending, counted, directed],
  counted == "not_met" ? "harm-outside-list" :
  credible == "not_met" ? "not-credible" :
  values.all(v, v == "met") ? "all-met" :
  impending == "not_met" ? "not-impending" :
  specific == "not_met" ? "not-specific" :
  directed == "not_met" ? "not-directed" :
  "unknown" in values ? "not-answered" : "in-doubt")))`

func celEngine(t testing.TB) engine {
	t.Helper()
	options := []cel.EnvOption{ext.Bindings()}
	for _, name := range []string{"harm", "found", "credible", "specific", "impending", "directed"} {
		options = append(options, cel.Variable(name, cel.StringType))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		t.Fatal(err)
	}
	tree, issues := env.Compile(celRules)
	if issues.Err() != nil {
		t.Fatal(issues.Err())
	}
	program, err := env.Program(tree, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		t.Fatal(err)
	}
	return engine{"cel", func(q question) func() string {
		vars := map[string]any{"harm": string(q.harm)}
		for id, v := range q.answers {
			if id == "harm" {
				id = "found"
			}
			vars[id] = string(v)
		}
		activation, err := cel.NewActivation(vars)
		if err != nil {
			return func() string { return err.Error() }
		}
		return func() string {
			out, _, err := program.Eval(activation)
			if err != nil {
				return "cel: " + err.Error()
			}
			return out.Value().(string)
		}
	}}
}
