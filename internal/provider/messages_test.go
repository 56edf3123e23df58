// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// mistake is what a person does wrong, or meets, and what it says to them.
type mistake struct {
	omni     omnimock.Options
	provider object // of the omni block
	do       func(t *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics
	want     []string
}

func (m mistake) test(t *testing.T) {
	t.Helper()
	s := omnimock.Start(t, m.omni)
	p := protocol.NewDialing(t, s)
	p.Configure(protocol.With(protocol.OmniConfig(s), object{"omni": m.provider})).RequireNone(t)
	diags := m.do(t, p, s)
	diags.RequireError(t, m.want...)
	if errors := diags.Errors(); len(errors) != 1 {
		t.Errorf("%d errors of one mistake:\n%s", len(errors), errors)
	}
}

const nowhere = "550e8400-e29b-41d4-a716-446655440000"

func anyConnection(s *omnimock.Server) string {
	return s.AddConnection(map[string]any{"name": "Analytics", "dialect": "postgres", "host": "h", "port": 1, "database": "d", "username": "u"})
}

func omniConnectionConfig(changes object) object {
	return protocol.With(object{"name": "n", "dialect": "postgres", "host": "h", "port": 1, "database": "d", "username": "u", "password": "p"}, changes)
}

// Each message says what happened, on which object, and what to do.
func TestMessages(t *testing.T) {
	t.Parallel()
	apply := func(kind string, config object) func(*testing.T, *protocol.Provider, *omnimock.Server) protocol.Diagnostics {
		return func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
			return p.Resource(kind).Apply(config)
		}
	}
	validate := func(config object) func(*testing.T, *protocol.Provider, *omnimock.Server) protocol.Diagnostics {
		return func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
			return p.Resource("dataconn_omni_connection").Validate(config)
		}
	}
	validateReporter := func(changes object) func(*testing.T, *protocol.Provider, *omnimock.Server) protocol.Diagnostics {
		return func(t *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
			t.Helper()
			p.Configure(object{"reporter": object{"base_url": s.URL(), "product_name": "sales"}}).RequireNone(t)
			connection := object{"config_name": "ledger", "host": "h", "port": 1, "database_name": "d", "user_name": "u", "password": "p"}
			return p.Resource("dataconn_reporter_connection").Validate(protocol.With(connection, changes))
		}
	}
	imports := func(kind, id string) func(*testing.T, *protocol.Provider, *omnimock.Server) protocol.Diagnostics {
		return func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
			return p.Resource(kind).Import(id)
		}
	}
	for name, m := range map[string]mistake{
		"a value in use": {
			omni: omnimock.Options{EnvironmentList: true, InMemory: true},
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				base, one, two := anyConnection(s), anyConnection(s), anyConnection(s)
				s.AddEnvironment(base, one, "prod")
				return p.Resource("dataconn_omni_connection_environment").Apply(object{"base_connection_id": base, "connection_id": two, "user_attribute_values": []string{"prod"}})
			},
			want: []string{"Cannot set the values of Omni connection environment", "\"prod\" is already in use", "of the same base has \"prod\"", "remove the value from its holder first"},
		},
		"https to an http port": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				p.Configure(object{"omni": object{"base_url": strings.Replace(s.URL(), "http:", "https:", 1), "api_token": s.Token()}, "max_retries": 0}).RequireNone(t)
				return p.Resource("dataconn_omni_connection").Import(nowhere)
			},
			want: []string{"Cannot read Omni connection 550e8400", "does not speak TLS on this port", "or write http://"},
		},
		"http to an https port": {
			do: func(t *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				s := omnimock.Start(t, omnimock.Options{TLS: true})
				p.Configure(object{"omni": object{"base_url": strings.Replace(s.URL(), "https:", "http:", 1), "api_token": s.Token()}, "max_retries": 0})
				return p.Resource("dataconn_omni_connection").Import(nowhere)
			},
			want: []string{"Cannot read Omni connection", "this port uses TLS: write https://"},
		},
		"an unknown base": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				return p.Resource("dataconn_omni_connection_environment").Apply(object{"base_connection_id": nowhere, "connection_id": anyConnection(s), "user_attribute_values": []string{"prod"}})
			},
			want: []string{"at base_connection_id: No such Omni connection", "550e8400", "in the trash"},
		},
		"a wrong api_version": {
			provider: object{"api_version": "unstable"},
			do:       apply("dataconn_omni_connection", omniConnectionConfig(nil)),
			want:     []string{"Cannot create Omni connection \"n\"", "404", "check base_url and api_version", "\"unstable\" for a server of 2025"},
		},
		"a wrong path": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				p.Configure(object{"omni": object{"base_url": s.URL() + "/omni", "api_token": s.Token()}})
				return p.Resource("dataconn_omni_connection").Apply(omniConnectionConfig(nil))
			},
			want: []string{"Cannot create Omni connection \"n\"", "/omni/api/v1/connections", "check base_url and api_version"},
		},
		"two associations of a pair, no list": {
			omni: omnimock.Options{InMemory: true},
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				base, one := anyConnection(s), anyConnection(s)
				s.AddEnvironment(base, one, "prod")
				return p.Resource("dataconn_omni_connection_environment").Apply(object{"base_connection_id": base, "connection_id": one, "user_attribute_values": []string{"dev"}})
			},
			want: []string{"are not valid for this connection", "probably associated already", "terraform import <address of this resource>"},
		},
		"a timeout that is over at once": {
			do:   validate(omniConnectionConfig(object{"timeouts": object{"create": "-5m"}})),
			want: []string{"at timeouts.create: Invalid value of timeouts.create", "\"-5m\" is not a duration longer than 0"},
		},
		"a URL in place of a host": {
			do:   validate(omniConnectionConfig(object{"host": "postgres://u:hunter2@db.example.com:5432/x"})),
			want: []string{"at host: Invalid value of host", "write \"db.example.com\", and set port = 5432"},
		},
		"a host as SQL Server's clients have it": {
			do:   validate(omniConnectionConfig(object{"host": "db.example.com,1433"})),
			want: []string{"at host: Invalid value of host", "remove \",1433\" and set port = 1433"},
		},
		"the address of a Snowflake account": {
			do:   validate(object{"name": "n", "dialect": "snowflake", "host": "https://acme.snowflakecomputing.com", "database": "d", "warehouse": "w", "username": "u", "password": "p"}),
			want: []string{"at host: Invalid value of host", "a host has no scheme"},
		},
		"a filter by a dialect that is misspelled": {
			do: func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				_, diags := p.ReadDataSource("dataconn_omni_connections", object{"dialects": []string{"Postgres"}})
				return diags
			},
			want: []string{"at dialects.\"Postgres\": Invalid value of dialects", "did you mean \"postgres\"?"},
		},
		"a filter by a dialect that the server does not know": {
			do: func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				_, diags := p.ReadDataSource("dataconn_omni_connections", object{"dialects": []string{"dbase"}})
				return diags
			},
			want: []string{"at dialects: Cannot list Omni connections", "Invalid dialect(s): dbase"},
		},
		"a value of a user attribute that is misspelled": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				s.AddUser(omnimock.User{UserName: "ada@example.com"})
				return p.Resource("dataconn_omni_user_attribute_value").Apply(object{"user_email": "ada@example.com", "attribute_name": "Environment", "value": "prod"})
			},
			want: []string{"at attribute_name: No such Omni user attribute", "Did you mean \"environment\"?", "If this configuration creates it"},
		},
		"a path of Windows": {
			do: func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				return p.Resource("dataconn_omni_connection_dbt").Validate(object{"connection_id": nowhere, "ssh_url": "git@github.com:o/r.git", "branch": "main", "autogen_relationships": true, "enable_virtual_schemas": true, "project_root_path": `transform\dbt`})
			},
			want: []string{"at project_root_path: Invalid value of project_root_path", "write / instead of"},
		},
		"SQL Server by its short name": {
			do:   validateReporter(object{"type": "MSSQL"}),
			want: []string{"at type: Invalid value of type", "\"MSSQL\" is called \"SQL_SERVER\" here"},
		},
		"the tables of what is no connection": {
			do: func(t *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				p.Configure(object{"reporter": object{"base_url": s.URL(), "product_name": "sales"}}).RequireNone(t)
				_, diags := p.ReadDataSource("dataconn_reporter_connection_schema", object{"connection_id": "ledger"})
				return diags
			},
			want: []string{"at connection_id: Invalid value of connection_id", "\"ledger\" is not an id"},
		},
		"timeouts": {
			do:   validate(omniConnectionConfig(object{"timeouts": object{"create": "10 minutes"}})),
			want: []string{"at timeouts.create", "10 minutes", "such as"},
		},
		"a long rate limit": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				s.Faults().Add(fault.RateLimitedFor(time.Hour).Repeat(fault.Forever))
				return p.Resource("dataconn_omni_connection").Apply(omniConnectionConfig(object{"timeouts": object{"create": "1m"}}))
			},
			want: []string{"Cannot create Omni connection \"n\"", "asked for a pause", "1h0m0s", "the resource has timeouts"},
		},
		"null secret": {
			do:   apply("dataconn_omni_connection", omniConnectionConfig(object{"password": nil})),
			want: []string{"at password: Missing password", "TF_VAR_"},
		},
		"empty secret": {
			do:   validate(omniConnectionConfig(object{"password": ""})),
			want: []string{"at password: Invalid value of password: the value is empty", "TF_VAR_"},
		},
		"empty write-only secret": {
			do:   validate(omniConnectionConfig(object{"password": nil, "password_wo": ""})),
			want: []string{"at password_wo: Invalid value of password_wo: the value is empty", "TF_VAR_"},
		},
		"null with a version": {
			do:   apply("dataconn_omni_connection", omniConnectionConfig(object{"password": nil, "password_wo_version": 1})),
			want: []string{"at password_wo_version: No value for password_wo", "TF_VAR_", "remove the version"},
		},
		"login page": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				s.Faults().Add(fault.Fault{Status: http.StatusOK, Body: "<!doctype html><title>Sign in</title>", Header: http.Header{"Content-Type": {"text/html"}}}.Repeat(fault.Forever))
				return p.Resource("dataconn_omni_connection").Import(nowhere)
			},
			want: []string{"Cannot read Omni connection", "an HTML page titled \"Sign in\"", "check that base_url"},
		},
		"a server that cannot delete": {
			omni:     omnimock.Options{Generation: omnimock.Guide2025},
			provider: object{"api_version": "unstable"},
			do: func(t *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				r := p.Resource("dataconn_omni_connection")
				r.Apply(omniConnectionConfig(object{"deletion_protection": false})).RequireOK(t)
				return r.Destroy()
			},
			want: []string{"Cannot delete Omni connection \"n\"", "cannot delete it through the API", "removed block that has lifecycle { destroy = false }"},
		},
		"dbt environment without dbt": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				return p.Resource("dataconn_omni_dbt_environment").Apply(object{"connection_id": anyConnection(s), "name": "prod", "target_schema": "s"})
			},
			want: []string{"Cannot create Omni dbt environment \"prod\"", "dbt not configured", "with dataconn_omni_connection_dbt"},
		},
		"a route without a list": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				base := anyConnection(s)
				p.Resource("dataconn_omni_environment_user_attribute").Apply(object{"connection_id": base, "attribute_name": "environment", "default_values": []string{"dev"}})
				_, diags := p.ReadDataSource("dataconn_omni_environment_route", object{"base_connection_id": base, "value": "prod"})
				return diags
			},
			want: []string{"does not list connection environments", "Settings > Connections > Environments"},
		},
		"import of a connection that is not there": {
			do:   imports("dataconn_omni_connection", nowhere),
			want: []string{"Nothing to import: there is no Omni connection with id 550e8400", "cannot be imported"},
		},
		"import of an environment that is not there": {
			omni: omnimock.Options{EnvironmentList: true}, do: imports("dataconn_omni_connection_environment", nowhere),
			want: []string{"Nothing to import: there is no Omni connection environment with id 550e8400"},
		},
		"import of a binding that is not there": {
			do:   imports("dataconn_omni_environment_user_attribute", nowhere),
			want: []string{"Nothing to import: there is no Omni environment binding with connection_id 550e8400"},
		},
		"the path of certificates": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				return p.Configure(protocol.With(protocol.OmniConfig(s), object{"ca_certificate": "/etc/ssl/ca.pem"}))
			},
			want: []string{"at ca_certificate: Invalid value of ca_certificate", "not its path", "file(\"ca.pem\")", "$(cat ca.pem)"},
		},
		"oracle": {
			do:   validate(object{"name": "n", "dialect": "oracle", "password": "p", "host": "h", "port": 1, "database": "d", "accepts_license": true}),
			want: []string{"at username: Missing username: An oracle connection needs username."},
		},
		"a value that is nearly one of few": {
			do:   validateReporter(object{"type": "postgresql"}),
			want: []string{"at type: Invalid value of type", "\"postgresql\" is not one of MONGODB, MYSQL, ORACLE, POSTGRESQL, SQL_SERVER; did you mean \"POSTGRESQL\"?"},
		},
		"an ssl mode of another database": {
			do:   validateReporter(object{"type": "ORACLE", "ssl": object{"mode": "require"}}),
			want: []string{"at ssl.mode: ", "\"require\" is not an ssl mode of an ORACLE connection. Its modes are disable, "},
		},
		"a host of Reporter with a port": {
			do:   validateReporter(object{"type": "POSTGRESQL", "host": "db.example.com:5432"}),
			want: []string{"at host: Invalid value of host", "remove \":5432\" and set port = 5432"},
		},
		"a type of user attribute in lower case": {
			do: func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				return p.Resource("dataconn_omni_user_attribute").Validate(object{"name": "region", "type": "string"})
			},
			want: []string{"at type: Invalid value of type", "did you mean \"String\"?"},
		},
		"spaces around a value": {
			do: func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				return p.Resource("dataconn_omni_connection_environment").Validate(object{"base_connection_id": nowhere, "connection_id": nowhere, "user_attribute_values": []string{" prod"}})
			},
			want: []string{"Invalid value of user_attribute_values: the server trims", "write \"prod\""},
		},
		"a binding of a connection that is not there": {
			do:   apply("dataconn_omni_environment_user_attribute", object{"connection_id": nowhere, "attribute_name": "environment", "default_values": []string{"dev"}}),
			want: []string{"at connection_id: No such Omni connection", nowhere, "in the trash", "dataconn_omni_connections lists"},
		},
		"new keys without dbt": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				_, diags := p.Invoke("dataconn_omni_dbt_rotate_keys", object{"connection_id": anyConnection(s)}, nil)
				return diags
			},
			want: []string{"Cannot rotate the dbt deploy key of Omni connection", "dbt is not configured", "with dataconn_omni_connection_dbt"},
		},
		"a name with a slip": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				id := anyConnection(s)
				_, diags := p.ReadDataSource("dataconn_omni_connection", object{"name": "Analitics"})
				diags.RequireError(t, id)
				return diags
			},
			want: []string{"at name: No such Omni connection", "exactly the name \"Analitics\"", "Similar names", "Analytics (postgres"},
		},
		"an authentication type of another dialect": {
			do:   validate(object{"name": "n", "dialect": "snowflake", "host": "h", "database": "d", "warehouse": "w", "username": "u", "password": "p", "authentication_type": "databricks-oauth-m2m"}),
			want: []string{"at authentication_type: ", "belongs to databricks", "Use one of snowflake-external-oauth-user, snowflake-keypair,"},
		},
		"an authentication type of a dialect that has none": {
			do: func(t *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				diags := p.Resource("dataconn_omni_connection").Validate(omniConnectionConfig(object{"authentication_type": "password"}))
				if len(diags) != 1 {
					t.Errorf("%d diagnostics of one mistake:\n%s", len(diags), diags)
				}
				return diags
			},
			want: []string{"at authentication_type: A postgres connection does not use authentication_type", "Remove authentication_type"},
		},
		"a name of a user attribute that SQL cannot use": {
			do:   apply("dataconn_omni_user_attribute", object{"name": "data-env"}),
			want: []string{"Cannot create Omni user attribute \"data-env\"", "name: Invalid", "neither letters, digits nor _", "choose one without them"},
		},
		"another dialect": {
			do: func(t *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				r := p.Resource("dataconn_omni_connection")
				r.Apply(omniConnectionConfig(nil)).RequireOK(t)
				return r.Plan(omniConnectionConfig(object{"dialect": "mysql"})).Diagnostics
			},
			want: []string{"cannot be replaced, because dialect cannot change in place", "Restore the former value (\"postgres\")"},
		},
		"an id for an import that lacks a part": {
			do:   imports("dataconn_omni_connection_schedule", nowhere),
			want: []string{"Invalid import id", "is not <connection id>/<id>", "terraform query finds the ids"},
		},
		"an empty address": {
			do: func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				return p.ValidateProvider(object{"omni": object{"base_url": ""}})
			},
			want: []string{"at omni.base_url: Invalid value of omni.base_url: the value is empty", "TF_VAR_"},
		},
		"a token and client credentials": {
			do: func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				return p.ValidateProvider(object{"reporter": object{"token": "t", "auth_url": "https://auth.example.com", "client_id": "i", "client_secret": "s"}})
			},
			want: []string{"at reporter.token: Both a token and client credentials", "Remove one of the two"},
		},
		"both passwords": {
			do:   validate(omniConnectionConfig(object{"password_wo": "q"})),
			want: []string{"at password: ", "password_wo", "cannot be specified when"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if m.omni.InMemory {
				protocol.InBubble(t, m.test) // it waits
			} else {
				m.test(t)
			}
		})
	}
}

