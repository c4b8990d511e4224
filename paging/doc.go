// Package paging calls the organisation's own people when what waits for them is
// not being read: a report that nobody of the watch has looked at, a clock that was
// missed and raised to somebody (T-10).
//
// Start with Page, the fold over its events, and Page.Next, which says what goes
// out next and when. A Pager hands one Notice to one address.
//
// What it promises: a Notice says that something waits, for how long, and where to
// look. It has no field that could hold a word of a case, which is why it may leave
// without the guard (ADR 0021). A repeat of one attempt is the same to the byte.
//
// It decides nothing about cases, reads no clock and keeps no state.
package paging
