// Package auth knows who somebody is: accounts with their roles, the ways in
// which people and programs show who they are, and the sessions that come of it.
// What a role may do is decided elsewhere, in package casefile for cases and at
// the edges for what may be seen. How a browser is let in, with its ceremonies
// and cookies, is package signin's.
//
// Start with Open. A program shows a token: Identify. A person signs in: package
// signin calls Enter, and Resume finds the session of each request after that.
// Session.Fresh says whether somebody has shown lately enough who they are.
//
// Accounts are records of the ledger's stream "users" like everything else, so
// that who held which role on a given day can be shown and proved; sessions are
// records of a stream for each day. A Users folds these streams and follows them:
// what another process on the same database writes counts here within a second.
// It uses the contract ledger.Store and no table of its own.
//
// What is kept of a secret depends on whether it can be guessed. Tokens, session
// secrets and recovery codes are 128 random bits or more: their SHA-256 stands in
// the record. Passwords (Argon2id) and the seeds of one-time codes can be guessed
// or used as they are: they stand in the record sealed under a Key that lies
// beside it, so that a copy of the record gives nothing to guess against.
// Passkeys' public keys are no secret.
//
// The package refuses roles that would undo each other in one hand: see
// User.Validate.
package auth
