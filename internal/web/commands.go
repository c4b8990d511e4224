package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tocsin"
	"tocsin/casefile"
)

type commandIn[B any] struct {
	CaseWrite
	Body B
}

// ServiceBody is a record of service, as it is sent.
type ServiceBody struct {
	Delivery tocsin.DeliveryKey `json:"delivery" maxLength:"64"`
	Service  struct {
		Person      string    `json:"person" doc:"Who was told"`
		Place       string    `json:"place"`
		At          time.Time `json:"at"`
		Words       string    `json:"words,omitempty" doc:"The words given, if other than the script"`
		Present     []string  `json:"present,omitempty"`
		Interpreter string    `json:"interpreter,omitempty"`
		Signed      bool      `json:"signed,omitempty"`
		RefusedSign bool      `json:"refused_sign,omitempty"`
		Response    string    `json:"response,omitempty"`

		Answer tocsin.AckKind `json:"answer,omitempty" enum:"received,understood,acting,refused,will_answer_later" doc:"How they answered; none if left out, and the warning is then delivered, not acknowledged, unless they signed"`
	} `json:"service"`
}

func (b ServiceBody) command() casefile.Command {
	return casefile.RecordService{Key: b.Delivery, Service: tocsin.Service(b.Service)}
}

// OutcomeBody is an outcome, as it is sent; who recorded it is not asked.
type OutcomeBody struct {
	Outcome struct {
		What     string    `json:"what" enum:"occurred,averted,did_not_occur,unrelated"`
		At       time.Time `json:"at,omitzero"`
		Response string    `json:"response,omitempty" enum:"acted,ignored,published,accused,attacked_elsewhere,arrested_innocents,none" doc:"What the recipient did with the warning"`
		Note     string    `json:"note"`
	} `json:"outcome"`
}

func (b OutcomeBody) command() casefile.Command {
	o := b.Outcome
	return casefile.RecordOutcome{Outcome: casefile.Outcome{What: o.What, At: o.At, Response: o.Response, Note: o.Note}}
}

// commands registers an operation for every command that a person gives, but
// those that the engine composes: opening, attaching, drafting and releasing
// have operations of their own.
func (a *API) commands() {
	give[casefile.JoinPack](a, "Put the case under a further policy pack as well")
	give[casefile.AdoptTerms](a, "Take up the loaded edition of a pack that the case stands under")
	give[casefile.StateThreat](a, "State what is held to be coming")
	give[casefile.ProtectTerms](a, "Name words that no warning of this case may contain")
	give[casefile.AddVictim](a, "Name an intended victim")
	give[casefile.CorrectVictim](a, "Correct what is said of a victim; what was said before stays in the record")
	give[casefile.RecordFindings](a, "Record findings for one victim")
	give[casefile.RecordLocator](a, "Note a new way to reach a victim")
	give[casefile.AffirmDetermination](a, "Affirm a determination")
	give[casefile.ProposeWaiver](a, "Propose not to warn one victim")
	give[casefile.DecideWaiver](a, "Approve or deny a waiver")
	give[casefile.ProposeRefusal](a, "Sign first under: no duty is owed")
	give[casefile.SignRefusal](a, "Answer as the second signer, with your own grade")
	give[casefile.OfferHandover](a, "Offer an obligation to another organisation")
	give[casefile.AnswerHandover](a, "Record that organisation's answer")
	give[casefile.ProposeTransfer](a, "Ask somebody to become the owner")
	give[casefile.AnswerTransfer](a, "Answer as the person asked")
	give[casefile.AskConsent](a, "Ask the originator of a controlled report")
	give[casefile.AnswerConsent](a, "Record the originator's answer")
	give[casefile.RaiseDispute](a, "Record a disagreement; no clock waits for it")
	give[casefile.SettleDispute](a, "Settle a dispute")
	give[casefile.InvokeExigent](a, "Open the exigent path")
	give[casefile.DoDuty](a, "Discharge an after-duty")
	give[casefile.ApproveWarning](a, "Approve exactly the words that were read")
	give[casefile.ReturnWarning](a, "Send a draft back")
	give[casefile.AnswerFinding](a, "Answer one question of the guard or several, as somebody who did not write the warning")
	give[casefile.WriteTearline](a, "Write what of a report may be told")
	give[casefile.ClearTearline](a, "Clear exactly the tearline that was read")
	give[casefile.ExtendWindow](a, "Keep a warning valid for longer")
	give[casefile.Discharge](a, "End an obligation that was delivered and never acknowledged")
	give[casefile.DecideParity](a, "Decide whether a victim left out must be told too")
	give[casefile.Review](a, "Record a review")
	give[casefile.SealCase](a, "Make the case known to named people only, or change who they are")
	give[casefile.UnsealCase](a, "Make a sealed case known again to all who see cases")
	give[casefile.CloseCase](a, "Close the case")
	give[casefile.ReopenCase](a, "Open the case again")
	giveAs(a, "Record what happened in the end", caseRoles, OutcomeBody.command, nil)

	giveAs(a, "Record how it is known that a warning arrived", deliveryStaff, itself[casefile.ConfirmDelivery],
		func(c casefile.ConfirmDelivery) tocsin.DeliveryKey { return c.Key })
	giveAs(a, "Record a warning given in person", deliveryStaff, ServiceBody.command,
		func(b ServiceBody) tocsin.DeliveryKey { return b.Delivery })
	giveAs(a, "Record an attempt in person that reached nobody", deliveryStaff, itself[casefile.RecordNotFound],
		func(c casefile.RecordNotFound) tocsin.DeliveryKey { return c.Key })
	giveAs(a, "Record the recipient's answer", deliveryRoles, itself[casefile.Acknowledge],
		func(c casefile.Acknowledge) tocsin.DeliveryKey { return c.Key })

	handle(a, commandOperation(casefile.SeeGrade{}.Kind(), "Record that you look at findings, and so cannot be the second signer", caseRoles), a.seeGrade)
}

