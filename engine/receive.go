package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tocsin"
	"tocsin/casefile"
	"tocsin/directory"
	"tocsin/intake"
	"tocsin/ledger"
	"tocsin/marking"
	"tocsin/view"
)

// Submission is something handed in from outside.
type Submission struct {
	Media    string // media type as declared; "" lets the bytes speak
	Bytes    []byte
	Declared intake.Declared
}

// Receipt says what became of a submission.
type Receipt struct {
	Report   view.Report
	Reposted bool   // it came before, under the same key and with the same content
	Held     string // id in quarantine, if it could not be read
}

// MayReceiveReports are the roles that may hand in a report: everybody but those
// who may see no content and those who may change nothing.
var mayReceive = []tocsin.Role{tocsin.Reporter, tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer,
	tocsin.OriginatorLiaison, tocsin.ReleaseOfficer, tocsin.Deliverer, tocsin.Reviewer, tocsin.RecipientRole}

// Receive takes a report in. What cannot be read goes to quarantine, whole, and
// the error says under which id; nothing that was received is dropped.
func (e *Engine) Receive(ctx context.Context, by tocsin.Actor, sub Submission, o Options) (Receipt, error) {
	if !by.Has(mayReceive...) {
		return Receipt{}, tocsin.Fault(tocsin.Forbidden, "no_power", "Your role does not allow handing in reports.", "Ask anybody with the role reporter.")
	}
	if code, err := directory.Language(sub.Declared.Language); err == nil {
		sub.Declared.Language = code // given by name; what is no language at all intake says
	}
	m := casefile.Meta{At: e.now(), By: by, Command: e.cfg.IDs.New("command", basis(by, o))}
	rep, err := intake.Parse(intake.Input{Media: sub.Media, Bytes: sub.Bytes, Entered: m.At, Declared: sub.Declared,
		ID: tocsin.ReportID(e.cfg.IDs.New("report", basis(by, o)))}, e.cfg.Limits)
	if o.Idempotency != "" {
		if rec, ok, rerr := e.received(ctx, by, o, err); ok || rerr != nil {
			return rec, rerr
		}
	}
	if err != nil {
		return e.hold(ctx, m, sub, err, o)
	}
	return e.keep(ctx, m, control(rep), sub.Bytes, o)
}

// control holds a report under originator control where its marking says so, or
// cannot be read: nobody may have to remember to tick a box for that.
func control(rep tocsin.Report) tocsin.Report {
	if rep.Marking == "" || rep.Controlled {
		return rep
	}
	mark := marking.Read(rep.Marking)
	rep.Controlled = mark.OriginatorControlled()
	if !mark.Known() {
		note := "The marking cannot be read, so it is taken for the most restrictive one, with originator control."
		if near := marking.Meant(rep.Marking, 3); len(near) > 0 {
			note += " It may have been meant for " + strings.Join(near, " or ") + "; only whoever marked it can say."
		}
		rep.Notes = append(rep.Notes, note)
	}
	return rep
}

// received finds the answer to a submission that was made before under this key.
// unread is why intake cannot read it, nil if it can.
func (e *Engine) received(ctx context.Context, by tocsin.Actor, o Options, unread error) (Receipt, bool, error) {
	stream, seq, ok, err := e.cfg.Store.Holder(ctx, idempotencyKey(by, o))
	if err != nil || !ok {
		return Receipt{}, false, err
	}
	if err := e.Follow(ctx); err != nil {
		return Receipt{}, false, err
	}
	if id, ok := cutPrefix(stream, view.QuarantinePrefix); ok {
		return Receipt{Held: id}, true, held(id, unreadable(unread))
	}
	id, ok := cutPrefix(stream, view.ReportPrefix)
	if !ok {
		return Receipt{}, false, keyReused()
	}
	rep, err := e.Report(tocsin.ReportID(id))
	return Receipt{Report: rep, Reposted: seq > 1}, true, err
}

// unreadable is what a person is told about what intake could not read.
func unreadable(cause error) *tocsin.Error {
	var told *tocsin.Error
	switch {
	case errors.As(cause, &told):
		return told
	case cause == nil: // it can be read now: a newer program, or other bytes under an old key
		return tocsin.Fault(tocsin.Invalid, "unreadable", "The report could not be read when it came.", "Send it again under a new key.")
	}
	return tocsin.Fault(tocsin.Invalid, "unreadable", "The report could not be read: "+cause.Error()+".", "Send it as plain text.")
}

func held(id string, told *tocsin.Error) error {
	return told.Keeping("All of it was kept, unread, in quarantine as " + id + ".")
}

