package prove

import "io/fs"

// PackWithin is Pack with those plans that keep says.
func PackWithin(fsys fs.FS, name string, o Options, keep func(plan string) bool) (Result, error) {
	o.keep = keep
	return Pack(fsys, name, o)
}
