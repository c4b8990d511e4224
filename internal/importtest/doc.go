// Package importtest holds the tree to its shape: which package may import
// which, what the pure packages must not touch, what things must not be called,
// and that everything exported says what it is. It has no code besides its tests.
//
// The rules are the table in rules_test.go, in the order of the tree; the first
// row that fits a package decides, and a package that no row fits is a failure.
// So a new package comes with a row, and the row with a look at design section 3.
//
// Only direct imports are looked at. That is enough: what a package may import
// from this module is held to its own row, and what it may import from elsewhere
// is named in its row, module by module.
package importtest
