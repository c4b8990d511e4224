package tocsin

// Harm is one kind of harm. The list is closed; a pack says which of them its
// duty covers.
type Harm string

// The harms.
const (
	Killing             Harm = "killing"
	SeriousBodilyInjury Harm = "serious_bodily_injury"
	Kidnapping          Harm = "kidnapping"
	UnlawfulDetention   Harm = "unlawful_detention"
	ForcedReturn        Harm = "forced_return"
	PhysicalAttack      Harm = "physical_attack"
	PropertyDamage      Harm = "property_damage"
)

// Harms lists every harm.
func Harms() []Harm {
	return []Harm{Killing, SeriousBodilyInjury, Kidnapping, UnlawfulDetention, ForcedReturn, PhysicalAttack, PropertyDamage}
}

// Threat is what is said to be coming, each part with the report spans that
// support it. An empty part is unknown.
type Threat struct {
	Actor       Claim    `json:"actor,omitzero"`
	ActorGroups []string `json:"actor_groups,omitempty"` // the actor, its affiliates and whoever it controls: no route may run through these
	Harm        Harm     `json:"harm,omitempty"`
	Target      Claim    `json:"target,omitzero"`
	Place       Claim    `json:"place,omitzero"`
	Means       Claim    `json:"means,omitzero"`
	Window      Window   `json:"window,omitzero"` // stated or estimated time of the attack
	// Whereabouts is where the places lie that the case names, as far as a person has
	// said so. What is absent is not decided.
	Whereabouts []Whereabouts `json:"whereabouts,omitempty"`
}

// Claim is one part of a threat.
type Claim struct {
	Text     string `json:"text,omitempty"`
	Evidence []Span `json:"evidence,omitempty"`
}

// VictimKind says what sort of intended victim it is.
type VictimKind string

// The kinds of intended victim.
const (
	Person      VictimKind = "person"
	Group       VictimKind = "group"
	Class       VictimKind = "class" // "attendees of the ceremony"
	Institution VictimKind = "institution"
	Business    VictimKind = "business"
	Structure   VictimKind = "structure"
	Location    VictimKind = "location"
)

// VictimKinds lists every kind of intended victim.
func VictimKinds() []VictimKind {
	return []VictimKind{Person, Group, Class, Institution, Business, Structure, Location}
}

// Victim is one intended victim: the party to whom one obligation runs.
type Victim struct {
	ID           VictimID      `json:"id"`
	Kind         VictimKind    `json:"kind"`
	Name         string        `json:"name"`
	Identity     IdentityState `json:"identity"`
	Place        string        `json:"place,omitempty"`
	Jurisdiction string        `json:"jurisdiction,omitempty" doc:"The country: ISO 3166-1 alpha-2 such as IR, or its name in English or German, which is kept as the code"`
	Safety       string        `json:"safety,omitempty"` // contact safety: shared phone, watched mailbox
	Protectors   []RecipientID `json:"protectors,omitempty"`
}

// Care is what must be heeded by whoever contacts a victim (Victim.Safety): who
// shares the telephone, who reads the letters, when not to come.
type Care struct {
	Victim VictimID `json:"victim"`
	Name   string   `json:"name"`
	Words  string   `json:"words"`
}

// IdentityState says how well the victim is known. "address_only" is a lead
// with an action (go and look), never a reason for silence.
type IdentityState string

// The identity states.
const (
	Named        IdentityState = "named"
	AddressOnly  IdentityState = "address_only"
	ClassOnly    IdentityState = "class_only"
	Unidentified IdentityState = "unidentified"
)

// Validate says what is missing from v.
func (v Victim) Validate() error {
	switch {
	case !ValidID(string(v.ID)):
		return Fault(Invalid, "victim_id", "The victim has no usable id.", "Use up to 64 of a-z, 0-9, dot, dash, underscore, such as v1.")
	case v.Name == "":
		return Fault(Invalid, "victim_without_name", "The victim has no name.",
			"Name the person, group or place; if nobody knows the name, describe it, such as \"family at 12 Mill Lane\", and set identity to address_only or unidentified.").At("name")
	case !oneOf(v.Kind, VictimKinds()):
		return Faultf(Invalid, "victim_kind", "Use person, group, class, institution, business, structure or location.", "%q is not a kind of victim.", v.Kind).At("kind")
	case v.Jurisdiction != "" && !jurisdictionShaped(v.Jurisdiction):
		return Faultf(Invalid, "country", "Use two capital letters, such as IR; with a part of the country, such as US-CA, if it matters.", "%.40q is not a country's code.", v.Jurisdiction).At("jurisdiction")
	case !oneOf(v.Identity, []IdentityState{Named, AddressOnly, ClassOnly, Unidentified}):
		return Faultf(Invalid, "victim_identity", "Use named, address_only, class_only or unidentified.", "%q is not an identity state.", v.Identity).At("identity")
	}
	return nil
}

// Describes reports whether v says of the victim what o says: who it is, how well
// known, where, and under whose jurisdiction. What a determination and a warning
// rest on is this; how to reach and protect the victim is not.
func (v Victim) Describes(o Victim) bool {
	return v.Kind == o.Kind && v.Name == o.Name && v.Identity == o.Identity && v.Place == o.Place && v.Jurisdiction == o.Jurisdiction
}

func oneOf[T comparable](v T, list []T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}
