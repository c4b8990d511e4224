package web

import (
	"context"
	"net/http"
	"time"

	"tocsin"
	"tocsin/view"
)

// FlagBody says why a report may oblige us to warn.
type FlagBody struct {
	Why string `json:"why" minLength:"1" maxLength:"2000" doc:"What makes you think so, in a sentence or two"`
}

// Flagged is one of your flags and what has become of it.
type Flagged struct {
	Report tocsin.ReportID `json:"report"`
	At     time.Time       `json:"at"`
	Why    string          `json:"why"`
	Taken  bool            `json:"taken_up" doc:"The report is in a case that you may know of; which, and what is done there, is not said here"`
	Aside  bool            `json:"set_aside" doc:"Two people have set the report aside, one of whom has answered your flag if it stood then; with the report stands who, and how to take it up again"`
}

type (
	flagIn struct {
		Keyed
		ID   tocsin.ReportID `path:"id" maxLength:"64" doc:"The report"`
		Body FlagBody
	}
	flagOut struct {
		Status int
		Body   Flagged
	}
	flagsOut struct {
		Body struct {
			Items []Flagged `json:"items" nullable:"false"`
		}
	}
)

func (a *API) flags() {
	handle(a, operation{id: "flag-report", method: http.MethodPost, path: "/v1/reports/{id}/flags", tag: "reports", summary: "Flag a possible duty to warn",
		doc: "For a reader of somebody else's report. It goes to the top of the box of reports that nobody has taken up, with your name and words, and stays there " +
			"until the report is in a case, or two people have set it aside and answered the flag. Nobody takes it back. Set on a report that is set aside, it takes the " +
			"report up again. The same words of the same person are one flag.",
		who: caseRoles, changes: true, status: http.StatusCreated, also: []int{http.StatusOK}}, a.flag)
	handle(a, operation{id: "list-flags", method: http.MethodGet, path: "/v1/flags", tag: "reports", summary: "Your flags, and whether each report has been taken up in a case",
		doc: "The newest first. Status alone, and nothing of a case.", who: caseRoles}, a.listFlags)
}

func (a *API) flag(ctx context.Context, c call, in *flagIn) (*flagOut, error) {
	if _, err := a.report(c.by, in.ID); err != nil {
		return nil, err
	}
	o, err := in.Keyed.options("flag-report", in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	f, already, err := a.cfg.Engine.Flag(ctx, c.by, in.ID, in.Body.Why, o)
	if err != nil {
		return nil, err
	}
	out := &flagOut{Status: http.StatusCreated}
	if already {
		out.Status = http.StatusOK
	}
	now := a.cfg.Engine.Now()
	a.cfg.Engine.ReadAs(c.by, func(x *view.Index) { out.Body = flagged(x, in.ID, f, now) })
	return out, nil
}

func (a *API) listFlags(_ context.Context, c call, _ *struct{}) (*flagsOut, error) {
	out := &flagsOut{}
	out.Body.Items = []Flagged{}
	now := a.cfg.Engine.Now()
	a.cfg.Engine.ReadAs(c.by, func(x *view.Index) {
		for _, f := range x.FlagsBy(c.by.ID) {
			out.Body.Items = append(out.Body.Items, flagged(x, f.Report, f.Flag, now))
		}
	})
	return out, nil
}

func flagged(x *view.Index, id tocsin.ReportID, f view.Flag, now time.Time) Flagged {
	rep := x.Reports[id]
	return Flagged{Report: id, At: f.At, Why: f.Why, Taken: rep != nil && len(rep.Cases) > 0, Aside: x.Aside(id).Stands(now)}
}
