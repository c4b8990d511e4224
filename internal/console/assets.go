package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed static/*.js static/*.css static/*.svg
var staticFiles embed.FS

// asset is one file under the name that holds its hash, so that a browser may
// keep it for ever and never shows an old one.
type asset struct {
	media  string
	bytes  []byte
	packed []byte // with gzip
}

type assets struct {
	paths map[string]string // name in static/ -> address
	files map[string]asset  // last element of the address -> file
}

var medias = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

func loadAssets() assets {
	a := assets{paths: map[string]string{}, files: map[string]asset{}}
	names, err := fs.Glob(staticFiles, "static/*")
	if err != nil {
		panic("console: " + err.Error()) // only a malformed pattern gives one
	}
	for _, name := range names {
		b, err := staticFiles.ReadFile(name)
		if err != nil {
			panic("console: " + err.Error()) // it is embedded
		}
		sum := sha256.Sum256(b)
		base, ext := path.Base(name), path.Ext(name)
		hashed := strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:8]) + ext
		a.paths[base], a.files[hashed] = "/static/"+hashed, asset{medias[ext], b, packed(b)}
	}
	return a
}

func (c *Console) serveStatic(w http.ResponseWriter, r *http.Request) {
	f, ok := c.static.files[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.media)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Add("Vary", "Accept-Encoding")
	if takesPacked(r) && r.Header.Get("Range") == "" {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(f.packed)
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.bytes))
}
