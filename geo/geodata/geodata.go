// Package geodata holds the gazetteer and the outlines of countries as data, and
// nothing else. Where they come from, under which licence and how they are made is
// in SOURCES.md beside this file; package geo reads them.
package geodata

import _ "embed"

// Places is the gazetteer in the form that package geo describes, packed with
// DEFLATE.
//
//go:embed places.deflate
var Places []byte

// Outlines are the outlines of countries, likewise.
//
//go:embed outlines.deflate
var Outlines []byte

// Attribution must stand wherever the data are shown: the licence of the places
// asks for it.
const Attribution = "Places: GeoNames (CC BY 4.0). Outlines: Natural Earth."
