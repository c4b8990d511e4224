package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"tocsin"
	"tocsin/casefile"
	"tocsin/internal/channel/inperson"
	"tocsin/view"
)

// Delivery is one message on its way: what goes out, and nothing of the case
// behind it.
type Delivery struct {
	Key       tocsin.DeliveryKey     `json:"key"`
	Case      tocsin.CaseID          `json:"case"`
	Warning   tocsin.WarningID       `json:"warning"`
	Kind      tocsin.WarningKind     `json:"kind"`
	Message   tocsin.MessageType     `json:"message"`
	Recipient tocsin.RecipientID     `json:"recipient"`
	Name      string                 `json:"name" doc:"The recipient's name in the directory"`
	Addressee string                 `json:"addressee,omitempty" doc:"Who is reached on this rung"`
	Channel   string                 `json:"channel"`
	Address   string                 `json:"address,omitempty"`
	Level     int                    `json:"level"`
	State     casefile.DeliveryState `json:"state" doc:"planned, started, sent, assigned, delivered, acknowledged, acting, uncertain, failed or stopped: sent is not delivered, delivered is not acknowledged"`
	FirstTry  time.Time              `json:"first_try,omitzero"`
	Handed    time.Time              `json:"handed,omitzero"`
	Delivered time.Time              `json:"delivered,omitzero"`
	Answer    tocsin.AckKind         `json:"answer,omitempty"`
	Answered  time.Time              `json:"answered,omitzero"`
	AnswerBy  string                 `json:"answer_by,omitempty" doc:"Who gave that answer"`
	Said      string                 `json:"said,omitempty" doc:"Their words"`
	Waits     string                 `json:"waits,omitempty" doc:"The command that somebody owes: record_service or acknowledge"`
	Due       time.Time              `json:"due,omitzero" doc:"When the next channel or addressee is tried"`
	Text      tocsin.Text            `json:"text" doc:"The exact words"`
	Marking   string                 `json:"marking"`
	Reference string                 `json:"reference" doc:"What the recipient quotes when calling back"`
	Window    tocsin.Window          `json:"window" doc:"How long the words are valid"`
	Verify    string                 `json:"verify,omitempty" doc:"How the recipient checks that the message is genuine"`
	Care      []tocsin.Care          `json:"care,omitempty" doc:"What must be heeded by whoever contacts the victims; never shown to a recipient"`
	Script    string                 `json:"script,omitempty" doc:"For service in person: the page to take along"`
}

// Deliveries is what waits.
type Deliveries struct {
	Items []Delivery `json:"items" nullable:"false"`
	More  int        `json:"more,omitempty" doc:"How many more there are"`
}

type (
	deliveriesIn struct {
		Limit int `query:"limit" minimum:"1" maximum:"1000" default:"200" doc:"How many at most"`
	}
	deliveriesOut struct{ Body Deliveries }
	deliveryIn    struct {
		Key tocsin.DeliveryKey `path:"key" maxLength:"128" doc:"The delivery"`
	}
	deliveryOut struct{ Body Delivery }
)

func (a *API) deliveries() {
	handle(a, operation{id: "list-deliveries", method: http.MethodGet, path: "/v1/deliveries", tag: "deliveries", summary: "What waits for somebody: tasks in person, and messages without an answer",
		doc: "The most urgent first. A recipient's system gets all that has gone to it.", who: deliveryRoles}, a.listDeliveries)
	handle(a, operation{id: "get-delivery", method: http.MethodGet, path: "/v1/deliveries/{key}", tag: "deliveries", summary: "One delivery", who: deliveryRoles}, a.getDelivery)
}

func (a *API) states(by tocsin.Actor) []casefile.State {
	var all []casefile.State
	a.cfg.Engine.Read(func(x *view.Index) {
		for _, id := range x.CaseOrder {
			if s := x.Cases[id]; len(s.Deliveries) > 0 && (s.Visible(by) || by.Has(tocsin.RecipientRole)) {
				all = append(all, s)
			}
		}
	})
	return all
}

