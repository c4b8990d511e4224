package casefile

// CommandKinds lists every kind of command that a person can give, in the order
// of a case's life.
func CommandKinds() []string {
	var out []string
	for _, r := range rules {
		if !r.machine {
			out = append(out, r.kind)
		}
	}
	return out
}
