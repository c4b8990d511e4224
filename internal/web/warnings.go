package web

import (
	"context"
	"net/http"

	"tocsin"
	"tocsin/casefile"
	"tocsin/engine"
	"tocsin/release"
	"tocsin/view"
)

type (
	draftIn = commandIn[engine.DraftRequest]

	warningIn struct {
		OneCase
		Warning tocsin.WarningID `path:"warning" maxLength:"64" doc:"The warning"`
	}
	releaseIn struct {
		CaseWrite
		Warning tocsin.WarningID `path:"warning" maxLength:"64" doc:"The warning"`
		Body    *ReleaseBody
	}
	guardOut    struct{ Body GuardAnswer }
	versionsOut struct {
		Body struct {
			Items []view.Version `json:"items" nullable:"false"`
		}
	}
)

// ReleaseBody goes with a release; it may be left out where no report of the case is
// under originator control.
type ReleaseBody struct {
	ReverseTest string `json:"reverse_test,omitempty" doc:"If the threat actor reads this, how many people could have been the source? As you judge from what the guard shows."`
}

// GuardAnswer is what the guard says of a draft.
type GuardAnswer struct {
	Clear       bool                  `json:"clear" doc:"Nothing that was found stops a release"`
	Findings    []tocsin.GuardFinding `json:"findings" nullable:"false"`
	Texts       []engine.Examined     `json:"texts" nullable:"false" doc:"For each text: what supports each sentence, and who knows each fact"`
	ReverseTest bool                  `json:"reverse_test" doc:"Whoever releases must say how many people could have been the source"`
}

func (a *API) warnings() {
	handle(a, operation{id: "draft-warning", method: http.MethodPost, path: "/v1/cases/{id}/warnings", tag: "warnings", summary: "Write a warning, or a new version of one",
		doc: "Composes the words from the pack's texts and the facts, in the languages of the recipients, or takes yours. Nothing is released by that.",
		who: caseRoles, changes: true, status: http.StatusCreated, also: []int{http.StatusOK}}, a.draft)
	handle(a, operation{id: "list-versions", method: http.MethodGet, path: "/v1/cases/{id}/warnings/{warning}/versions", tag: "warnings", summary: "The versions of a warning, each with what has changed since the last that was approved",
		who: caseRoles}, a.versions)
	handle(a, operation{id: "preview-guard", method: http.MethodGet, path: "/v1/cases/{id}/warnings/{warning}/guard", tag: "warnings", summary: "Ask the guard without releasing",
		who: caseRoles}, a.preview)
	handle(a, operation{id: "release-warning", method: http.MethodPost, path: "/v1/cases/{id}/warnings/{warning}/release", tag: "warnings", summary: "Release the newest version through the guard",
		doc: "The guard's answer is recorded either way. If it refuses, this is 200 with released false and what it found: an answer, not an error.",
		who: caseRoles, changes: true}, a.release)
}

func (a *API) draft(ctx context.Context, c call, in *draftIn) (*answerOut, error) {
	o, err := a.about(c.by, in.CaseWrite, "draft-warning", in.Body)
	if err != nil {
		return nil, err
	}
	res, err := a.cfg.Engine.Draft(ctx, c.by, in.ID, in.Body, o)
	out, err := a.answer(c.by, "", res, err)
	if err == nil && !res.Replayed {
		out.Status = http.StatusCreated
	}
	return out, err
}

func (a *API) versions(ctx context.Context, c call, in *warningIn) (*versionsOut, error) {
	if _, err := a.read(ctx, c.by, in.ID, view.ReadWords); err != nil {
		return nil, err
	}
	all, err := a.cfg.Engine.Versions(ctx, in.ID, in.Warning)
	if err != nil {
		return nil, err
	}
	out := &versionsOut{}
	out.Body.Items = filled(all)
	return out, nil
}

func (a *API) preview(ctx context.Context, c call, in *warningIn) (*guardOut, error) {
	s, err := a.read(ctx, c.by, in.ID, view.ReadWords)
	if err != nil {
		return nil, err
	}
	look, err := a.cfg.Engine.Examine(c.by, in.ID, in.Warning)
	if err != nil {
		return nil, err
	}
	w, _ := s.Warning(in.Warning)
	return &guardOut{GuardAnswer{Clear: !release.Stops(look.Findings), Findings: filled(look.Findings), Texts: filled(look.Texts), ReverseTest: s.NeedsReverseTest(w)}}, nil
}

func (a *API) release(ctx context.Context, c call, in *releaseIn) (*answerOut, error) {
	if in.Body == nil {
		in.Body = &ReleaseBody{}
	}
	o, err := a.about(c.by, in.CaseWrite, "release-warning", []any{in.Warning, in.Body})
	if err != nil {
		return nil, err
	}
	res, err := a.cfg.Engine.Do(ctx, c.by, in.ID, casefile.ReleaseWarning{Warning: in.Warning, ReverseTest: in.Body.ReverseTest}, o)
	out, err := a.answer(c.by, "", res, err)
	if err != nil {
		return nil, err
	}
	released := false
	for _, e := range res.Events {
		switch e := e.(type) {
		case casefile.WarningReleased:
			released, out.Body.Findings = true, e.Clearance.Cautions
		case casefile.ReleaseRefused:
			out.Body.Findings = e.Findings
		}
	}
	out.Body.Released = &released
	return out, nil
}
