package console

import (
	"tocsin"
)

// Who may see what, as the API has it: design section 8. Who may do what to a
// case is decided in package casefile.
var (
	caseRoles = []tocsin.Role{tocsin.IntakeOfficer, tocsin.Analyst, tocsin.DutyOfficer, tocsin.SeniorOfficer,
		tocsin.OriginatorLiaison, tocsin.ReleaseOfficer, tocsin.Reviewer, tocsin.Inspector}
	sendRoles     = roles(caseRoles, tocsin.Reporter, tocsin.Deliverer)
	handInRoles   = without(sendRoles, tocsin.Inspector)
	deliveryRoles = roles(caseRoles, tocsin.Deliverer)
	staffRoles    = roles(sendRoles, tocsin.Administrator)
	searchRoles   = roles(caseRoles, tocsin.Reporter, tocsin.Deliverer)     // they find what is theirs, at least
	shareRoles    = []tocsin.Role{tocsin.DutyOfficer, tocsin.SeniorOfficer} // who saves views of the floor for everybody
	adminRoles    = []tocsin.Role{tocsin.Administrator}
	// directoryRoles are those whom the engine lets change the directory.
	directoryRoles = []tocsin.Role{tocsin.DutyOfficer, tocsin.SeniorOfficer, tocsin.OriginatorLiaison, tocsin.ReleaseOfficer, tocsin.IntakeOfficer}
	recordRoles    = roles(caseRoles, tocsin.Administrator)
)

func roles(list []tocsin.Role, more ...tocsin.Role) []tocsin.Role {
	return append(append([]tocsin.Role{}, list...), more...)
}

func without(list []tocsin.Role, not tocsin.Role) []tocsin.Role {
	var out []tocsin.Role
	for _, r := range list {
		if r != not {
			out = append(out, r)
		}
	}
	return out
}

// place is one entry of the navigation.
type place struct {
	Path string
	Name string // key in the catalogue
	Key  string // pressed after g
	who  []tocsin.Role
}

var places = []place{
	{"/admin", "nav.admin", "m", adminRoles},
	{"/", "nav.floor", "f", caseRoles},
	{"/intake", "nav.intake", "i", handInRoles},
	{"/reports", "nav.reports", "r", roles(caseRoles, tocsin.Reporter)},
	{"/deliveries", "nav.deliveries", "d", deliveryRoles},
	{"/directory", "nav.directory", "a", caseRoles},
	{"/policies", "nav.policies", "p", staffRoles},
	{"/record", "nav.record", "c", recordRoles},
	{"/oversight", "nav.oversight", "o", caseRoles},
}

// home is where a person begins: the first place that is theirs.
func home(by tocsin.Actor) string {
	if by.Has(tocsin.Deliverer) && !by.Has(roles(caseRoles, tocsin.Reporter, tocsin.Administrator)...) {
		return "/deliveries" // what they are there for; that they can hand in a report comes second
	}
	for _, p := range places {
		if by.Has(p.who...) {
			return p.Path
		}
	}
	return ""
}

func placesOf(by tocsin.Actor) []place {
	var out []place
	for _, p := range places {
		if by.Has(p.who...) {
			out = append(out, p)
		}
	}
	return out
}
