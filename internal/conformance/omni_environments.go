// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// ids is a list as the server's generation wants it: comma text on the oldest.
func (p *Probe) ids(ids ...string) any {
	if p.server.Version == live.Unstable {
		return strings.Join(ids, ",")
	}
	return ids
}

func (p *Probe) values(values ...string) any { return p.ids(values...) }

// environment makes a base, another connection, and an environment of the two.
func (p *Probe) environment() (base, connection, environment string) {
	base, connection = p.connection(postgres()), p.connection(postgres())
	return base, connection, p.associate(base, connection)
}

func (p *Probe) associate(base, connection string) (environment string) {
	answer := p.post("connection-environments", object{"baseConnectionId": base, "environmentConnectionIds": p.ids(connection)})
	id := environmentID(answer)
	if id == "" {
		p.stop("no environment could be made: %s", said(answer))
	}
	p.cleanup = append(p.cleanup, func() { p.delete("connection-environments/" + id) })
	return id
}

func environmentID(answer live.Answer) string {
	return first(answer.Text("connectionEnvironments", 0, "id"), answer.Text("data", 0, "id"))
}

// associated asks how environments are created by one form of their ids.
func associated(form func(...string) any) func(*Probe) string {
	return func(p *Probe) string {
		base, connection := p.connection(postgres()), p.connection(postgres())
		answer := p.post("connection-environments", object{"baseConnectionId": base, "environmentConnectionIds": form(connection)})
		if id := environmentID(answer); id != "" {
			p.cleanup = append(p.cleanup, func() { p.delete("connection-environments/" + id) })
			return said(answer) + " " + shape(answer.JSON())
		}
		return said(answer)
	}
}

func asArray(texts ...string) any { return texts }
func asText(texts ...string) any  { return strings.Join(texts, ",") }

// setValues asks what a server says to values of an environment.
func setValues(value any) func(*Probe) string {
	return func(p *Probe) string {
		_, _, environment := p.environment()
		return said(p.put("connection-environments/"+environment, object{"userAttributeValues": value}))
	}
}

func omniEnvironments() []Point {
	points := []Point{
		{ID: "list", Asks: "GET of the environments", Reads: true, Probe: func(p *Probe) string {
			answer := p.get("connection-environments")
			return said(answer) + " " + shape(answer.JSON())
		}},
		{ID: "create-array", Asks: "creation with an array of ids", Probe: associated(asArray)},
		{ID: "create-text", Asks: "creation with comma text", Probe: associated(asText)},
		{ID: "values-array", Asks: "values as an array", Probe: setValues([]string{"a", "b"})},
		{ID: "values-text", Asks: "values as comma text", Probe: setValues("a,b")},
		{ID: "values-none", Asks: "no values at all", Probe: setValues([]string{})},
		{ID: "values-empty", Asks: "an empty value", Choices: []string{"omnimock.updateEnvironment"}, Probe: setValues([]string{""})},
		{ID: "values-twice", Asks: "a value twice in one environment", Choices: []string{"omnimock.checkFree"}, Probe: setValues([]string{"a", "a"})},
		{ID: "values-in-use", Asks: "a value that another environment of the base has", Probe: func(p *Probe) string {
			base, _, environment := p.environment()
			other := p.associate(base, p.connection(postgres()))
			p.put("connection-environments/"+environment, object{"userAttributeValues": p.values("a")})
			return said(p.put("connection-environments/"+other, object{"userAttributeValues": p.values("a")}))
		}},
		{ID: "itself", Asks: "a base as its own environment", Probe: func(p *Probe) string {
			base := p.connection(postgres())
			return said(p.post("connection-environments", object{"baseConnectionId": base, "environmentConnectionIds": p.ids(base)}))
		}},
		{ID: "another-dialect", Asks: "an environment of another dialect", Probe: func(p *Probe) string {
			base, connection := p.connection(postgres()), p.connection(with(postgres(), object{"dialect": "mysql"}))
			return said(p.post("connection-environments", object{"baseConnectionId": base, "environmentConnectionIds": p.ids(connection)}))
		}},
		{ID: "twice", Asks: "the same environment twice", Probe: func(p *Probe) string {
			base, connection, _ := p.environment()
			return said(p.post("connection-environments", object{"baseConnectionId": base, "environmentConnectionIds": p.ids(connection)}))
		}},
		{ID: "two-bases", Asks: "one connection as an environment of two bases", Probe: func(p *Probe) string {
			_, connection, _ := p.environment()
			other := p.connection(postgres())
			answer := p.post("connection-environments", object{"baseConnectionId": other, "environmentConnectionIds": p.ids(connection)})
			if id := environmentID(answer); id != "" {
				p.cleanup = append(p.cleanup, func() { p.delete("connection-environments/" + id) })
			}
			return said(answer)
		}},
		{ID: "bind", Asks: "binding a base by environmentUserAttribute", Probe: bind(func(name string) object {
			return object{"environmentUserAttribute": object{"attributeName": name, "defaultValues": []string{"dev"}}}
		})},
		{ID: "bind-flat", Asks: "binding a base by the flat keys of the 2025 guide", Probe: bind(func(name string) object {
			return object{attributeNameKey: name, attributeValuesKey: "dev"}
		})},
		{ID: "bind-flat-half", Asks: "one of the two flat keys alone", Choices: []string{"omnimock.flatAttribute"}, Probe: bind(func(name string) object {
			return object{attributeNameKey: name}
		})},
		{ID: "bind-missing", Asks: "binding a base to an attribute that does not exist", Probe: func(p *Probe) string {
			body := object{"environmentUserAttribute": object{"attributeName": "no_such_attribute", "defaultValues": []string{"dev"}}}
			if p.server.Version == live.Unstable {
				body = object{attributeNameKey: "no_such_attribute", attributeValuesKey: "dev"}
			}
			return said(p.patch("connections/"+p.connection(postgres()), body))
		}},
		{ID: "delete-not-found", Asks: "DELETE of an environment that does not exist", Probe: func(p *Probe) string {
			return said(p.remove("connection-environments/" + nobody()))
		}},
	}
	return of("omni/environment/", live.Omni, points)
}

// The keys that a bound base is read by.
const (
	attributeNameKey   = "userAttributeNameForConnectionEnvironments"
	attributeValuesKey = "userAttributeValuesForDefaultEnvironment"
)

// bind binds a base to an attribute that every server has, and reads the values.
func bind(body func(name string) object) func(*Probe) string {
	return func(p *Probe) string {
		id := p.connection(postgres())
		answer := said(p.patch("connections/"+id, body("omni_user_email")))
		if !strings.HasPrefix(answer, "2") {
			return answer
		}
		return fmt.Sprintf("%s, then %s", answer, shape(p.read(id)[attributeValuesKey]))
	}
}
