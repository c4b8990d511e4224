package web

import (
	"context"
	"net/http"

	"tocsin"
	"tocsin/view"
)

type (
	recipientsOut = PageOf[tocsin.Recipient]
	recipientIn   struct {
		ID tocsin.RecipientID `path:"id" maxLength:"64" doc:"The recipient"`
	}
	recipientOut   struct{ Body tocsin.Recipient }
	setRecipientIn struct {
		ID   tocsin.RecipientID `path:"id" maxLength:"64" doc:"The recipient"`
		Body tocsin.Recipient
	}
)

func (a *API) directory() {
	handle(a, operation{id: "list-recipients", method: http.MethodGet, path: "/v1/recipients", tag: "directory", summary: "Who can be warned", who: caseRoles}, a.listRecipients)
	handle(a, operation{id: "get-recipient", method: http.MethodGet, path: "/v1/recipients/{id}", tag: "directory", summary: "One entry", who: caseRoles}, a.getRecipient)
	handle(a, operation{id: "set-recipient", method: http.MethodPut, path: "/v1/recipients/{id}", tag: "directory", summary: "Enter a recipient, or replace the entry",
		doc: "Warnings that are already drafted keep the entry as it stood. Countries and languages may be given by name; the answer has the codes that were kept.", who: caseRoles, changes: true}, a.setRecipient)
}

func (a *API) listRecipients(context.Context, call, *struct{}) (*recipientsOut, error) {
	out := &recipientsOut{}
	a.cfg.Engine.Read(func(x *view.Index) { out.Body.Items = filled(x.Book.All()) })
	return out, nil
}

func (a *API) getRecipient(_ context.Context, _ call, in *recipientIn) (out *recipientOut, err error) {
	out = &recipientOut{}
	a.cfg.Engine.Read(func(x *view.Index) { out.Body, err = x.Book.Find(in.ID) })
	if err != nil {
		return nil, notFound("recipient")
	}
	return out, nil
}

func (a *API) setRecipient(ctx context.Context, c call, in *setRecipientIn) (*recipientOut, error) {
	if in.Body.ID != in.ID {
		return nil, tocsin.Fault(tocsin.Invalid, "recipient_id", "The id in the body is not that of the path.", "Make them the same.").Keeping(nothingKept)
	}
	taken, err := a.cfg.Engine.SetRecipient(ctx, c.by, in.Body)
	if err != nil {
		return nil, err
	}
	return &recipientOut{taken}, nil
}
