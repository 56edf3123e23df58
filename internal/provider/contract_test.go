// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// The contract that every registered entity keeps, and that no author has to
// remember: these tests ask the provider itself what there is.

const repository = "../.."

// permissions is the guide that says what each entity needs.
const permissions = "templates/guides/permissions.md.tmpl"

// eachAttribute walks a schema, nested attributes included.
func eachAttribute(prefix string, attributes []*tfprotov6.SchemaAttribute, visit func(name string, a *tfprotov6.SchemaAttribute, siblings []*tfprotov6.SchemaAttribute)) {
	for _, a := range attributes {
		visit(prefix+a.Name, a, attributes)
		if a.NestedType != nil {
			eachAttribute(prefix+a.Name+".", a.NestedType.Attributes, visit)
		}
	}
}

// entities are all schemas, by kind and type.
func entities(p *protocol.Provider) map[string]*tfprotov6.SchemaBlock {
	all := map[string]*tfprotov6.SchemaBlock{"provider": p.Schemas().Provider.Block}
	for name, s := range p.Schemas().ResourceSchemas {
		all["resource "+name] = s.Block
	}
	for name, s := range p.Schemas().DataSourceSchemas {
		all["data source "+name] = s.Block
	}
	for name, s := range p.Schemas().EphemeralResourceSchemas {
		all["ephemeral resource "+name] = s.Block
	}
	for name, s := range p.Schemas().ListResourceSchemas {
		all["list resource "+name] = s.Block
	}
	for name, s := range p.Schemas().ActionSchemas {
		all["action "+name] = s.Schema.Block
	}
	return all
}

var (
	snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	typeNames = regexp.MustCompile(`^dataconn_(omni|reporter)_[a-z]+(_[a-z]+)*$`)
)

// describes reports what is wrong with a description.
func describes(text string) string {
	switch {
	case len(strings.Fields(text)) < 2 || len(text) < 12:
		return "says too little"
	case !strings.HasSuffix(text, "."):
		return "does not end with a full stop"
	case strings.Contains(text, "TODO") || strings.Contains(text, "FIXME"):
		return "is not finished"
	case strings.TrimSpace(text) != text || strings.Contains(text, "  "):
		return "has blanks too many"
	default:
		return ""
	}
}

func TestContractOfEverySchema(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	for name, block := range entities(p) {
		if problem := describes(block.Description); problem != "" {
			t.Errorf("%s: the description %s: %q", name, problem, block.Description)
		}
		if _, typeName, _ := strings.Cut(name, "dataconn_"); name != "provider" && !typeNames.MatchString("dataconn_"+typeName) {
			t.Errorf("%s: the type's name is not dataconn_<system>_<entity>", name)
		}
		if len(block.BlockTypes) > 0 {
			t.Errorf("%s has blocks, where nested attributes would do", name)
		}
		eachAttribute("", block.Attributes, func(attribute string, a *tfprotov6.SchemaAttribute, _ []*tfprotov6.SchemaAttribute) {
			at := name + ": " + attribute
			if problem := describes(a.Description); problem != "" {
				t.Errorf("%s: the description %s: %q", at, problem, a.Description)
			}
			if a.DescriptionKind != tfprotov6.StringKindMarkdown {
				t.Errorf("%s: the description is plain text: editors show its marks", at)
			}
			if !snakeCase.MatchString(a.Name) {
				t.Errorf("%s is not in snake case", at)
			}
			if !a.Required && !a.Optional && !a.Computed {
				t.Errorf("%s can be neither set nor read", at)
			}
			if a.WriteOnly && (!a.Sensitive || !strings.HasSuffix(a.Name, "_wo")) {
				t.Errorf("%s is write-only, but not sensitive or not named so", at)
			}
		})
	}
}

