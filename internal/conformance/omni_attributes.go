// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"net/url"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// attribute is a body of a user attribute.
func attribute(changes object) object {
	label := live.NewName()
	return with(object{"name": live.AttributeName(label), "label": label, "type": "String"}, changes)
}

// attributeID reads the id of an attribute from whichever form an answer has.
func attributeID(answer live.Answer) string {
	return first(answer.Text("id"), answer.Text("record", "id"), answer.Text("userAttribute", "id"))
}

// attributed says what the server says to a user attribute.
func attributed(changes object) func(*Probe) string {
	return func(p *Probe) string { return said(p.post("user-attributes", attribute(changes))) }
}

// newAttribute makes a user attribute, and returns its name and id, which the
// list has where the answer does not.
func (p *Probe) newAttribute() (name, id string) {
	body := attribute(nil)
	answer := p.post("user-attributes", body)
	if answer.Status >= 400 {
		p.stop("no user attribute could be made: %s", said(answer))
	}
	name, _ = body["name"].(string)
	if id = attributeID(answer); id != "" {
		return name, id
	}
	records, _ := p.get("user-attributes").At("records").([]any)
	for _, r := range records {
		if record, _ := r.(object); record["name"] == name {
			id, _ = record["id"].(string)
			p.cleanup = append(p.cleanup, func() { p.delete("user-attributes/" + id) })
		}
	}
	return name, id
}

func omniAttributes() []Point {
	points := []Point{
		{ID: "list", Asks: "the list of user attributes", Reads: true, Probe: func(p *Probe) string {
			answer := p.get("user-attributes")
			return said(answer) + " " + shape(answer.JSON()) + " " + shape(answer.At("records", 0))
		}},
		{ID: "groups-multiple", Asks: "which of Omni's own can have several values", Reads: true, Choices: []string{"omnimock.firstUserAttributes"}, Probe: func(p *Probe) string {
			var several []string
			records, _ := p.get("user-attributes").At("records").([]any)
			for _, r := range records {
				if record, _ := r.(object); record["system"] == true && record["multiple_values"] == true {
					several = append(several, is(record["name"]))
				}
			}
			return first(strings.Join(several, " "), "none")
		}},
		{ID: "create", Asks: "creation, and its answer", Choices: []string{"omnimock.createUserAttribute"}, Probe: func(p *Probe) string {
			answer := p.post("user-attributes", attribute(nil))
			return said(answer) + " " + shape(answer.JSON())
		}},
		{ID: "create-without-label", Asks: "creation without a label", Choices: []string{"omnimock.createUserAttribute"}, Probe: attributed(object{"label": nil})},
		{ID: "label-empty", Asks: "an empty label", Choices: []string{"omnimock.applyUserAttribute"}, Probe: attributed(object{"label": ""})},
		{ID: "name-form", Asks: "a name with a dash", Choices: []string{"omnimock.attributeNames"}, Probe: attributed(object{"name": live.NewName()})},
		{ID: "name-reserved", Asks: "a name that begins with omni_", Probe: attributed(object{"name": "omni_conformance"})},
		{ID: "name-taken", Asks: "a name that is taken, in another case", Choices: []string{"omnimock.checkAttributeName"}, Probe: func(p *Probe) string {
			name, _ := p.newAttribute()
			return said(p.post("user-attributes", attribute(object{"name": strings.ToUpper(name)})))
		}},
		{ID: "default-form", Asks: "an array as the default of a single value", Choices: []string{"omnimock.defaultValue"}, Probe: attributed(object{"default_value": []string{"a"}})},
		{ID: "default-not-a-number", Asks: "a text that is no number as the default of a Number", Probe: attributed(object{"type": "Number", "default_value": "seven"})},
		{ID: "rename", Asks: "another name", Probe: func(p *Probe) string {
			_, id := p.newAttribute()
			return said(p.put("user-attributes/"+id, object{"name": live.AttributeName(live.NewName())}))
		}},
		{ID: "type-change", Asks: "another type", Probe: func(p *Probe) string {
			_, id := p.newAttribute()
			return said(p.put("user-attributes/"+id, object{"type": "Number"}))
		}},
		{ID: "patch", Asks: "PATCH instead of PUT", Probe: func(p *Probe) string {
			_, id := p.newAttribute()
			return said(p.patch("user-attributes/"+id, object{"description": "d"}))
		}},
		{ID: "delete-not-found", Asks: "DELETE of an attribute that does not exist", Probe: func(p *Probe) string {
			return said(p.remove("user-attributes/" + nobody()))
		}},
	}
	return of("omni/user-attribute/", live.Omni, points)
}