func (e *Engine) hold(ctx context.Context, m casefile.Meta, sub Submission, cause error, o Options) (Receipt, error) {
	told := unreadable(cause)
	item := tocsin.Quarantined{ID: e.cfg.IDs.New("item", basis(m.By, o)), Raw: tocsin.DigestOf(sub.Bytes), Size: len(sub.Bytes), Media: sub.Media,
		Reason: told.What, Do: told.Do, Entered: m.At, By: m.By.ID}
	r, err := e.record(view.Quarantined, view.Held{Item: item}, m, "")
	if err != nil {
		return Receipt{}, err
	}
	b := ledger.Batch{Stream: view.QuarantinePrefix + item.ID, Records: []ledger.Record{r}, Blobs: []ledger.Blob{{Digest: item.Raw, Bytes: sub.Bytes}}}
	if o.Idempotency != "" {
		b.Keys = []string{idempotencyKey(m.By, o)}
	}
	err = e.append(ctx, b)
	var taken *ledger.HeldError
	switch {
	case errors.As(err, &taken): // the same request got in first
		rec, _, err := e.received(ctx, m.By, o, cause)
		return rec, err
	case err != nil:
		return Receipt{}, unavailable(err)
	}
	return Receipt{Held: item.ID}, held(item.ID, told)
}

// append writes a batch outside of cases and folds it. An error that leaves it
// open whether the batch was written is settled by looking.
func (e *Engine) append(ctx context.Context, b ledger.Batch) error {
	last, err := e.cfg.Store.Append(ctx, b)
	ctx = context.WithoutCancel(ctx) // what is on the disk is known, also to nobody
	if err == nil {
		return e.advance(ctx, b, last)
	}
	var told *tocsin.Error
	var taken *ledger.HeldError
	if errors.Is(err, ledger.ErrConflict) || errors.As(err, &taken) || errors.As(err, &told) {
		return err // nothing was written
	}
	for r, lerr := range e.cfg.Store.Load(ctx, b.Stream) {
		if lerr != nil {
			break
		}
		if r.Seq == b.After+1 && r.Command == b.Records[0].Command {
			return e.Follow(ctx)
		}
	}
	return err
}

// keep records a report once. A re-post (same key, same content) is noted on the
// first; the same content under another key is a report of its own that repeats
// the first, because who passed it on is a fact too.
func (e *Engine) keep(ctx context.Context, m casefile.Meta, rep tocsin.Report, raw []byte, o Options) (Receipt, error) {
	var repeatOf tocsin.ReportID
	content, source := "content/"+string(rep.Content), ""
	if rep.SourceKey != "" {
		source = "source/" + string(tocsin.DigestOf([]byte(rep.SourceKey))) + "/" + string(rep.Content)
	}
	for {
		r, err := e.record(view.ReportReceived, view.Received{Report: rep, RepeatOf: repeatOf}, m, "")
		if err != nil {
			return Receipt{}, err
		}
		b := ledger.Batch{Stream: view.ReportPrefix + string(rep.ID), Records: []ledger.Record{r}, Blobs: []ledger.Blob{{Digest: rep.Raw, Bytes: raw}}}
		if source != "" {
			b.Keys = append(b.Keys, source)
		}
		if repeatOf == "" {
			b.Keys = append(b.Keys, content)
		}
		if o.Idempotency != "" {
			b.Keys = append(b.Keys, idempotencyKey(m.By, o))
		}
		err = e.append(ctx, b)
		var taken *ledger.HeldError
		switch {
		case err == nil:
			rep, err := e.Report(rep.ID)
			return Receipt{Report: rep}, err
		case !errors.As(err, &taken):
			return Receipt{}, unavailable(err)
		case taken.Key == source:
			return e.repost(ctx, m, taken.Stream, rep, raw, o)
		case taken.Key == content && repeatOf == "":
			id, _ := cutPrefix(taken.Stream, view.ReportPrefix)
			repeatOf = tocsin.ReportID(id)
		default: // the idempotency key: the same request got in first
			rec, _, err := e.received(ctx, m.By, o, nil)
			return rec, err
		}
	}
}

func (e *Engine) repost(ctx context.Context, m casefile.Meta, stream string, rep tocsin.Report, raw []byte, o Options) (Receipt, error) {
	r, err := e.record(view.ReportReposted, view.Reposted{Conveyor: rep.Conveyor, Raw: rep.Raw}, m, "")
	if err != nil {
		return Receipt{}, err
	}
	b := ledger.Batch{Stream: stream, Records: []ledger.Record{r}, Blobs: []ledger.Blob{{Digest: rep.Raw, Bytes: raw}}}
	if o.Idempotency != "" {
		b.Keys = []string{idempotencyKey(m.By, o)}
	}
	for range tries {
		if err := e.Follow(ctx); err != nil {
			return Receipt{}, err
		}
		e.Read(func(x *view.Index) { b.After = x.Version(stream) })
		if err = e.append(ctx, b); !errors.Is(err, ledger.ErrConflict) {
			break
		}
	}
	var taken *ledger.HeldError
	switch {
	case errors.As(err, &taken): // the same request got in first
		rec, _, err := e.received(ctx, m.By, o, nil)
		return rec, err
	case err != nil:
		return Receipt{}, unavailable(err)
	}
	id, _ := cutPrefix(stream, view.ReportPrefix)
	first, err := e.Report(tocsin.ReportID(id))
	return Receipt{Report: first, Reposted: true}, err
}

