// Package browser holds the tests that look at the console as a person's browser
// does, where Chromium is installed: see its README. It has no code of its own.
package browser