func (a *API) listDeliveries(ctx context.Context, c call, in *deliveriesIn) (*deliveriesOut, error) {
	own := c.by.Has(tocsin.RecipientRole)
	all := []Delivery{}
	for _, s := range a.states(c.by) {
		waits, before := waiting(s), len(all)
		for _, d := range s.Deliveries {
			w, waited := waits[d.Key]
			if waited && !own || own && visibleTo(c.by, d) {
				all = append(all, a.delivery(c.by, s, d, w))
			}
		}
		if len(all) == before {
			continue
		}
		if err := a.cfg.Engine.ReadSealed(ctx, c.by, s, view.ReadDelivery); err != nil {
			return nil, err // the list holds the words
		}
	}
	slices.SortStableFunc(all, func(x, y Delivery) int {
		if x.Due.IsZero() != y.Due.IsZero() {
			if x.Due.IsZero() {
				return 1
			}
			return -1
		}
		return x.Due.Compare(y.Due)
	})
	out := &deliveriesOut{}
	out.Body.Items = all[:min(len(all), in.Limit)]
	out.Body.More = len(all) - len(out.Body.Items)
	return out, nil
}

// waiting lists the deliveries that wait for somebody, with what is owed.
func waiting(s casefile.State) map[tocsin.DeliveryKey]casefile.Step {
	waits := map[tocsin.DeliveryKey]casefile.Step{}
	for _, st := range casefile.Outstanding(s) {
		if st.Kind == (casefile.RecordService{}).Kind() || st.Kind == (casefile.Acknowledge{}).Kind() {
			waits[tocsin.DeliveryKey(st.Target)] = st
		}
	}
	return waits
}

// visibleTo reports whether d is by's own, and has been on its way.
func visibleTo(by tocsin.Actor, d casefile.Delivery) bool {
	return !by.Has(tocsin.RecipientRole) || (d.Recipient == by.Recipient && !d.FirstTry.IsZero())
}

func (a *API) getDelivery(ctx context.Context, c call, in *deliveryIn) (*deliveryOut, error) {
	for _, s := range a.states(c.by) {
		if d, ok := s.Delivery(in.Key); ok && visibleTo(c.by, d) {
			return &deliveryOut{a.delivery(c.by, s, d, waiting(s)[d.Key])}, a.cfg.Engine.ReadSealed(ctx, c.by, s, view.ReadDelivery)
		}
	}
	return nil, notFound("delivery")
}

func (a *API) delivery(by tocsin.Actor, s casefile.State, d casefile.Delivery, waits casefile.Step) Delivery {
	w, _ := s.Warning(d.Warning)
	r, _ := w.Draft.Recipient(d.Recipient)
	text, _ := w.Draft.Text(r)
	out := Delivery{Key: d.Key, Case: s.ID, Warning: d.Warning, Kind: w.Draft.Kind, Message: w.Draft.Message, Recipient: d.Recipient, Name: r.Name,
		Addressee: d.Addressee, Channel: d.Channel, Level: d.Level, State: d.State, FirstTry: d.FirstTry, Handed: d.Handed, Delivered: d.Delivered,
		Answer: d.Answer, Answered: d.Answered, AnswerBy: d.AnswerBy, Said: d.Said, Waits: waits.Kind, Due: waits.Due, Text: text, Marking: w.Draft.Marking, Reference: w.Draft.Reference,
		Window: w.Draft.Window, Verify: r.Verify}
	if !w.Until.IsZero() {
		out.Window.Latest = w.Until // as extended
	}
	if d.Rung >= 0 && d.Rung < len(r.Ladder) {
		out.Address = r.Ladder[d.Rung].Address
	}
	if !by.Has(tocsin.RecipientRole) { // how to come to a victim safely is not for whoever is reached
		out.Care = s.Care(w)
	}
	if d.Channel == inperson.Name {
		out.Script = a.script(w, d, out.Care)
	}
	return out
}

// script is the page that a deliverer takes along, once the task is handed over.
func (a *API) script(w casefile.Warning, d casefile.Delivery, care []tocsin.Care) string {
	if w.Clearance == nil || d.Handed.IsZero() {
		return ""
	}
	s, err := inperson.ScriptFor(*w.Clearance, w.Draft, d.Key, d.Recipient, d.Rung, care)
	if err == nil {
		s.Exercise = a.cfg.Exercise
		return s.String()
	}
	a.cfg.Log.Error("no script could be made for a task in person", "delivery", d.Key, "cause", err)
	return ""
}
