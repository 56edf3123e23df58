// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
)

// sampleOf returns two values of an attribute that can be configured: the row's
// own, those of a secret, or what body and change have.
func (s subject) sampleOf(path string) (sample, bool) {
	if given, ok := s.samples[path]; ok {
		return given, true
	}
	if strings.HasPrefix(path, "timeouts") {
		return sample{value: "10m", other: "11m"}, path != "timeouts"
	}
	bare := strings.TrimSuffix(strings.TrimSuffix(path, "_version"), "_wo")
	if secret, ok := s.secrets[bare]; ok {
		values := secret.values()
		given := sample{value: values[0], other: values[1], with: s.other(bare).With(secret.with)}
		if strings.HasSuffix(path, "_version") {
			given = sample{value: 1, other: 2, with: given.with}
			given.with = given.with.With(at(s.body.With(given.with), bare+"_wo", values[0]))
		}
		return given, true
	}
	other, ok := s.change[path]
	if !ok {
		other, ok = s.elsewhere[path]
	}
	return sample{value: s.body[path], other: other}, ok && s.body[path] != nil
}

// other takes the secret away that the body has.
func (s subject) other(secret string) attributes {
	if _, ok := s.body[secret]; ok {
		return attributes{secret: nil}
	}
	return nil
}

// valueUnit is a unit about one attribute.
type valueUnit struct {
	path string
	sample
	attribute *tfprotov6.SchemaAttribute
}

// samples are all attributes of all subjects that can be configured, each in a
// unit of its own.
func samples() []*unit {
	resources, _ := described()
	var all []*unit
	for _, s := range subjects() {
		eachAttribute("", resources[s.typeName].Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
			if given, ok := s.sampleOf(path); ok {
				all = append(all, &unit{subject: s, variant: path, with: given.with, value: &valueUnit{path, given, a}})
			}
		})
	}
	return all
}

// representative leaves out the units about attributes of a resource that differ
// from another's in nothing but the name.
func representative(units []*unit) []*unit {
	seen := map[string]bool{}
	return slices.DeleteFunc(units, func(u *unit) bool {
		if u.value == nil {
			return false
		}
		a, block := u.value.attribute, u.value.path[:strings.LastIndex(u.value.path, ".")+1]
		_, replaces := u.elsewhere[u.value.path]
		shape := fmt.Sprint(u.typeName, block, a.Type, a.NestedType != nil, a.Required, a.Computed, a.WriteOnly, a.Sensitive, u.with)
		isSeen := seen[shape]
		seen[shape] = true
		return isSeen && !replaces
	})
}

// set configures the unit's attribute.
func (u *unit) set(value any) attributes { return at(u.configured(), u.value.path, value) }

// source is what an attribute comes from that is known at apply only: its output
// is unknown whenever the input or the trigger changes.
func source(input any, trigger int) string {
	return fmt.Sprintf("resource \"terraform_data\" \"LABEL_source\" {\n  input = { value = %s }\n  triggers_replace = %d\n}\n", acctest.HCL(input), trigger)
}

const sourced = acctest.Expression("terraform_data.LABEL_source.output.value")

// unknown: the attribute is unknown when the resource is made, when it changes,
// and when it turns out to be the same.
func unknown(w *world) {
	from := func(value func(u *unit) any, trigger int) {
		w.write(func(u *unit) string { return source(value(u), trigger) + u.block("", u.set(sourced)) })
		w.run("apply")
		w.settle()
	}
	from(func(u *unit) any { return u.value.value }, 1)
	from(func(u *unit) any { return u.value.other }, 1)
	from(func(u *unit) any { return u.value.other }, 2)
	w.destroy()
}

