// Package explore visits every reachable state of a bounded case and holds the
// invariants of design section 4 against each of them. It is how the claim
// "silence is impossible" is proved, for the case machine alone and for the case
// machine under any policy pack.
//
// Run takes a Plan (the pack's terms, who acts, which recipients there are, and
// bounds) and a Machine (Decide and Apply as values, so that a test can plant a
// fault in them) and answers with a Result: how many states and transitions it
// visited, and the first violation with the shortest path that leads to it.
// Nothing here reads a clock, a file or a random number.
//
// # What is exhaustive
//
// Within a plan's bounds every command that somebody could give is given in every
// state, by everybody whose identity can make a difference, and every running
// clock is let run out in every state. The search is breadth-first over abstracted
// states (see sketch), so the first path found to a state is a shortest one.
//
// The policy is abstracted away too: any answer may come to any findings, so that
// the proof holds for every pack with these powers and grounds.
//
// Time is abstracted away entirely. A tick does not jump to whichever clock the
// pack's numbers put first: each running clock in turn is taken to be the next to
// run out, whatever its length, and a message's back-off or lease is taken to end
// whenever a worker looks. The proof therefore does not rest on the lengths that a
// pack happens to set; it covers more orders than can really happen, never fewer.
//
// # What is bounded, and so not proved here
//
//   - The number of victims, first warnings, following messages, draft versions,
//     recipients, rungs and attempts, and which of them a plan uses together: see
//     Bounds. A plan in which a bound is zero never gives the commands it counts.
//   - Commands are tried with a few representative contents each, not with every
//     text. Contents that Decide must refuse are tried in one state of every
//     Bounds.Sample, together with every actor, whatever their role.
//   - Two people who hold the same powers, and of whom nothing distinguishes one in
//     the state, are taken as one (one actor of each such class gives a command).
//   - The abstraction claims that two states with equal sketches have the same
//     future. That is checked, not assumed: of the states that are reached a second
//     time by another path, a sample is expanded as well and must lead to exactly
//     the same successors (Result.Rechecked, Result.Coarse).
//   - What depends on a length of time that is no clock is not explored: a waiver
//     that would end before it is decided, an attack that was far off and comes near.
//   - Sketches are compared by a 128-bit hash.
package explore
