//go:build race

package prove_test

const raceEnabled = true
