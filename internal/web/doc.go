// Package web is the HTTP interface under /v1: requests in, one call of the
// engine, answers out.
//
// Start with New, then Server. The description of every operation, made from the
// Go types, is served at /v1/openapi.json and /v1/openapi.yaml. Nothing is ever
// loaded from another host.
//
// What the package refuses to do: decide. What a step needs, and who may take
// it, is asked of package casefile through the engine. What is decided here is
// only what may be seen (access.go) and by whom the first grade may not be seen
// (blind.go).
//
// # Answers
//
// Every error, whatever made it, is an RFC 9457 problem
// (application/problem+json) with the members code, kept and do: what happened,
// what was kept, and what to do next. It never repeats a value that was refused.
//
//	kind of error        status   when
//	(malformed)          400      the request is not JSON, or breaks off
//	(no token)           401      with WWW-Authenticate
//	tocsin.Forbidden     403      another person may
//	tocsin.NotFound      404      or not for this person to know of
//	(method)             405      with Allow
//	(too slow)           408      the body did not come in time
//	tocsin.Refused       409      the case's rules do not allow it now
//	tocsin.Conflict      409      somebody else changed it meanwhile; look again
//	  case_moved_on      412      If-Match did not match
//	tocsin.TooLarge      413      kept says whether it is in quarantine
//	(media type)         415
//	tocsin.Invalid       422      understood, and wrong; also an unreadable report, with its quarantine id
//	tocsin.Unavailable   503      with Retry-After
//	anything else        500      with an id that stands in the log, and nothing more
//
// A guard that refuses a release is none of these: it answered, and its answer
// is recorded. That is a 200 with "released": false and the findings.
//
// # Writes
//
// Idempotency-Key makes a write repeatable: the same person, operation, path and
// content under the same key is answered with the first result and done once. The key
// is bound to the content, so a key used again for something else is another
// command and never mistaken for the first. If-Match takes the version of the
// case that was seen, as ETag gave it.
package web
