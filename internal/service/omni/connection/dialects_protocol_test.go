// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	entity "github.com/dataconn/terraform-provider-dataconn/internal/service/omni/connection"
)

// leastOf has what the dialect cannot do without.
func leastOf(dialect string) map[string]any {
	values := map[string]any{
		"host": "account", "port": 5000, "database": "d", "username": "u", "warehouse": "w", "region": "us",
		"default_schema": "s", "accepts_license": true,
	}
	config := map[string]any{"name": "n", "dialect": dialect, "password": "first"}
	for _, name := range entity.RequiredByDialect[dialect] {
		config[name] = values[name]
	}
	switch dialect {
	case "snowflake":
		maps.Copy(config, map[string]any{"host": "account", "username": "u", "warehouse": "w"})
	case "bigquery":
		config["password"] = keyFile
	}
	return config
}

// mostOf has everything that the dialect uses; round makes the values of one
// set differ from those of another.
func mostOf(p *protocol.Provider, dialect string, round int) map[string]any {
	config := leastOf(dialect)
	for _, a := range p.Schemas().ResourceSchemas[connectionType].Block.Attributes {
		only, restricted := entity.OnlyForDialects[a.Name]
		switch {
		case !a.Optional || a.WriteOnly || a.Sensitive || restricted && !slices.Contains(only, dialect):
			continue
		case strings.HasSuffix(a.Name, "_timezone"):
			config[a.Name] = []string{"Europe/Vienna", "Asia/Tokyo"}[round%2]
		case strings.HasSuffix(a.Name, "_url"):
			config[a.Name] = fmt.Sprintf("https://%d.example.com", round)
		case a.Name == "authentication_type", a.Name == "host_override", a.Name == "base_role", a.Name == "timeouts", strings.HasSuffix(a.Name, "_wo_version"),
			a.Name == "wif_audience", a.Name == "wif_service_account_email", a.Name == "accepts_license":
			continue
		case a.Type.Is(tftypes.String):
			config[a.Name] = fmt.Sprintf("%s-%d", strings.ReplaceAll(a.Name, "_", "-"), round)
		case a.Type.Is(tftypes.Number):
			config[a.Name] = 100 + round
		case a.Type.Is(tftypes.Bool):
			config[a.Name] = round%2 == 0
		default:
			config[a.Name] = []string{fmt.Sprintf("b%d", round), "a_*"}
		}
	}
	config["base_role"] = []string{"QUERIER", "RESTRICTED_QUERIER"}[round%2]
	return config
}

func requireEmptyPlan(t *testing.T, r *protocol.Resource, config map[string]any) {
	t.Helper()
	if plan := r.Plan(config); !plan.IsEmpty() {
		t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
	}
}

// One process creates, the next finds nothing to do, another state takes it over
// without a replacement, every setting changes in place.
func TestProtocolEveryDialect(t *testing.T) {
	t.Parallel()
	for dialect := range entity.RequiredByDialect {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s := omnimock.Start(t, omnimock.Options{SnowflakeKeepsDefaultSchema: true})
			p := protocolProvider(t, s)
			for name, config := range map[string]map[string]any{"minimal": leastOf(dialect), "maximal": mostOf(p, dialect, 1)} {
				config["deletion_protection"] = false
				r := p.Resource(connectionType)
				r.Apply(config).RequireOK(t)
				requireEmptyPlan(t, r, config)
				p.Restart()
				r.Refresh().RequireNone(t)
				requireEmptyPlan(t, r, config)

				imported := p.Resource(connectionType)
				imported.Import(r.Text("id")).RequireNone(t)
				plan := imported.Plan(config)
				plan.RequireOK(t)
				if len(plan.RequiresReplace()) > 0 {
					t.Errorf("%s: the import replaces for %v", name, plan.RequiresReplace())
				}
				// All that is read is what was configured: only what cannot be read differs.
				for _, changed := range plan.Changes() {
					if !slices.Contains([]string{"password", "deletion_protection", "credentials_updated_at", "updated_at"}, changed) {
						t.Errorf("%s: after the import %s changes", name, changed)
					}
				}

				second := mostOf(p, dialect, 2)
				second["deletion_protection"] = false
				plan = r.Plan(second)
				plan.RequireOK(t)
				if plan.Action != protocol.Update {
					t.Errorf("%s: %s for %v", name, plan.Action, plan.RequiresReplace())
				}
				plan.Apply().RequireOK(t)
				p.Restart()
				r.Refresh().RequireNone(t)
				requireEmptyPlan(t, r, second)

				// What is not configured any more stays as it is.
				requireEmptyPlan(t, r, protocol.With(leastOf(dialect), map[string]any{
					"deletion_protection": false, "name": second["name"], "host": second["host"],
					"port": second["port"], "database": second["database"], "username": second["username"], "warehouse": second["warehouse"], "region": second["region"], "default_schema": second["default_schema"],
				}))
				r.Destroy().RequireNone(t)
			}
		})
	}
}

