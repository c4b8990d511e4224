// Package aside says what may become of a report that belongs to no case: that two
// named people set it aside, with a ground of a short list and a reason.
//
// Start with Decide, which answers a Command about one report with the Event to
// record, or says why not; Apply folds events into a State. Between the two stand
// Facts: what a decision has to know that other records say. Explain and Decide
// share one table of rules, so that what is offered is what is accepted.
//
// What it holds (each of them a test): nobody sets a report aside alone; a report
// that somebody flagged is not set aside unless the second person answers every
// flag; one that is in a case never is; a flag, a case, or a word of anybody who may
// read takes it up again at once. A confirmation that came too late to hold, because
// a flag or a case got in first, is on record and has no effect: Apply, which sees
// everything in the order of the record, judges that once more.
//
// The grounds are the refusals that the field allows before there is a case: not a
// threat, a duplicate, an exercise, already over, and nothing that can be acted on,
// which is never final and comes back on a day (domain notes 3.13 and 7.2; T-10, T-11).
//
// It has no clock and knows no case, ledger or screen.
package aside
