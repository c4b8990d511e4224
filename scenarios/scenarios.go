// Package scenarios holds the stories that Tocsin is tried against, as text
// files that a watch officer can read. Package internal/scenario runs them. There
// is no logic here.
package scenarios

import (
	"embed"
	"io/fs"
)

//go:embed *.txt
var files embed.FS

// FS returns the scenarios, one <name>.txt each.
func FS() fs.FS { return files }
