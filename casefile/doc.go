// Package casefile is the case as values, and the only place where the order of
// the work is written.
//
// Decide takes a state and a command and answers with the events that follow,
// or says why not. Apply folds an event into a state. Owed says what a case
// still owes, on the same path after a crash as before. Allowed lists what an
// actor may do now; it reads the same table as Decide, so that a console offers
// exactly what Decide accepts.
//
// Nothing here reads a clock, draws a random number or touches the world. Time
// passes by the Tick command. The policy is evaluated before Decide and its
// answer comes in as a value (Determine); what the pack fixes for the whole case
// comes in once, with OpenCase, as tocsin.Terms. Replay therefore never reads a
// pack.
//
// The invariants of design section 4 are kept here, not at the edges:
//
//   - A determination can raise an obligation to owed and can never lower it.
//     Only people lower it: a waiver, a refusal or an accepted hand-over, each
//     with the separation that it needs (waiver.go).
//   - Every open obligation has a running clock (Clocks). A clock that is missed
//     falls towards warning, is raised to somebody more senior, and starts again.
//   - Nothing is planned for delivery except by WarningReleased, and that only
//     with the guard's clearance for the digest that somebody else approved.
//   - What an obligation was ended by must go on standing. New information, a
//     withdrawn warning, or a recipient who turns out to be the actor's makes it
//     owed again (Decide, last step).
//
// Package explore visits every reachable state of a bounded case and holds these
// and the other invariants against each.
package casefile