func TestContractOfEveryResource(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	for typeName, schema := range p.Schemas().ResourceSchemas {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			byName := map[string]*tfprotov6.SchemaAttribute{}
			eachAttribute("", schema.Block.Attributes, func(name string, a *tfprotov6.SchemaAttribute, siblings []*tfprotov6.SchemaAttribute) {
				byName[name] = a
				if !a.Sensitive || a.WriteOnly || !a.Optional && !a.Required {
					return
				}
				find := func(name string) *tfprotov6.SchemaAttribute {
					for _, sibling := range siblings {
						if sibling.Name == name {
							return sibling
						}
					}
					return &tfprotov6.SchemaAttribute{}
				}
				if twin := find(a.Name + "_wo"); !twin.WriteOnly || !twin.Optional {
					t.Errorf("%s is sensitive and has no twin %s_wo that is write-only", name, a.Name)
				}
				if version := find(a.Name + "_wo_version"); !version.Optional || version.Type == nil || !version.Type.Is(tftypes.Number) {
					t.Errorf("%s is sensitive and has no %s_wo_version", name, a.Name)
				}
			})

			timeouts := byName["timeouts"]
			if timeouts == nil || !timeouts.Optional {
				t.Error("there are no timeouts")
			}
			for _, operation := range []string{"create", "read", "update", "delete"} {
				if byName["timeouts."+operation] == nil {
					t.Errorf("there is no timeout for %s", operation)
				}
			}

			identity := p.IdentitySchemas()[typeName]
			if identity == nil {
				t.Fatal("there is no identity")
			}
			required := 0
			for _, a := range identity.IdentityAttributes {
				if problem := describes(a.Description); problem != "" {
					t.Errorf("identity: the description of %s %s: %q", a.Name, problem, a.Description)
				}
				if byName[a.Name] == nil {
					t.Errorf("identity: %s is no attribute of the resource", a.Name)
				}
				if a.RequiredForImport {
					required++
				}
			}
			if required == 0 {
				t.Error("identity: nothing is required for an import")
			}

			requireFile(t, "examples/resources/"+typeName+"/resource.tf", `resource "`+typeName+`"`)
			requireFile(t, "examples/resources/"+typeName+"/import.sh", "terraform import "+typeName+".")
			requireFile(t, permissions, "`"+typeName+"`")
			requireIdentityInGuide(t, typeName, identity)
		})
	}
}

func TestContractOfEveryDataSource(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	for typeName := range p.Schemas().DataSourceSchemas {
		requireFile(t, "examples/data-sources/"+typeName+"/data-source.tf", `data "`+typeName+`"`)
		requireFile(t, permissions, "`"+typeName+"`")
	}
}

func TestContractOfEveryAction(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	for typeName, schema := range p.Schemas().ActionSchemas {
		requireFile(t, "examples/actions/"+typeName+"/action.tf", `action "`+typeName+`"`)
		requireFile(t, permissions, "`"+typeName+"`")
		eachAttribute("", schema.Schema.Block.Attributes, func(name string, a *tfprotov6.SchemaAttribute, _ []*tfprotov6.SchemaAttribute) {
			if a.Computed || a.Sensitive {
				t.Errorf("%s: %s is computed or sensitive, which no argument of an action is", typeName, name)
			}
		})
		if !slices.ContainsFunc(schema.Schema.Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == "timeouts" && a.Optional }) {
			t.Errorf("%s has no timeouts", typeName)
		}
	}
}

func requireFile(t *testing.T, name, content string) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(repository, name))
	if err != nil {
		t.Errorf("there is no %s", name)
	} else if !strings.Contains(string(got), content) {
		t.Errorf("%s does not contain %s", name, content)
	}
}

// planned is how to plan changes of a resource without applying anything.
type planned struct {
	start  func(t *testing.T) (provider object)
	config object // valid for every attribute that is added to it
	state  object // what else is in the state
	// values are two valid values of the attributes that do not take just any.
	values map[string][2]any
	// together are attributes that are set with another one.
	together map[string]string
	// instead are attributes that replace another one.
	instead map[string]string
}

const (
	id1 = "550e8400-e29b-41d4-a716-446655440001"
	id2 = "550e8400-e29b-41d4-a716-446655440002"
	id3 = "550e8400-e29b-41d4-a716-446655440003"
)

