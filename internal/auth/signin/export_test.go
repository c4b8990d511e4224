package signin

// TOTPURI prints an otpauth address.
var TOTPURI = totpURI

// ClientAddress reads where a request comes from.
var ClientAddress = clientAddress

// Remembered is how many keys the tables of failures hold.
func (g *Gate) Remembered() (accounts, strangers, addresses int) {
	return g.accounts.Len(), g.strangers.Len(), g.addresses.Len()
}
