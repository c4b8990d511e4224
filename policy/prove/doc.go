// Package prove holds a policy pack to what may never be left to samples: that it
// answers every combination of findings with one rule, that more support for a
// threat never leads to less warning, that nobody alone and nobody unentitled can
// silence a warning under it, that every clock of it leads somewhere, that its
// duties can be done by real people, and that its words can be written. A pack that
// is proved has been gone through whole within the bounds that the result states.
//
// Start with Pack. It reads the pack's files, never the world, and answers with a
// Result: what was gone through, and each violation with the place in the pack and
// the smallest example, as a pack test or as a scenario that can be played.
//
// # What is a product of everything
//
//   - Findings: the four values of every element, with every recorded harm and none
//     (with more than six elements: one harm that the pack lists, one that it does
//     not, and none). Each combination is judged twice, by the pack and by a reading
//     of its rules made here, and both must agree. All pairs that differ in one
//     element, or in the harm, are compared.
//   - Waivers: every ground, proposed by everybody with one or two roles, and decided
//     by everybody with one or two roles, by the proposer with the decider's roles
//     added, and by a handler of the source. And every sequence of the commands that
//     lead to a waiver or a refusal, given by one person with one role, two, or all.
//   - Words: every kind of warning, at every moment, in every language, with every
//     item said, with every item left out, with each item left out alone.
//
// # What is bounded
//
// The case machine (package casefile) is explored by package casefile/explore, under
// the pack's own terms: powers, grounds, duties, clocks. Everything within a plan's
// bounds is visited, and every running clock is let run out next in every state,
// whatever its length. The bounds are the number of victims (one and two), warnings
// (one, and one message that follows it), recipients and rungs, and which parts of a
// case's life a plan combines; Result.Plans states them. Options.Deep takes wider
// ones. In most plans any answer of the policy may come to any findings, which is
// more than the pack can say; and for every rule there is a plan with findings that
// it decides, in which the pack itself is asked and only its answer comes.
//
// What no plan reaches is not proved here: several first warnings at once, more than
// two victims, ladders of more than two rungs. What package casefile/explore leaves
// out is in its own doc comment.
package prove
