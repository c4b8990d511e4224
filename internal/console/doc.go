// Package console is the watch floor's face: pages made on the server, for people.
//
// Start with New. Every page is one template of templates/, filled with one
// struct; every change is one form that becomes one command of the engine and
// ends in a redirect. Nothing is loaded from another host, no script or style
// stands in a page, and every page can be read and used with scripting off: what
// scripts add is the counting of clocks, the drawing anew when something happens,
// drafts kept in the browser, keys, and the sound.
//
// People come in by a gate of package signin (account.go), or over tokens where
// there is none. A session that is locked, or too old for a grave act, is shown a
// page that asks who it is; what was typed comes back with the page and is not
// done by the proof.
//
// What the package refuses to do: decide. Which actions are offered is
// casefile.Allowed, why another is not offered is the error that casefile.Decide
// gives for it, and what may be seen follows the same roles as the API
// (access.go). Words that a person reads stand in the catalogue (words.go) in
// every language; what the core says itself (reasons, errors, lines of the
// record, questions of a pack) is shown in the core's English and marked so.
//
// A form carries the version of the case that was seen and a key of its own.
// Pressed twice it is done once; from a page that is out of date it is refused
// with a list of what has happened since, and what was typed stays in it.
package console