// Refused client credentials name their own attributes. A token that is set beside
// them is used, and the message says so.
func TestMessagesOfCredentials(t *testing.T) {
	t.Parallel()
	s := reportermock.Start(t, reportermock.Options{Auth: reportermock.ClientCredentials})
	for name, c := range map[string]struct {
		environment map[string]string
		want        []string
	}{
		"client credentials": {nil, []string{"Check reporter.client_id and reporter.client_secret", "REPORTER_CLIENT_SECRET"}},
		"a token beside them": {map[string]string{"REPORTER_TOKEN": "wrong"}, []string{
			"Check the environment variable REPORTER_TOKEN, which is used although client credentials are set too",
		}},
	} {
		environment := map[string]string{
			"REPORTER_BASE_URL": s.URL(), "REPORTER_AUTH_URL": s.AuthURL(), "REPORTER_CLIENT_ID": s.ClientID(), "REPORTER_CLIENT_SECRET": "wrong", "REPORTER_PRODUCT_NAME": "sales",
		}
		maps.Copy(environment, c.environment)
		options := protocol.Options()
		options.Getenv = func(variable string) string { return environment[variable] }
		p := protocol.New(t, options)
		p.Configure(nil).RequireNone(t)
		_, diags := p.ReadDataSource("dataconn_reporter_connections", nil)
		t.Log(name)
		diags.RequireError(t, c.want...)
	}
}

