package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"tocsin"
	"tocsin/casefile"
)

// schemaName names a type in the description. Several packages have a Report, so
// types of a package other than the root and this one carry its name. Commands
// are called what they are.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	pkg := path.Base(t.PkgPath())
	if pkg == "." || pkg == "tocsin" || pkg == "web" || t.Implements(reflect.TypeFor[casefile.Command]()) {
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

func problemResponse() *huma.Response {
	return &huma.Response{Description: "A problem: what happened, what was kept, what to do",
		Content: map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}}}
}

// enums are the closed lists of the root package. As part of the description
// they are checked before anything else, and a value outside them is never
// repeated in an answer.
var enums = map[reflect.Type][]any{
	reflect.TypeFor[tocsin.VictimKind]():    anys(tocsin.VictimKinds()),
	reflect.TypeFor[tocsin.IdentityState](): anys([]tocsin.IdentityState{tocsin.Named, tocsin.AddressOnly, tocsin.ClassOnly, tocsin.Unidentified}),
	reflect.TypeFor[tocsin.Harm]():          anys(tocsin.Harms()),
	reflect.TypeFor[tocsin.FindingValue]():  anys(tocsin.FindingValues()),
	reflect.TypeFor[tocsin.WarningKind]():   anys(tocsin.WarningKinds()),
	reflect.TypeFor[tocsin.MessageType]():   anys([]tocsin.MessageType{tocsin.Alert, tocsin.Update, tocsin.Cancel, tocsin.AllClear}),
	reflect.TypeFor[tocsin.AckKind]():       anys([]tocsin.AckKind{tocsin.AckReceived, tocsin.AckUnderstood, tocsin.AckActing, tocsin.AckRefused, tocsin.WillAnswerLater}),
	reflect.TypeFor[tocsin.Role]():          anys(tocsin.Roles()),
}

func anys[T ~string](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// finishSchemas takes out the library's own error form, which is not used, and
// writes the closed lists into every property that has one.
func finishSchemas(r huma.Registry) {
	r.Schema(reflect.TypeFor[Problem](), true, "Problem")
	r.Schema(reflect.TypeFor[StreamEvent](), true, "StreamEvent")
	library := reflect.TypeFor[huma.ErrorModel]().PkgPath()
	for name, s := range r.Map() {
		switch t := r.TypeFromRef("#/components/schemas/" + name); {
		case t.PkgPath() == library:
			delete(r.Map(), name)
		case t.Kind() == reflect.Struct:
			listEnums(s, t)
		}
	}
}

func listEnums(s *huma.Schema, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			if e := f.Type; e.Kind() == reflect.Struct {
				listEnums(s, e)
			}
			continue
		}
		p := s.Properties[name]
		if p == nil {
			continue
		}
		ft := f.Type
		if ft.Kind() == reflect.Slice {
			ft, p = ft.Elem(), p.Items
		}
		if values, ok := enums[ft]; ok && p != nil && len(p.Enum) == 0 {
			p.Enum = values
			p.PrecomputeMessages()
		}
	}
}

// jsonFormat is JSON whose errors never quote what was sent.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	},
	Unmarshal: func(data []byte, v any) error {
		if !utf8.Valid(data) {
			return errors.New("not UTF-8") // it would be changed silently in reading
		}
		err := json.Unmarshal(data, v)
		if err == nil {
			return nil
		}
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax) && syntax.Offset >= int64(len(bytes.TrimSpace(data))):
			return errors.New("not whole, the JSON breaks off")
		case errors.As(err, &syntax):
			return fmt.Errorf("not JSON at byte %d", syntax.Offset)
		case errors.As(err, &kind):
			return fmt.Errorf("a field has the wrong type, near byte %d", kind.Offset)
		}
		return errors.New("a field could not be read")
	},
}
