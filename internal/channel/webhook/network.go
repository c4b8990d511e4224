package webhook

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// barred is an address that an endpoint may not lead to.
type barred struct{ why string }

func (b *barred) Error() string { return b.why }

// transport makes the endpoint's own connections. There is no proxy and no
// environment: what reaches the words is what is configured.
func (t target) transport() *http.Transport {
	d := &net.Dialer{Control: t.permit}
	return &http.Transport{
		DialContext:            d.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: t.RootCAs, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    16,
		MaxConnsPerHost:        64,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // an answer is read up to a limit, and a limit on inflated bytes is another matter
	}
}

// permit looks at the address that is really connected to, after the name was
// resolved, so that a name which resolves differently the second time gains nothing.
func (t target) permit(_, address string, _ syscall.RawConn) error {
	p, err := netip.ParseAddrPort(address)
	if err != nil {
		return &barred{"the address cannot be read"}
	}
	a := p.Addr().Unmap()
	switch {
	case t.here && !a.IsLoopback():
		return &barred{"it is configured as a receiver on this machine, but its name leads elsewhere"}
	case t.here || t.AllowPrivate:
		return nil
	case !a.IsGlobalUnicast() || a.IsPrivate() || carrierGrade.Contains(a):
		return &barred{"its name leads to an address inside the private network; if that is meant, allow private addresses for this endpoint"}
	}
	return nil
}

// carrierGrade is shared address space (RFC 6598), which IsPrivate leaves out.
var carrierGrade = netip.MustParsePrefix("100.64.0.0/10")
