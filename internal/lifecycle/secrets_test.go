// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
)

// The forms of a secret.
const (
	plain       = "plain"       // x
	versioned   = "versioned"   // x_wo and x_wo_version
	versionless = "versionless" // x_wo
)

// secretForm is a secret of a unit in one of its forms.
type secretForm struct {
	path, form string
	values     [3]string
}

// rotations is the head of a configuration whose secrets are ephemeral: the
// variable picks the value.
const rotations = "variable \"rotation\" {\n  type = string\n  ephemeral = true\n  default = \"0\"\n}\n"

// value is the secret's nth value. A write-only one comes from the ephemeral
// variable where n is negative.
func (f *secretForm) value(n int) any {
	if n >= 0 {
		return f.values[n]
	}
	choices := attributes{}
	for i, v := range f.values {
		choices[fmt.Sprintf("r%d", i)] = v
	}
	return acctest.Expression(fmt.Sprintf("{%s}[\"r${var.rotation}\"]", inline(choices)))
}

func inline(choices attributes) string {
	var parts []string
	for _, name := range choices.Configured() {
		parts = append(parts, fmt.Sprintf("%s = %s", name, acctest.HCL(choices[name])))
	}
	return strings.Join(parts, ", ")
}

// set configures the secret's nth value.
func (f *secretForm) set(body attributes, n int) attributes {
	switch f.form {
	case plain:
		return at(body, f.path, f.value(n))
	case versioned:
		body = body.With(at(body, f.path+"_wo", f.value(n)))
		return body.With(at(body, f.path+"_wo_version", max(n, 0)+1))
	default:
		return at(body, f.path+"_wo", f.value(n))
	}
}

// secretsOf finds the secrets of a resource: what is sensitive and can be
// configured, and has the twin _wo.
func secretsOf(typeName string) []string {
	resources, _ := described()
	writeOnly := map[string]bool{}
	eachAttribute("", resources[typeName].Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
		if a.WriteOnly {
			writeOnly[path] = true
		}
	})
	var secrets []string
	for path := range writeOnly {
		secrets = append(secrets, strings.TrimSuffix(path, "_wo"))
	}
	slices.Sort(secrets)
	return secrets
}

// without takes the body's own secrets away, so that a unit has one.
func (s subject) without() attributes {
	none := attributes{}
	for _, path := range secretsOf(s.typeName) {
		if _, ok := s.body[path]; ok {
			none[path] = nil
		}
	}
	return none
}

// secretUnits are all secrets of all subjects in each of the forms.
func secretUnits(forms ...string) []*unit {
	var all []*unit
	for _, s := range subjects() {
		for _, path := range slices.Sorted(maps.Keys(s.secrets)) {
			for _, form := range forms {
				sample := s.secrets[path]
				with := sample.with
				if _, isBody := s.body[path]; isBody {
					with = attributes{path: nil}.With(with)
				} else if _, ok := with["dialect"]; ok {
					with = s.without().With(with)
				}
				all = append(all, &unit{subject: s, variant: path + " " + form, with: with, secret: &secretForm{path, form, sample.values()}})
			}
		}
	}
	return all
}

// traversal is a path as ignore_changes has it.
func traversal(path string) string {
	return strings.ReplaceAll(path, ".*.", fmt.Sprintf("[%q].", element))
}

// ignoring are the secrets with what ignore_changes can list of them.
func ignoring() []*unit {
	var all []*unit
	for _, u := range secretUnits(plain, versioned, versionless) {
		path := traversal(u.secret.path)
		lists := map[string][]string{
			plain:       {"all", path},
			versioned:   {"all", path + "_wo_version", path + "_wo, " + path + "_wo_version"},
			versionless: {"all", path + "_wo"},
		}[u.secret.form]
		if block, _, nested := strings.Cut(u.secret.path, "."); nested {
			lists = append(lists, block)
		}
		for _, list := range lists {
			ignored := *u
			ignored.ignored = list
			ignored.variant += " " + list
			all = append(all, &ignored)
		}
	}
	return all
}

// lifecycle is the block of that name.
func lifecycle(lines string) string { return "  lifecycle {\n    " + lines + "\n  }\n" }

func (u *unit) ignore() string {
	if u.ignored == "all" {
		return lifecycle("ignore_changes = all")
	}
	return lifecycle("ignore_changes = [" + u.ignored + "]")
}

// ignoreSecret: what ignore_changes covers is neither planned nor sent, also
// where something else changes, until it is covered no longer.
func ignoreSecret(w *world) {
	w.write(func(u *unit) string { return u.block(u.ignore(), u.secret.set(u.configured(), 0)) })
	w.run("apply")
	w.settle()
	w.write(func(u *unit) string { return u.block(u.ignore(), u.secret.set(u.configured(), 1)) })
	w.settle()
	w.forget()
	changed := func(u *unit) attributes { return u.harmless() }
	w.write(func(u *unit) string {
		return u.block(u.ignore(), changed(u), u.secret.set(u.configured().With(changed(u)), 1))
	})
	w.run("apply")
	w.settle()
	for _, u := range w.units {
		if w.sent(u, u.named(u.secret.values[1])) {
			w.fail("%s: the secret that ignore_changes covers was sent", u.address())
		}
	}
	w.write(func(u *unit) string {
		return u.block("", changed(u), u.secret.set(u.configured().With(changed(u)), 2))
	})
	w.run("apply")
	for _, u := range w.units {
		if !w.sent(u, u.named(u.secret.values[2])) {
			w.fail("%s: the secret was not sent although ignore_changes covers it no longer", u.address())
		}
	}
	w.settle()
	w.destroy()
}

// configured is the unit's whole body.
func (u *unit) configured() attributes { return u.body.With(u.with) }

// harmless is a change of one attribute that is no secret's, and not beside one.
func (u *unit) harmless() attributes {
	for _, name := range u.change.Configured() {
		if _, taken := u.with[name]; !taken && !strings.HasPrefix(u.secret.path, name+".") {
			return attributes{name: u.change[name]}
		}
	}
	return nil
}

// rotateSecret: each new value is sent once, and one that is taken away stays on
// the server.
func rotateSecret(w *world) {
	for n := range 3 {
		w.forget()
		w.write(func(u *unit) string { return u.block("", u.secret.set(u.configured(), n)) })
		w.run("apply")
		for _, u := range w.units {
			if !w.sent(u, u.named(u.secret.values[n])) {
				w.fail("%s: the value %d was not sent", u.address(), n)
			}
		}
		w.settle()
	}
	w.destroy()
}

// savedSecret: the secret differs between a plan that was saved and its apply.
func savedSecret(w *world) {
	configure := func(changes func(u *unit) attributes) {
		w.write(func(u *unit) string {
			changed := changes(u)
			return u.block("", changed, u.secret.set(u.configured().With(changed), -1))
		})
		w.file("rotation.tf", rotations)
	}
	configure(func(*unit) attributes { return nil })
	w.Setenv("TF_VAR_rotation", "0")
	w.run("plan", "-out=create.tfplan")
	w.Setenv("TF_VAR_rotation", "1")
	w.run("apply", "create.tfplan")
	w.settle()
	configure((*unit).harmless)
	w.forget()
	w.run("plan", "-out=update.tfplan")
	w.Setenv("TF_VAR_rotation", "2")
	w.run("apply", "update.tfplan")
	w.run("apply") // this or the next plan sends it
	for _, u := range w.units {
		if sent := w.sent(u, u.named(u.secret.values[2])); sent == (u.secret.form == versioned) {
			w.fail("%s: was the other value sent? %t", u.address(), sent)
		}
	}
	w.settle()
	w.destroy()
}