// Names of SCIM.
const (
	scimUsers   = "/api/scim/v2/Users"
	patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	valuesKey   = "urn:omni:params:1.0:UserAttribute"
)

// theUser returns the path of the user whose attributes may be set.
func (p *Probe) theUser() string {
	if p.user == "" {
		p.stop("it needs -user, the e-mail address of a user whose attributes may be set and cleared")
	}
	answer := p.get(scimUsers + "?filter=" + url.QueryEscape(`userName eq "`+p.user+`"`))
	users, _ := answer.At("Resources").([]any)
	for i := range users { // a server's filter may be lenient
		if strings.EqualFold(answer.Text("Resources", i, "userName"), p.user) {
			return scimUsers + "/" + answer.Text("Resources", i, "id")
		}
	}
	p.stop("the user was not found: %s", said(answer))
	return ""
}

// operated makes an attribute, sends one operation about it for the user, and
// returns the answer and what the user then has.
func operated(operation func(name string) object) func(*Probe) string {
	return func(p *Probe) string {
		user := p.theUser()
		name, _ := p.newAttribute()
		answer := said(p.patch(user, object{"schemas": []string{patchSchema}, "Operations": []object{operation(name)}}))
		return answer + ", then " + is(p.get(user).At(valuesKey, name))
	}
}

func omniUsers() []Point {
	points := []Point{
		{ID: "list", Asks: "the list of users", Reads: true, Choices: []string{"omnimock.organizationOnly"}, Probe: func(p *Probe) string {
			answer := p.get(scimUsers + "?count=1")
			return said(answer) + " " + shape(answer.JSON())
		}},
		{ID: "list-count", Asks: "a count of 0", Reads: true, Choices: []string{"omnimock.listUsers"}, Probe: func(p *Probe) string { return said(p.get(scimUsers + "?count=0")) }},
		{ID: "lower-case", Asks: "the list under users in lower case", Reads: true, Probe: func(p *Probe) string { return said(p.get("/api/scim/v2/users?count=1")) }},
		{ID: "not-found", Asks: "a user that does not exist", Reads: true, Choices: []string{"omnimock.user"}, Probe: func(p *Probe) string { return said(p.get(scimUsers + "/" + nobody())) }},
		{ID: "patch-without-path", Asks: "an operation without a path", Probe: operated(func(name string) object {
			return object{"op": "replace", "value": object{valuesKey: object{name: "v"}}}
		})},
		{ID: "patch-colon", Asks: "an operation whose path has a colon", Probe: operated(func(name string) object {
			return object{"op": "replace", "path": valuesKey + ":" + name, "value": "v"}
		})},
		{ID: "patch-dot", Asks: "an operation whose path has a dot", Probe: operated(func(name string) object {
			return object{"op": "replace", "path": valuesKey + "." + name, "value": "v"}
		})},
		{ID: "patch-other-path", Asks: "an operation on another path", Choices: []string{"omnimock.applyOperation"}, Probe: operated(func(string) object {
			return object{"op": "replace", "path": "noSuchPath", "value": "v"}
		})},
		{ID: "patch-remove-without-path", Asks: "a remove without a path", Choices: []string{"omnimock.applyUserValues"}, Probe: operated(func(name string) object {
			return object{"op": "remove", "value": object{valuesKey: object{name: "v"}}}
		})},
		{ID: "patch-none", Asks: "no operation at all", Choices: []string{"omnimock.patchOperations"}, Probe: func(p *Probe) string {
			return said(p.patch(p.theUser(), object{"schemas": []string{patchSchema}, "Operations": []object{}}))
		}},
		{ID: "patch-several", Asks: "several values for an attribute of one", Choices: []string{"omnimock.setValue"}, Probe: operated(func(name string) object {
			return object{"op": "replace", "value": object{valuesKey: object{name: []string{"v", "w"}}}}
		})},
		{ID: "patch-unknown", Asks: "a value of an attribute that does not exist", Probe: operated(func(string) object {
			return object{"op": "replace", "value": object{valuesKey: object{"no_such_attribute": "v"}}}
		})},
	}
	return of("omni/user/", live.Omni, points)
}
