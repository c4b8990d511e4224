package web

import (
	"context"
	"net/http"

	"tocsin"
	"tocsin/internal/auth"
)

// Token is a user with the token that was made for it.
type Token struct {
	User  tocsin.ActorID `json:"user"`
	Token string         `json:"token" doc:"Shown this once; it cannot be had again"`
}

type (
	usersOut  = PageOf[auth.Account]
	addUserIn struct{ Body auth.User }
	userIn    struct {
		ID tocsin.ActorID `path:"id" maxLength:"64" doc:"The user"`
	}
	tokenOut struct{ Body Token }
)

func (a *API) users() {
	handle(a, operation{id: "list-users", method: http.MethodGet, path: "/v1/users", tag: "users", summary: "Who there is", who: adminRoles}, a.listUsers)
	handle(a, operation{id: "add-user", method: http.MethodPost, path: "/v1/users", tag: "users", summary: "Enter a user and make a token",
		doc: "The roles administrator, inspector and recipient are each held alone.", who: adminRoles, changes: true, status: http.StatusCreated}, a.addUser)
	handle(a, operation{id: "rotate-token", method: http.MethodPost, path: "/v1/users/{id}/token", tag: "users", summary: "Make a new token; the old one ends at once", who: adminRoles, changes: true}, a.rotate)
	handle(a, operation{id: "disable-user", method: http.MethodPost, path: "/v1/users/{id}/disable", tag: "users", summary: "End a user's access for good", who: adminRoles, changes: true}, a.disable)
}

func (a *API) listUsers(context.Context, call, *struct{}) (*usersOut, error) {
	out := &usersOut{}
	out.Body.Items = filled(a.cfg.Users.List())
	return out, nil
}

func (a *API) addUser(ctx context.Context, c call, in *addUserIn) (*tokenOut, error) {
	token, err := a.cfg.Users.Add(ctx, c.by.ID, in.Body)
	return &tokenOut{Token{in.Body.ID, token}}, err
}

func (a *API) rotate(ctx context.Context, c call, in *userIn) (*tokenOut, error) {
	token, err := a.cfg.Users.Rotate(ctx, c.by.ID, in.ID)
	return &tokenOut{Token{in.ID, token}}, err
}

func (a *API) disable(ctx context.Context, c call, in *userIn) (*usersOut, error) {
	if err := a.cfg.Users.Disable(ctx, c.by.ID, in.ID); err != nil {
		return nil, err
	}
	return a.listUsers(ctx, c, nil)
}
