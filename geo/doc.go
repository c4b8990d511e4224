// Package geo says where places lie: it looks names up in an embedded gazetteer,
// reads coordinates in text, and knows in which country a point is.
//
// It suggests and never decides. A name is many places, so Find returns all of
// them; Read says "assumed" only where what the case says leaves one candidate, or
// one that outweighs all others together, and otherwise lists them for a person.
//
// The gazetteer holds populated places of a thousand people and more. What is not
// in it is not on earth as far as this package knows, and callers must say so
// rather than leave it out. Outlines follow Natural Earth, which draws who in fact
// controls a territory; nothing follows from them about whose it is.
//
// Everything is in the program: no look-up asks the network. The data are unpacked
// when they are first asked for and stay in memory, some ten megabytes.
package geo
