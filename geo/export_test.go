package geo

// LoadPlaces and LoadOutlines read the embedded forms, for the fuzzer.
func LoadPlaces(b []byte) error   { _, err := loadPlaces(b); return err }
func LoadOutlines(b []byte) error { _, err := loadOutlines(b); return err }
