package marking

// tlp is a label of the Traffic Light Protocol 2.0; 0 is none. A higher one may
// be passed on less far.
type tlp uint8

const (
	tlpClear tlp = iota + 1
	tlpGreen
	tlpAmber
	tlpAmberStrict
	tlpRed
)

var tlpNames = [...]string{"", "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"}

func (t tlp) String() string { return tlpNames[t] }

// parseTLP also reads WHITE, the name of CLEAR in version 1, and white space
// after the colon.
func parseTLP(s string) (tlp, error) {
	switch trimLabel(s) {
	case "CLEAR", "WHITE":
		return tlpClear, nil
	case "GREEN":
		return tlpGreen, nil
	case "AMBER":
		return tlpAmber, nil
	case "AMBER+STRICT":
		return tlpAmberStrict, nil
	case "RED":
		return tlpRed, nil
	}
	return 0, unreadable("Use TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED.", "%q is not a label of TLP 2.0.", s)
}

// trimLabel takes "TLP", the colon and the space off a label. Without a colon
// it is no label: "TLPRED" is a typing error, not RED.
func trimLabel(s string) string {
	const prefix = "TLP:"
	if len(s) <= len(prefix) || s[:len(prefix)] != prefix {
		return ""
	}
	s = s[len(prefix):]
	if s[0] == ' ' {
		s = s[1:]
	}
	return s
}
