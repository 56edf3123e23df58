// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// foreign is a provider of resources whose attributes are all text, by type. A
// CLI wants the schema of every provider in the state, also of one that is about
// to leave it; nothing else of it is used.
type foreign struct {
	name  string
	types map[string][]string
}

func (f foreign) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = f.name
}

func (foreign) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (foreign) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (foreign) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (f foreign) Resources(context.Context) []func() resource.Resource {
	var all []func() resource.Resource
	for typeName, attributes := range f.types {
		all = append(all, func() resource.Resource { return foreignResource{typeName, attributes} })
	}
	return all
}

// foreignResource has no methods but those that tell its schema: any other call
// is a mistake, and panics.
type foreignResource struct {
	typeName   string
	attributes []string
}

func (r foreignResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.typeName
}

func (r foreignResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{}
	for _, name := range r.attributes {
		resp.Schema.Attributes[name] = schema.StringAttribute{Optional: true, Computed: true}
	}
}

func (foreignResource) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {
	panic("the other provider is to create")
}

func (foreignResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {
	panic("the other provider is to read")
}

func (foreignResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {
	panic("the other provider is to update")
}

func (foreignResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
	panic("the other provider is to delete")
}

// entry is one resource of another provider in a state file.
type entry struct {
	typeName, name string
	attributes     object
}

// writeState makes the state file that the other provider left.
func writeState(t *testing.T, session *acctest.Session, source string, entries ...entry) {
	t.Helper()
	address := acctest.Address(source)
	f := foreign{name: source[strings.LastIndex(source, "/")+1:], types: map[string][]string{}}
	var resources []object
	for _, e := range entries {
		f.types[e.typeName] = slices.Collect(maps.Keys(e.attributes))
		resources = append(resources, object{
			"mode": "managed", "type": e.typeName, "name": e.name, "provider": `provider["` + address + `"]`,
			"instances": []object{{"schema_version": 0, "attributes": e.attributes, "sensitive_attributes": []any{}, "private": olderPrivate}},
		})
	}
	session.Serve(address, providerserver.NewProtocol6(f)())
	state, err := json.Marshal(object{"version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": "a", "outputs": object{}, "resources": resources})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(session.Dir, "terraform.tfstate"), state, 0o600); err != nil {
		t.Fatal(err)
	}
}

// olderPrivate is a private state as the older SDK writes it: {"schema_version":"1"}.
const olderPrivate = "eyJzY2hlbWFfdmVyc2lvbiI6IjEifQ=="

// moves applies a configuration with moved blocks. Its plan changes what changes
// says and makes, replaces and destroys nothing; no secret of the former state
// is left, and the next plan is empty.
func moves(t *testing.T, session *acctest.Session, changes int, secrets ...string) {
	t.Helper()
	plan := session.Run("plan")
	summary := fmt.Sprintf("Plan: 0 to add, %d to change, 0 to destroy.", changes)
	if !strings.Contains(plan, summary) || !strings.Contains(plan, "has moved to") && !strings.Contains(plan, "moved from") {
		t.Errorf("the plan is not %s\n%s", summary, plan)
	}
	output := session.Run("apply", "-auto-approve")
	for _, secret := range secrets {
		if strings.Contains(session.Read("terraform.tfstate")+plan+output, secret) {
			t.Errorf("%q is there still", secret)
		}
	}
	session.Run("plan", "-detailed-exitcode")
}

func movedBlock(from, to string) string {
	return "moved {\n  from = " + from + "\n  to   = " + to + "\n}\n"
}

// A connection of a generic REST provider, moved by what the guide on migrating prints.
func TestMoveRESTObjectToOmni(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join(repository, "templates", "guides", "migrating.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	_, printed, _ := strings.Cut(string(guide), "```terraform\nmoved {")
	printed, _, _ = strings.Cut(printed, "```")
	omni := acctest.StartOmni(t, omnimock.Options{})
	settings := object{"name": "Analytics", "dialect": "postgres", "host": "db.example.com", "port": 5432, "database": "analytics", "username": "omni"}
	sent, _ := json.Marshal(protocol.With(settings, object{"passwordUnencrypted": "former-secret"}))
	id := omni.AddConnection(settings)
	session := omni.Session(t)
	writeState(t, session, "mastercard/restapi", entry{"restapi_object", "analytics", object{
		"id": id, "path": "/api/v1/connections", "data": string(sent), "api_response": `{"success":true,"data":"` + id + `"}`,
	}})
	session.Write(omni.Config("moved {"+printed, "variable \"database_password\" {\n  ephemeral = true\n  default   = \"new\"\n}\n"))
	moves(t, session, 1, "former-secret")
	if got := omni.Writes(); len(got) != 1 || got[0] != `PATCH connections {"passwordUnencrypted":"new"} 200` {
		t.Errorf("written: %q", got)
	}
}

func TestMoveRESTObjectToReporter(t *testing.T) {
	t.Parallel()
	reporter := acctest.StartReporter(t, reportermock.Options{})
	mode := "require"
	id := reporter.Add(reportermock.Connection{ConfigName: "orders", ProductName: "sales", SSLMode: &mode}, "former-secret")
	session := reporter.Session(t)
	writeState(t, session, "mastercard/restapi", entry{"restapi_object", "orders", object{
		"id": id, "path": "/v1/management/connections",
		"data": `{"configName":"orders","type":"POSTGRESQL","password":"former-secret","ssl":{"mode":"require","ca":"CA","key":"former-key"}}`,
	}})
	session.Write(reporter.Config(
		movedBlock("restapi_object.orders", "dataconn_reporter_connection.orders"),
		acctest.Resource("dataconn_reporter_connection", "orders", acctest.Attributes{
			"config_name": "orders", "type": "POSTGRESQL", "host": "db.example.com", "port": 5432, "database_name": "mydatabase", "user_name": "dbuser",
			"ssl": acctest.Attributes{"mode": "require", "ca": "CA"}, "password_wo": "new", "password_wo_version": 1,
		}),
	))
	moves(t, session, 1, "former-secret", "former-key")
	if got := reporter.Writes(); len(got) != 1 || got[0] != `PATCH connections {"password":"new"} 200` {
		t.Errorf("written: %q", got)
	}
}

// Two connections and their association, of a provider that is named omni. The
// server does not list associations, so what is known of this one comes from the
// former state.
func TestMoveFromOmniProvider(t *testing.T) {
	t.Parallel()
	omni := acctest.StartOmni(t, omnimock.Options{})
	settings := object{"dialect": "postgres", "host": "h", "port": 5432, "database": "d", "username": "u", "includeSchemas": []string{"a", "b"}}
	former := object{"dialect": "postgres", "host": "h", "port": 5432, "database": "d", "username": "u", "include_schemas": "b,a", "password": "former-secret"}
	ours := acctest.Attributes{"dialect": "postgres", "host": "h", "port": 5432, "database": "d", "username": "u", "include_schemas": []string{"a", "b"}}
	base, prod := omni.AddConnection(protocol.With(settings, object{"name": "base"})), omni.AddConnection(protocol.With(settings, object{"name": "prod"}))
	environment := omni.AddEnvironment(base, prod, "prod")
	session := omni.Session(t)
	writeState(t, session, "ashima-omni/omni",
		entry{"omni_connection", "base", protocol.With(former, object{"id": base, "name": "base"})},
		entry{"omni_connection", "prod", protocol.With(former, object{"id": prod, "name": "prod"})},
		entry{"omni_connection_environment", "prod", object{
			"id": environment, "base_connection_id": base, "environment_connection_id": prod, "user_attribute_values": []string{"prod"},
		}},
	)
	session.Write(omni.Config(
		movedBlock("omni_connection.base", "dataconn_omni_connection.base"),
		movedBlock("omni_connection.prod", "dataconn_omni_connection.prod"),
		movedBlock("omni_connection_environment.prod", "dataconn_omni_connection_environment.prod"),
		acctest.Resource("dataconn_omni_connection", "base", ours.With(acctest.Attributes{"name": "base"})),
		acctest.Resource("dataconn_omni_connection", "prod", ours.With(acctest.Attributes{"name": "prod", "password": "new"})),
		acctest.Resource("dataconn_omni_connection_environment", "prod", acctest.Attributes{
			"base_connection_id": acctest.Expression("dataconn_omni_connection.base.id"), "connection_id": acctest.Expression("dataconn_omni_connection.prod.id"),
			"user_attribute_values": []string{"prod"},
		}),
	))
	moves(t, session, 1, "former-secret")
	if got := omni.Writes(); len(got) != 1 || got[0] != `PATCH connections {"passwordUnencrypted":"new"} 200` {
		t.Errorf("written: %q", got)
	}
}