// Each setting alone: one key is sent, and the plan after it is empty.
func TestProtocolEachSettingAlone(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		alone := map[string]bool{} // each in the first dialect that has it
		for _, dialect := range []string{"snowflake", "bigquery", "athena", "mssql"} {
			s := omnimock.Start(t, omnimock.Options{SnowflakeKeepsDefaultSchema: true, InMemory: true})
			p := protocolProvider(t, s)
			config, other := mostOf(p, dialect, 1), mostOf(p, dialect, 2)
			r := p.Resource(connectionType)
			r.Apply(config).RequireOK(t)
			for _, name := range slices.Sorted(maps.Keys(config)) {
				if name == "dialect" || alone[name] || fmt.Sprint(other[name]) == fmt.Sprint(config[name]) {
					continue
				}
				alone[name] = true
				config[name] = other[name]
				s.ResetRequests()
				plan := r.Plan(config)
				if got := strings.Join(plan.Changes(), " "); got != name {
					t.Errorf("%s, %s: the plan changes %s", dialect, name, got)
				}
				plan.Apply().RequireOK(t)
				want := 1
				if name == "deletion_protection" {
					want = 0
				}
				sent := patches(t, s)
				if len(sent) != want || want == 1 && len(sent[0]) != 1 {
					t.Errorf("%s, %s: sent %v", dialect, name, sent)
				}
				requireEmptyPlan(t, r, config)
			}
		}
		if len(alone) < 30 {
			t.Errorf("only %d settings were changed: %v", len(alone), slices.Sorted(maps.Keys(alone)))
		}
	})
}

func patches(t *testing.T, s *omnimock.Server) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, r := range s.Requests() {
		if r.Method == http.MethodPatch {
			var body map[string]any
			if err := json.Unmarshal(r.Body, &body); err != nil {
				t.Fatal(err)
			}
			all = append(all, body)
		}
	}
	return all
}

// A description says which dialects its attribute is for, if not for all, and for the
// resource what a change does.
func TestProtocolDescriptionsNameTheDialects(t *testing.T) {
	t.Parallel()
	schemas := protocol.New(t, protocol.Options()).Schemas()
	settings := map[string]bool{}
	for _, a := range schemas.DataSourceSchemas[connectionType].Block.Attributes {
		settings[a.Name] = true
		if strings.Contains(a.Description, "Changed in place.") {
			t.Errorf("the data source says of %s: %s", a.Name, a.Description)
		}
	}
	for _, a := range schemas.ResourceSchemas[connectionType].Block.Attributes {
		if !settings[a.Name] || !a.Optional {
			continue
		}
		_, isLimited := entity.OnlyForDialects[a.Name]
		names := strings.Contains(a.Description, "For dialect") || strings.Contains(a.Description, "Not for dialect")
		if names != isLimited || strings.Count(a.Description, "`")%2 != 0 || !strings.HasSuffix(a.Description, " Changed in place.") {
			t.Errorf("of %s, limited %t: %s", a.Name, isLimited, a.Description)
		}
		if a.Name == "warehouse" && !strings.Contains(a.Description, " For dialects `databricks`, `snowflake`. ") {
			t.Errorf("of %s: %s", a.Name, a.Description)
		}
	}
}
