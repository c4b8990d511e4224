package pace

// Remembered is how many keys are.
func (l *Limiter) Remembered() (reading, changing, strangers int) {
	return len(l.reading.known), len(l.changing.known), len(l.strangers.known)
}
