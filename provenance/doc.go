// Package provenance finds out how many people really knew. It takes reports
// back to their origins, so that one account passed on by five agencies is not
// taken for five (circular reporting), and so that two accounts that really are
// independent are seen to be (the opposite error, from which people have died).
// Call Trace.
//
// It is pure, and its answer does not depend on the order of the reports.
//
// It errs towards fewer origins: reports that share a key, a content or much of
// their words are one origin's, whatever they declare, and Trace says so in
// Cautions for a person to look at. It never decides anything: a low count is no
// reason to close a case, only a reason to look further.
package provenance