// An empty text, as an unset variable gives, is one problem of its attribute at most.
func TestEmptyTextIsOneProblem(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	resources := plannedResources(t)
	for typeName, schema := range p.Schemas().ResourceSchemas {
		for _, a := range schema.Block.Attributes {
			if a.Type == nil || !a.Type.Is(tftypes.String) || !a.Optional && !a.Required {
				continue
			}
			config := protocol.With(resources[typeName].config, object{a.Name: ""})
			if other := resources[typeName].together[a.Name]; other != "" {
				config[other] = "a@example.com"
			}
			diags := p.Resource(typeName).Validate(config)
			if n := strings.Count(diags.String(), " at "+a.Name+": "); n > 1 {
				t.Errorf("%s: %d problems:\n%s", typeName, n, diags)
			}
		}
	}
}

// Values that look odd and are good.
func TestOddValuesAreTaken(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	name := `Ünïcode / "quoted" 'name' \ 日本`
	for _, changes := range []object{
		{"name": name},
		{"host": "2001:db8::1"},
		{"host": "[2001:db8::1]"},
		{"host": "dätabase.example.com"},
		{"host": "db"},
		{"host": `db\SQLEXPRESS`},
		{"system_timezone": "UTC", "query_timezone": "Etc/GMT+5"},
		{"query_timezone": "NONE", "system_timezone": "America/Port-au-Prince"},
		{"system_timezone": "EST5EDT"},
		{"include_schemas": []string{"sales_*", "näme", `"quoted"`, "a/b", "with space"}},
		{"password": "with space, \"quotes\" and ü"},
		{"timeouts": object{"create": "1h30m"}},
	} {
		p.Resource("dataconn_omni_connection").Validate(omniConnectionConfig(changes)).RequireNone(t)
	}
	s := omnimock.Start(t, omnimock.Options{})
	id := s.AddConnection(map[string]any{"name": name, "dialect": "postgres"})
	p.Configure(protocol.OmniConfig(s)).RequireNone(t)
	got, diags := p.ReadDataSource("dataconn_omni_connection", object{"name": name})
	if diags.RequireNone(t); got["id"] != id {
		t.Errorf("%q finds %v", name, got["id"])
	}
	for _, part := range []string{name, `/ "quoted"`, `\`, "日本"} {
		got, diags := p.ReadDataSource("dataconn_omni_connections", object{"name": part})
		if diags.RequireNone(t); len(got["connections"].([]any)) != 1 {
			t.Errorf("%q finds %v", part, got["connections"])
		}
	}
}