func plannedResources(t *testing.T) map[string]planned {
	t.Helper()
	omni := func(t *testing.T) object {
		return protocol.OmniConfig(omnimock.Start(t, omnimock.Options{}))
	}
	urls := [2]any{"https://one.example.com", "https://two.example.com"}
	return map[string]planned{
		"dataconn_omni_connection": {
			start:  omni,
			config: object{"name": "n", "dialect": "of-the-future", "deletion_protection": false}, // a known one does not use every attribute
			state:  object{"id": id1},
			values: map[string][2]any{
				"private_key": {randomKey(t), randomKey(t)}, "private_key_wo": {randomKey(t), randomKey(t)}, "max_billing_bytes": {1, 2},
				"external_oauth_authorization_url": urls, "external_oauth_token_url": urls,
				"query_timezone": {"UTC", "Europe/Berlin"}, "system_timezone": {"UTC", "Europe/Berlin"},
			},
		},
		"dataconn_omni_connection_environment": {
			// At the time of the plan the connections cannot be read, so nothing is
			// said about them.
			start: func(t *testing.T) object {
				s := omnimock.Start(t, omnimock.Options{})
				s.Forbid("", "")
				return protocol.OmniConfig(s)
			},
			config: object{"base_connection_id": id1, "connection_id": id2},
			state:  object{"id": id1},
			values: map[string][2]any{"base_connection_id": {id1, id3}, "connection_id": {id2, id3}},
		},
		"dataconn_omni_connection_dbt": {
			start: omni,
			config: object{
				"connection_id": id1, "ssh_url": "git@example.com:o/r.git", "branch": "b", "autogen_relationships": true, "enable_virtual_schemas": true,
			},
			values: map[string][2]any{
				"connection_id": {id1, id2}, "ssh_url": {"git@example.com:o/r.git", "ssh://git@example.com/o/r2"},
				"auth_method": {"ssh", "of-the-future"}, "github_app_installation_id": {"1", "2"},
				"commit_signing_committer_email": {"a@example.com", "b@example.com"},
			},
			together: map[string]string{
				"commit_signing_committer_email": "commit_signing_committer_name", "commit_signing_committer_name": "commit_signing_committer_email",
			},
		},
		"dataconn_omni_dbt_environment": {
			start:  omni,
			config: object{"connection_id": id1, "name": "n", "target_schema": "s"},
			state:  object{"id": id2},
			values: map[string][2]any{
				"connection_id": {id1, id3},
				"variables":     {object{"A": object{"value": "a"}}, object{"A": object{"value": "b"}}},
			},
		},
		"dataconn_omni_connection_schedule": {
			start:  omni,
			config: object{"connection_id": id1, "schedule": "0 2 * * ? *", "timezone": "UTC"},
			state:  object{"id": id1},
			values: map[string][2]any{
				"connection_id": {id1, id2}, "schedule": {"0 2 * * ? *", "0 3 * * ? *"}, "timezone": {"UTC", "Europe/Berlin"},
			},
		},
		"dataconn_omni_schema_model": {
			start:  omni,
			config: object{"connection_id": id1},
			state:  object{"id": id1},
			values: map[string][2]any{"connection_id": {id1, id2}},
		},
		"dataconn_omni_user_attribute_value": {
			start: func(t *testing.T) object {
				s := omnimock.Start(t, omnimock.Options{})
				s.AddUser(omnimock.User{ID: id1, UserName: "a@example.com"})
				s.AddUser(omnimock.User{ID: id2, UserName: "b@example.com"})
				s.Forbid("", "/api/v1/user-attributes") // so nobody knows how many values there are
				return protocol.OmniConfig(s)
			},
			config: object{"user_email": "a@example.com", "attribute_name": "env", "value": "x"},
			state:  object{"user_id": id1},
			values: map[string][2]any{
				"user_id": {id1, id2}, "user_email": {"a@example.com", "b@example.com"}, "attribute_name": {"env", "region"},
				"value": {"x", "y"}, "values": {[]string{"x"}, []string{"y"}},
			},
			instead: map[string]string{"user_id": "user_email", "user_email": "user_id", "values": "value", "value": "values"},
		},
		"dataconn_omni_environment_user_attribute": {
			start:  omni,
			config: object{"connection_id": id1, "attribute_name": "env"},
			values: map[string][2]any{"connection_id": {id1, id2}},
		},
		"dataconn_omni_user_attribute": {
			start:  omni,
			config: object{"name": "tenant"},
			state:  object{"id": id1},
			// The way back from several values is what replaces.
			values: map[string][2]any{"name": {"tenant", "customer"}, "type": {"String", "Number"}, "multiple_values": {true, false}},
		},
		"dataconn_reporter_connection": {
			start: func(t *testing.T) object {
				return protocol.ReporterConfig(reportermock.Start(t, reportermock.Options{}))
			},
			config: object{"config_name": "name", "type": "POSTGRESQL", "host": "h", "port": 5432, "database_name": "d", "user_name": "u", "product_name": "sales", "password": "p"},
			state:  object{"id": id1},
			values: map[string][2]any{
				"type": {"POSTGRESQL", "MYSQL"},
				"ssl":  {object{"mode": "require", "ca": "one"}, object{"mode": "verify-ca", "ca": "one"}},
			},
		},
	}
}