// unavailable is what a person is told when a write failed. A store that says
// itself what is wrong, such as that the disk is full, is quoted.
func unavailable(cause error) error {
	var told *tocsin.Error
	if errors.As(cause, &told) {
		return told
	}
	f := tocsin.Fault(tocsin.Unavailable, "not_written", "The record could not be written.", "Send it again; if it goes on, see the runbook.").Keeping("Nothing was acknowledged.")
	f.Cause = cause
	return f
}

// attached makes what a case keeps of a report.
func attached(r view.Report) casefile.Report {
	return casefile.Report{ID: r.ID, Subject: r.Subject, Origin: r.Origin, Conveyor: r.Conveyor, Marking: r.Marking, Originator: r.Originator,
		Controlled: r.Controlled, FirstKnown: r.FirstKnown(), Entered: r.Entered, RepeatOf: r.RepeatOf}
}

// Open opens a case with reports under a pack; the empty name is the default.
// Further packs join it with JoinPack.
func (e *Engine) Open(ctx context.Context, by tocsin.Actor, title, pack string, reports []tocsin.ReportID, o Options) (Result, error) {
	p, err := e.inForce(pack)
	if err != nil {
		return Result{}, err
	}
	c := casefile.OpenCase{Case: tocsin.CaseID(e.cfg.IDs.New("case", basis(by, o))), Title: title, Terms: p.policy.Terms()}
	if c.Reports, err = e.attachments(by, reports); err != nil {
		return Result{}, err
	}
	return e.Do(ctx, by, c.Case, c, o)
}

func (e *Engine) attachments(by tocsin.Actor, ids []tocsin.ReportID) ([]casefile.Report, error) {
	var out []casefile.Report
	for _, id := range ids {
		r, err := e.ReportAs(by, id)
		if err != nil {
			return nil, err
		}
		out = append(out, attached(r))
	}
	return out, nil
}

// Attach joins a report to a case.
func (e *Engine) Attach(ctx context.Context, by tocsin.Actor, id tocsin.CaseID, report tocsin.ReportID, o Options) (Result, error) {
	r, err := e.attachments(by, []tocsin.ReportID{report})
	if err != nil {
		return Result{}, err
	}
	return e.Do(ctx, by, id, casefile.AttachReport{Report: r[0]}, o)
}

// addressable looks whether something can be sent to each address of an entry: one that
// is mistyped is found now, not when the warning goes out.
func (e *Engine) addressable(r tocsin.Recipient) error {
	for i, g := range r.Ladder {
		if e.cfg.Address == nil {
			return nil
		}
		if err := e.cfg.Address(g); err != nil {
			var told *tocsin.Error
			if errors.As(err, &told) {
				return told.At(fmt.Sprintf("ladder.%d.address", i+1))
			}
			return err
		}
	}
	return nil
}

// SetRecipient enters a recipient into the directory or replaces its entry. It
// returns the entry as it was taken in: countries and languages that were given by
// name stand as codes there.
//
// Errors: Forbidden; Invalid for an entry that is incomplete, or names what is no
// country or no language, with the nearest candidates, or an address that nothing can
// be sent to; Unavailable.
func (e *Engine) SetRecipient(ctx context.Context, by tocsin.Actor, r tocsin.Recipient) (tocsin.Recipient, error) {
	if !by.Has(tocsin.DutyOfficer, tocsin.SeniorOfficer, tocsin.OriginatorLiaison, tocsin.ReleaseOfficer, tocsin.IntakeOfficer) {
		return r, tocsin.Fault(tocsin.Forbidden, "no_power", "Your role does not allow changing the directory.", "Ask a duty, senior, intake or release officer or an originator liaison.")
	}
	r, err := directory.Admitted(r)
	if err != nil {
		return r, kept(err, "The directory stays as it was.")
	}
	if err := e.addressable(r); err != nil {
		return r, kept(err, "The directory stays as it was.")
	}
	m := casefile.Meta{At: e.now(), By: by, Command: e.cfg.IDs.New("command", "")}
	rec, err := e.record(directory.Kind, directory.Set{Recipient: r}, m, "")
	if err != nil {
		return r, err
	}
	for range tries {
		var after int
		e.Read(func(x *view.Index) { after = x.Version(directory.Stream) })
		err = e.append(ctx, ledger.Batch{Stream: directory.Stream, After: after, Records: []ledger.Record{rec}})
		if err == nil {
			return r, nil
		}
		if !errors.Is(err, ledger.ErrConflict) {
			return r, unavailable(err)
		}
		if err := e.Follow(ctx); err != nil {
			return r, err
		}
	}
	return r, unavailable(err)
}
