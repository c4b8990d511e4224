package password

// Common is the embedded list.
var Common = common

// Format prints a hash.
var Format = format

// Occupy takes every turn of h until release is called.
func (h *Hasher) Occupy() (release func()) {
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	return func() {
		for range cap(h.slots) {
			<-h.slots
		}
	}
}