// Where a change replaces the object, the description says so, and nowhere else.
func TestDescriptionsTellWhatReplaces(t *testing.T) {
	t.Parallel()
	table := plannedResources(t)
	for typeName, schema := range protocol.New(t, protocol.Options()).Schemas().ResourceSchemas {
		c, ok := table[typeName]
		if !ok {
			t.Errorf("%s is not in the table", typeName)
			continue
		}
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			p := protocol.New(t, protocol.Options())
			p.Configure(c.start(t)).RequireOK(t)
			for _, a := range schema.Block.Attributes {
				if !a.Required && !a.Optional || a.Name == "timeouts" {
					continue
				}
				changed, removed := replacements(t, p, typeName, c, a)
				says := strings.Contains(a.Description, "replaces")
				switch {
				case (changed || removed) != says:
					t.Errorf("%s: a change replaces: %t, its removal: %t; the description says %q", a.Name, changed, removed, a.Description)
				case !changed && removed && !strings.Contains(a.Description, "emoving it replaces"):
					t.Errorf("%s: only its removal replaces; the description says %q", a.Name, a.Description)
				}
			}
		})
	}
}

// replacements plans a change of an attribute, and its removal.
func replacements(t *testing.T, p *protocol.Provider, typeName string, c planned, a *tfprotov6.SchemaAttribute) (changed, removed bool) {
	t.Helper()
	values, ok := c.values[a.Name]
	if !ok {
		values = twoValues(a.Type)
	}
	before := protocol.With(c.config, object{a.Name: values[0]})
	partner := c.together[a.Name]
	if partner != "" {
		before[partner] = "some"
		if known, ok := c.values[partner]; ok {
			before[partner] = known[0]
		}
	}
	other := c.instead[a.Name]
	delete(before, other)
	if plain, suffix, isForm := strings.Cut(a.Name, "_wo"); isForm { // one form excludes the other
		delete(before, plain)
		if suffix != "" {
			before[plain+"_wo"] = "some"
			if known, ok := c.values[plain+"_wo"]; ok {
				before[plain+"_wo"] = known[0]
			}
		}
	}
	plan := func(config object) bool {
		t.Helper()
		r := p.Resource(typeName)
		state := maps.Clone(before)
		maps.Copy(state, c.state)
		for name := range state {
			if strings.HasSuffix(name, "_wo") {
				delete(state, name)
			}
		}
		r.Edit(state)
		plan := r.Plan(config)
		plan.RequireOK(t)
		return slices.Contains(plan.RequiresReplace(), a.Name)
	}
	changed = plan(protocol.With(before, object{a.Name: values[1]}))
	if !a.Required && !strings.HasSuffix(a.Name, "_wo") {
		without := maps.Clone(before)
		without[a.Name] = nil
		if partner != "" {
			without[partner] = nil
		}
		if other != "" {
			without[other] = c.values[other][0]
		}
		removed = plan(without)
	}
	return changed, removed
}

// twoValues are two values of a type that mean nothing special.
func twoValues(typ tftypes.Type) [2]any {
	switch {
	case typ == nil:
		return [2]any{}
	case typ.Is(tftypes.String):
		return [2]any{"value-1", "value-2"}
	case typ.Is(tftypes.Number):
		return [2]any{1001, 1002}
	case typ.Is(tftypes.Bool):
		return [2]any{false, true}
	}
	switch typ.(type) {
	case tftypes.Set, tftypes.List:
		return [2]any{[]string{"value-1"}, []string{"value-2"}}
	case tftypes.Map:
		return [2]any{object{"k": "value-1"}, object{"k": "value-2"}}
	}
	panic(fmt.Sprintf("no values of %s", typ))
}

// Every resource can be imported, by id and by identity, and refuses nonsense
// with words.
func TestEveryResourceImports(t *testing.T) {
	t.Parallel()
	table := plannedResources(t)
	for typeName := range protocol.New(t, protocol.Options()).Schemas().ResourceSchemas {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			p := protocol.New(t, protocol.Options())
			p.Configure(table[typeName].start(t)).RequireOK(t)
			for _, nonsense := range []string{"", " ", "no id", "../../admin", id1 + "/", "%2e%2e", strings.Repeat("a", 5000)} {
				requireRefusedImport(t, p.Resource(typeName).Import(nonsense))
			}
			identity := object{}
			for _, a := range p.IdentitySchemas()[typeName].IdentityAttributes {
				identity[a.Name] = "no id"
			}
			requireRefusedImport(t, p.Resource(typeName).ImportIdentity(identity))
		})
	}
}

func requireRefusedImport(t *testing.T, diags protocol.Diagnostics) {
	t.Helper()
	diags.RequireError(t, "at ", "import", "id")
	if len(diags) != 1 || strings.Contains(diags.String(), "provider developer") {
		t.Errorf("%s", diags)
	}
}