// importThenChange: what an import could not read is taken over from the
// configuration, and its next change is sent.
func importThenChange(w *world) {
	configure := func(value func(u *unit) any) {
		w.write(func(u *unit) string { return u.block("", u.set(value(u))) })
	}
	first, second := func(u *unit) any { return u.value.value }, func(u *unit) any { return u.value.other }
	configure(first)
	w.run("apply")
	w.settle()
	ids := w.ids()
	w.run(append([]string{"state", "rm"}, w.each("")...)...)
	w.file("imports.tf", w.imports(ids))
	w.run("apply")
	w.says("0 added")
	w.says("0 destroyed")
	w.settle()
	w.forget()
	configure(second)
	w.run("apply")
	for _, u := range w.units {
		if text, ok := u.value.other.(string); ok && !strings.HasPrefix(u.value.path, "timeouts") && u.value.value != text && !u.value.inPath && !w.sent(u, u.named(text)) {
			w.fail("%s: the change of %s was not sent", u.address(), u.value.path)
		}
	}
	w.settle()
	w.destroy()
}

// collections are the units about sets, lists and maps.
func collections() []*unit {
	return slices.DeleteFunc(samples(), func(u *unit) bool { return u.value.nullElement() == nil })
}

// nullElement is the value with a null element; nil where there is none.
func (v *valueUnit) nullElement() any {
	switch value := v.value.(type) {
	case []string:
		quoted, _ := json.Marshal(value)
		return acctest.Expression(strings.TrimSuffix(string(quoted), "]") + ", null]")
	case attributes:
		isMap := v.attribute.NestedType != nil && v.attribute.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeMap ||
			v.attribute.Type != nil && v.attribute.Type.Is(tftypes.Map{})
		if isMap {
			return value.With(attributes{"NULL": acctest.Expression("null")})
		}
	}
	return nil
}

// nullElement: refused for each, before anything is done.
func nullElement(w *world) {
	w.write(func(u *unit) string { return u.block("", u.set(u.value.nullElement())) })
	if w.do("validate") == 0 {
		w.fail("a null element is valid")
	}
	for _, u := range w.units {
		if !strings.Contains(w.last, fmt.Sprintf("in resource %q %q", u.typeName, u.label)) {
			w.fail("%s: a null element in %s is valid", u.address(), u.value.path)
		}
	}
}

// nullElementLater: an element that turns out to be null is refused, and what it
// was before stays.
func nullElementLater(w *world) {
	w.write(func(u *unit) string { return u.block("", u.set(u.value.value)) })
	w.run("apply")
	w.settle()
	w.write(func(u *unit) string {
		value := strings.ReplaceAll(acctest.HCL(u.value.nullElement()), "null", "terraform_data.LABEL_source.output.value.none")
		return source(attributes{"none": acctest.Expression("null")}, 1) + u.block("", u.set(acctest.Expression(value)))
	})
	if w.do("apply") == 0 {
		w.fail("a null element was applied")
	}
	w.says("null")
	w.write(func(u *unit) string { return u.block("", u.set(u.value.value)) })
	w.run("apply")
	w.settle()
	w.destroy()
}

// references are the attributes of the body that hold ids of other objects.
func (u *unit) references() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(u.body)), func(name string) bool {
		expression, ok := u.body[name].(acctest.Expression)
		return !ok || !strings.HasSuffix(string(expression), "id")
	})
}

// referring are the units that refer to others.
func referring() []*unit {
	return slices.DeleteFunc(units(), func(u *unit) bool { return len(u.references()) == 0 })
}

// otherCase: an id in upper case is the same id, in a new resource, in one that
// is there, and after an import.
func otherCase(w *world) {
	upper := func(u *unit) attributes {
		changed := attributes{}
		for _, name := range u.references() {
			changed[name] = acctest.Expression(fmt.Sprintf("upper(%s)", u.body[name]))
		}
		return changed
	}
	w.write(func(u *unit) string { return u.block("", upper(u)) })
	w.run("apply")
	w.write(func(u *unit) string { return u.block("", upper(u)) })
	w.settle()
	ids := w.ids()
	w.write(func(u *unit) string { return u.block("") })
	w.settle()
	w.run(append([]string{"state", "rm"}, w.each("")...)...)
	for _, u := range w.units {
		ids[u] = strings.ToUpper(ids[u])
	}
	w.write(func(u *unit) string { return u.block("", upper(u)) })
	w.file("imports.tf", w.imports(ids))
	w.run("apply")
	w.says("0 added, 0 changed, 0 destroyed.")
	w.settle()
	w.destroy()
}
