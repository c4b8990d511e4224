package web

// For the tests of this package's parsers.
var (
	Version   = version
	ETag      = etag
	PlainPath = plainPath
)

// Start is where a page of a list of n items begins.
func Start(cursor string, n int) (int, error) { return Paged{Cursor: cursor}.start(n) }
