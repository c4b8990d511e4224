package web

import (
	"context"
	"net/http"

	"tocsin"
	"tocsin/policy"
)

// Pack is a policy as it is shown.
type Pack struct {
	Ref       tocsin.PackRef   `json:"ref"`
	Title     string           `json:"title"`
	Elements  []policy.Element `json:"elements" nullable:"false" doc:"The tests of the threshold, in the order in which they are asked"`
	Rules     []policy.Rule    `json:"rules" nullable:"false" doc:"First match first"`
	Doubt     policy.Doubt     `json:"doubt"`
	Languages []string         `json:"languages" nullable:"false" doc:"Languages that it has texts in"`
	Terms     tocsin.Terms     `json:"terms" doc:"Grounds, roles, clocks and duties"`
}

// PackLine is a policy in the list.
type PackLine struct {
	Ref   tocsin.PackRef `json:"ref"`
	Title string         `json:"title"`
}

// DetermineBody is what a policy is asked.
type DetermineBody struct {
	Harm     tocsin.Harm      `json:"harm,omitempty" doc:"As the threat would state it"`
	Findings []tocsin.Finding `json:"findings" nullable:"false" maxItems:"100"`
}

// Determined is what it answers.
type Determined struct {
	Determination tocsin.Determination `json:"determination"`
	Next          []policy.Question    `json:"next" nullable:"false" doc:"Open elements, the one most likely to decide first"`
}

type (
	packsOut = PageOf[PackLine]
	packIn   struct {
		Name string `path:"name" maxLength:"64" doc:"The pack"`
	}
	packOut     struct{ Body Pack }
	determineIn struct {
		Name string `path:"name" maxLength:"64" doc:"The pack"`
		Body DetermineBody
	}
	determineOut struct{ Body Determined }
)

func (a *API) packs() {
	handle(a, operation{id: "list-packs", method: http.MethodGet, path: "/v1/packs", tag: "packs", summary: "The policies that are loaded", who: staffRoles}, a.listPacks)
	handle(a, operation{id: "get-pack", method: http.MethodGet, path: "/v1/packs/{name}", tag: "packs", summary: "One policy", who: staffRoles}, a.getPack)
	handle(a, operation{id: "determine", method: http.MethodPost, path: "/v1/packs/{name}/determine", tag: "packs", summary: "Ask a policy what it makes of findings",
		doc: "Nothing is recorded.", who: staffRoles}, a.determine)
}

func (a *API) listPacks(context.Context, call, *struct{}) (*packsOut, error) {
	names := a.cfg.Packs
	if len(names) == 0 {
		names = []string{""} // the engine's default
	}
	out := &packsOut{}
	out.Body.Items = []PackLine{}
	for _, name := range names {
		p, err := a.cfg.Engine.Pack(name)
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, PackLine{p.Ref(), p.Terms().Title})
	}
	return out, nil
}

func (a *API) pack(name string) (*policy.Pack, error) {
	p, err := a.cfg.Engine.Pack(name)
	if err != nil {
		return nil, notFound("pack")
	}
	return p, nil
}

func (a *API) getPack(_ context.Context, _ call, in *packIn) (*packOut, error) {
	p, err := a.pack(in.Name)
	if err != nil {
		return nil, err
	}
	return &packOut{Pack{Ref: p.Ref(), Title: p.Terms().Title, Elements: filled(p.Elements()), Rules: filled(p.Rules()), Doubt: p.DoubtRule(),
		Languages: filled(p.Languages()), Terms: p.Terms()}}, nil
}

func (a *API) determine(_ context.Context, _ call, in *determineIn) (*determineOut, error) {
	p, err := a.pack(in.Name)
	if err != nil {
		return nil, err
	}
	out := &determineOut{}
	out.Body.Determination = p.Determine("", in.Body.Harm, in.Body.Findings)
	out.Body.Next = filled(p.Next(in.Body.Harm, in.Body.Findings))
	return out, nil
}
