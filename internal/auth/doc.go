// Package auth knows who somebody is: users with their roles, and the bearer
// tokens by which they show it. What a role may do is decided elsewhere, in
// package casefile for cases and at the edges for what may be seen.
//
// Start with Open, then Authenticate for every request. Users are records of the
// ledger's stream "users" like everything else, so that who held which role on a
// given day can be shown and proved. A Users folds that stream and follows it:
// what another process on the same database writes counts here within a second.
//
// A token is "tocsin_" and 32 random bytes. It is shown once, when it is made;
// what is kept is its SHA-256. Nobody can read a lost token back: Rotate makes a
// new one, and ends the old.
//
// The package refuses roles that would undo each other in one hand: see
// User.Validate.
package auth
