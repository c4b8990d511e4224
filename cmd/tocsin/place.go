package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tocsin/geo"
)

// place lists the places of a name; it needs no record and no server.
func (p *program) place(_ context.Context, args []string) error {
	f := p.flags("place")
	asJSON := f.Bool("json", false, "print JSON")
	rest, err := p.parse(f, args, -1)
	if err != nil {
		return err
	}
	name := strings.Join(rest, " ")
	if strings.TrimSpace(name) == "" {
		return p.wrong(f, "it takes a name")
	}
	found := geo.Candidates(name)
	if found == nil {
		found = []geo.Place{}
		fmt.Fprintf(p.err, "The gazetteer knows no place called %q. It has places of a thousand people and more.\n", name)
		for _, at := range geo.Points(name) {
			_, country := geo.CountryAt(at)
			fmt.Fprintf(p.err, "%s is in %s.\n", at, either(country == "", "no country that it knows", country))
		}
	}
	err = p.print(*asJSON, found, func(w io.Writer) {
		for _, c := range found {
			fmt.Fprintf(w, "%-28s %s  %9d  %-28s %s\n", c.Point, c.Country, c.Population, c.Name, c.Region)
		}
	})
	if len(found) > 0 && !*asJSON {
		fmt.Fprintln(p.err, geo.Attribution)
	}
	return err
}

func either(ok bool, a, b string) string {
	if ok {
		return a
	}
	return b
}