// deliveryStaff record what became of a delivery.
var deliveryStaff = append([]tocsin.Role{tocsin.Deliverer}, caseRoles...)

func itself[C casefile.Command](c C) casefile.Command { return c }

// give registers a command whose body is the command itself.
func give[C casefile.Command](a *API, summary string) { giveAs(a, summary, caseRoles, itself[C], nil) }

// giveAs registers a command made from a body of type B. target, if there is
// one, names the delivery that the command is about: somebody who does not see
// the case then gets to see what they did to that.
func giveAs[B any](a *API, summary string, who []tocsin.Role, command func(B) casefile.Command, target func(B) tocsin.DeliveryKey) {
	var zero B
	op := commandOperation(command(zero).Kind(), summary, who)
	handle(a, op, func(ctx context.Context, c call, in *commandIn[B]) (*answerOut, error) {
		var key tocsin.DeliveryKey
		if target != nil {
			key = target(in.Body)
			if err := a.mine(c.by, in.ID, key); err != nil {
				return nil, err
			}
		}
		o, err := a.about(c.by, in.CaseWrite, op.id, in.Body)
		if err != nil {
			return nil, err
		}
		res, err := a.cfg.Engine.Do(ctx, c.by, in.ID, command(in.Body), o)
		return a.answer(c.by, string(key), res, err)
	})
}

func commandOperation(kind, summary string, who []tocsin.Role) operation {
	id := strings.ReplaceAll(kind, "_", "-")
	return operation{id: id, method: http.MethodPost, path: "/v1/cases/{id}/" + id, tag: "commands", summary: summary, who: who, changes: true}
}

// mine refuses a recipient's system every delivery that is not its own, in the
// same words whether it exists or not.
func (a *API) mine(by tocsin.Actor, id tocsin.CaseID, key tocsin.DeliveryKey) error {
	if !by.Has(tocsin.RecipientRole) {
		return nil
	}
	s, err := a.cfg.Engine.Case(id)
	d, ok := s.Delivery(key)
	if err != nil || !ok || d.Recipient != by.Recipient || d.FirstTry.IsZero() {
		return notFound("delivery")
	}
	return nil
}

func (a *API) seeGrade(ctx context.Context, c call, in *CaseWrite) (*answerOut, error) {
	o, err := a.about(c.by, *in, "see-grade", nil)
	if err != nil {
		return nil, err
	}
	res, err := a.cfg.Engine.Do(ctx, c.by, in.ID, casefile.SeeGrade{}, o)
	return a.answer(c.by, "", res, err)
}
