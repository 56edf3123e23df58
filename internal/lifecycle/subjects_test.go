// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// attributes are those of a block of HCL. In texts and expressions LABEL stands
// for the unit's label, so that units stand beside each other, and MEMBER_ONE and
// MEMBER_TWO for the ids of users.
type attributes = acctest.Attributes

// subject is a resource type, with a configuration to try it on. A new type is a
// row of subjects.
type subject struct {
	typeName string
	name     string // of the row, where a type has several
	before   string // HCL of what it refers to
	body     attributes
	change   attributes // of the body, in place
	// elsewhere is a change that replaces; nil where there is none.
	elsewhere attributes
	// samples are values for the attributes that body and change have not, by
	// path: a dot leads into a block, and * into an element of a map of blocks.
	samples map[string]sample
	// secrets are values for the secrets, by the path of the plain form.
	secrets map[string]secretSample
	// unique says that the server takes one only: a second address for the same
	// object is no second object.
	unique bool
	// stays says that the server keeps the object when it is destroyed.
	stays bool
	// onServer lists what the servers have, by what it is imported by.
	onServer func(w *world) []string
}

// sample are two values of an attribute, and what is configured beside them.
type sample struct {
	value, other any
	with         attributes
	// inPath: requests have the value in no body; another object of the server is
	// asked then, which the settled state shows.
	inPath bool
}

// secretSample are three values of a secret, and what is configured beside them
// in place of the body's other secrets.
type secretSample struct {
	values func() [3]string
	with   attributes
}

// texts are secrets that any text will do for.
func texts() [3]string {
	return [3]string{"secret-LABEL-first", "secret-LABEL-second", "secret-LABEL-third"}
}

// unit is a subject in a world.
type unit struct {
	subject
	label   string
	names   *strings.Replacer // of LABEL and of what else the world has
	variant string            // what the cell is about: an attribute, a form of a secret
	with    attributes
	ignored string // what ignore_changes lists
	secret  *secretForm
	value   *valueUnit
}

// named puts the label in its place, and whom the server has.
func (u *unit) named(text string) string { return u.names.Replace(text) }

// cell is the unit's name in the tables.
func (u *unit) cell(way string) string {
	name := way + "; " + strings.TrimPrefix(u.typeName, "dataconn_")
	for _, part := range []string{u.name, u.variant} {
		if part != "" {
			name += "; " + part
		}
	}
	return name
}

// address is that of its resource.
func (u *unit) address() string { return u.typeName + "." + u.label }

// block is the resource with these changes of its body, and with nested blocks.
func (u *unit) block(nested string, changes ...attributes) string {
	return u.blockAs("LABEL", nested, changes...)
}

// blockAs is block under another name.
func (u *unit) blockAs(name, nested string, changes ...attributes) string {
	body := u.body.With(u.with).With(changes...)
	return strings.TrimSuffix(acctest.Resource(u.typeName, name, body), "}\n") + nested + "}\n"
}

// units are all subjects, each once.
func units() []*unit {
	var all []*unit
	for _, s := range subjects() {
		all = append(all, &unit{subject: s})
	}
	return all
}

// described is what the provider says of itself.
var described = sync.OnceValues(func() (resources map[string]*tfprotov6.Schema, identities map[string]*tfprotov6.ResourceIdentitySchema) {
	server := providerserver.NewProtocol6(provider.New(provider.Options{})())()
	all, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		panic(err)
	}
	identity, err := server.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		panic(err)
	}
	return all.ResourceSchemas, identity.IdentitySchemas
})

// identityOf names the attributes that an import needs, in the order of its text.
func identityOf(typeName string) []string {
	var names []string
	_, identities := described()
	if schema := identities[typeName]; schema != nil {
		for _, a := range schema.IdentityAttributes {
			if a.RequiredForImport {
				names = append(names, a.Name)
			}
		}
	}
	isName := func(name string) bool { return !strings.HasSuffix(name, "id") }
	slices.SortStableFunc(names, func(a, b string) int { // ids come before names
		switch {
		case isName(a) == isName(b):
			return 0
		case isName(b):
			return -1
		}
		return 1
	})
	return names
}

// eachAttribute walks the attributes that can be configured, by path.
func eachAttribute(prefix string, all []*tfprotov6.SchemaAttribute, visit func(path string, a *tfprotov6.SchemaAttribute)) {
	for _, a := range all {
		if !a.Optional && !a.Required {
			continue
		}
		visit(prefix+a.Name, a)
		switch {
		case a.NestedType == nil:
		case a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle:
			eachAttribute(prefix+a.Name+".", a.NestedType.Attributes, visit)
		default:
			eachAttribute(prefix+a.Name+".*.", a.NestedType.Attributes, visit)
		}
	}
}

// at is a change that sets the attribute of a path, in whatever is there already.
func at(body attributes, path string, value any) attributes {
	name, rest, nested := strings.Cut(path, ".")
	if !nested {
		return attributes{name: value}
	}
	block, _ := body[name].(attributes)
	if name == "*" {
		name = element
		block, _ = body[name].(attributes)
	}
	return attributes{name: block.With(at(block, rest, value))}
}

// element is the key of the element that is tried in a map of blocks.
const element = "V"

// A new resource is a row of subjects, and a new attribute has values in it.
func TestSubjectsAreWhole(t *testing.T) {
	t.Parallel()
	resources, _ := described()
	for typeName, schema := range resources {
		i := slices.IndexFunc(subjects(), func(s subject) bool { return s.typeName == typeName })
		if i < 0 {
			t.Errorf("the resource %s is no row of subjects", typeName)
			continue
		}
		s := subjects()[i]
		eachAttribute("", schema.Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
			if _, ok := s.sampleOf(path); !ok && path != "timeouts" {
				t.Errorf("%s: there are no two values of %s among the samples", typeName, path)
			}
		})
		for _, path := range secretsOf(typeName) {
			if s.secrets[path].values == nil {
				t.Errorf("%s: there are no values of the secret %s", typeName, path)
			}
		}
	}
}

// What is declared of a cell is declared of one that exists.
func TestDeclaredCellsExist(t *testing.T) {
	t.Parallel()
	cells := map[string]bool{}
	for _, way := range ways() {
		for _, u := range way.units() {
			cells[u.cell(way.name)] = true
		}
	}
	for name := range scenarios {
		cells[name] = true
	}
	for _, table := range []map[string]string{knownFailures, refusals} {
		for cell := range table {
			if !cells[cell] {
				t.Errorf("there is no cell %q", cell)
			}
		}
	}
}
