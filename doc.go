// Package tocsin holds the nouns of a duty to warn: what a report, a case, an
// intended victim, a finding, a waiver ground, a draft and a clearance are.
//
// It imports only the standard library and none of Tocsin's other packages, so
// that two stages can exchange a value without knowing each other. There is no
// behaviour here beyond validation and digests; the order of stages lives in
// package casefile and nowhere else.
//
// All times are UTC with microsecond precision (see Instant), because that is
// what both databases keep: a value read back compares equal to the one stored.
package tocsin
