// Package hygiene holds the documents to the code and the tree to what every
// clone needs. It has no code besides its tests.
package hygiene
