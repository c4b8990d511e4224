// Package policy measures the determination of package tocsin/policy beside general
// policy engines, on the same rules in the same run: OPA (a prepared Rego query),
// cedar-go and cel-go. It is a module of its own, so that the product depends on
// none of them.
//
// The rules are the threshold of the pack icd-191: five elements in four values, the
// recorded harm, the doubt rule, and the first rule that fits. A test first shows
// that all give the same rule for every combination of answers and recorded harm
// (8 harms, 4 to the power of 5 answers: 8192).
//
// What they are not asked for, because they cannot say it:
//
//   - the explanation: each rule that did not apply and why. OPA can trace and cedar
//     names the policies that fitted; neither tells why another did not;
//   - what would change the answer. It can be had by asking again for every other
//     answer to every element, which "with changes" below does;
//   - the order of rules, in cedar: forbid overrides permit and all that fit are
//     named, so the caller picks the first in the pack's order;
//   - that every combination of answers has a rule, and every rule a combination.
//
// Where there was a choice, the others were given the advantage: their inputs are
// made before the clock starts, in the form that they read fastest, and they give
// only the name of the rule, where tocsin gives the determination with its findings,
// changes and explanation.
package policy
