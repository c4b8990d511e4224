package policy

import (
	"embed"
	"io/fs"
	"strings"

	"tocsin"
)

//go:embed starter
var starter embed.FS

// StartingFile is one file of a starting pack.
type StartingFile struct {
	Path string // within the pack's folder
	Data []byte
}

// New writes a starting pack: pack.yaml and its tests, with a comment on every
// part. Its author replaces each text that begins with packfile.FillIn; until the
// last of them is gone the pack does not load. Its words come from the set
// texts-common. The error is Invalid if name cannot be the name of a folder.
func New(name string) ([]StartingFile, error) {
	if !tocsin.ValidID(name) || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "texts-") {
		return nil, tocsin.Faultf(tocsin.Invalid, "pack_name", "Use up to 64 of a-z, 0-9, dot, dash, underscore, such as my-agency. Names that begin with texts- are for sets of texts.",
			"%q cannot be the name of a pack.", name)
	}
	var files []StartingFile
	err := fs.WalkDir(starter, "starter", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := starter.ReadFile(path)
		files = append(files, StartingFile{Path: strings.TrimPrefix(path, "starter/"), Data: []byte(strings.ReplaceAll(string(b), "NAME-OF-THE-PACK", name))})
		return err
	})
	if err != nil {
		panic("policy: the embedded starting pack is always readable: " + err.Error())
	}
	return files, nil
}
