// Package signin is how a person becomes a session: by password and a second
// way, by passkey (Web Authentication), through an OpenID provider, and on the
// first day by a link that is printed once.
//
// Start with New and Gate.Handler, which serves what the protocols need under
// Gate.Paths; wrap everything that a browser may send in Gate.Protect. A page
// then asks Gate.Session for each request, and calls Password and Second with
// what was typed. Accounts, sessions and their rules are package auth's; this
// package only decides that somebody has shown who they are.
//
// Nothing is kept between the two halves of a ceremony: the browser carries it,
// sealed under the accounts key and good for five minutes, and what may be used
// once (a challenge, a code, a state) is claimed in the record in the same
// transaction that begins the session. So any process can finish what another
// began, and nobody can fill a server's memory with ceremonies.
//
// Forged requests from other sites are refused by net/http's
// CrossOriginProtection (Sec-Fetch-Site, or Origin against Host), on top of
// cookies with SameSite=Lax. Tokens in forms would add nothing that these do not
// give in a browser of the last three years, and they get lost: a form that was
// open through the night must still be sendable. The gap that is left, a
// browser that sends neither header, is closed by Protect itself: a request that
// changes something and carries our cookie needs one of the two.
package signin
