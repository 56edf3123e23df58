// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// subject is a resource, data source, action or list resource, on a kind of
// server.
type subject struct {
	typeName string
	// by is the one operation of what is no resource: reading, invoking, querying.
	by      operation
	prepare func(t testing.TB) *scene
	without []operation     // that this server cannot do, or that another row covers
	only    func(call) bool // the calls that this row is about; nil is all
	isOlder bool            // a server that differs in few calls: fewer failures are enough
	// adopts says that the server returns enough to prove that an object is ours:
	// a create whose answer is lost finds it again.
	adopts bool
	// single says that there is one at most, so that a create can be repeated: who
	// still wants it finds it, and need not be told what may have been made.
	single     bool
	unique     bool // names are: a create that left nothing under its name did not happen
	lookalikes bool // others may make the like at the same time
	keeps      bool // the server has no delete
	unlisted   bool // a server that has no list to look for a lost object in
	// mayHaveNoList says that a 404 or 405 to the list counts as having none.
	mayHaveNoList bool
	// withoutID says that the answer to a create has no id, so that the object is
	// always looked for.
	withoutID bool
	// undoes says that a create whose follow-up fails is undone.
	undoes bool
	// taints is the method of the follow-up of a create whose failure leaves a
	// tainted resource where the create cannot be undone either; "" is none.
	taints string
	// believes reports answers that cannot be told from the truth: they are no
	// cells.
	believes func(call, fault.Fault) bool
}

func (s subject) operations() []operation {
	if s.by != "" {
		return []operation{s.by}
	}
	return slices.DeleteFunc([]operation{create, createLost, read, update, destroy, importing}, func(o operation) bool {
		return slices.Contains(s.without, o)
	})
}

// subjects are all of them, by a name. A new resource is a row here.
func subjects() map[string]subject {
	all := omniSubjects()
	maps.Copy(all, reporterSubjects())
	for by, types := range map[operation]map[string][]object{
		reading: {
			"dataconn_omni_connection":              {{"name": "n"}},
			"dataconn_omni_connections":             {{}},
			"dataconn_omni_connection_environments": {{}, {"base_connection_id": id1}},
			"dataconn_omni_environment_route":       {{"base_connection_id": id1, "value": "a"}},
			"dataconn_omni_environment_audience":    {{"base_connection_id": id1}},
			"dataconn_omni_users":                   {{}, {"email": "a@example.com"}},
			"dataconn_omni_user_attribute":          {{"name": "env"}},
			"dataconn_omni_user_attributes":         {{}},
			"dataconn_reporter_connection":          {{"config_name": "n"}},
			"dataconn_reporter_connections":         {{}},
			"dataconn_reporter_connection_schema":   {{"connection_id": nil}},
			"dataconn_reporter_data_sources":        {{}},
		},
		invoking: {
			"dataconn_omni_schema_refresh":         {{"connection_id": id1}},
			"dataconn_omni_dbt_rotate_keys":        {{"connection_id": id1}},
			"dataconn_omni_dbt_rotate_signing_key": {{"connection_id": id2}},
			"dataconn_reporter_connection_test":    {{"connection_id": nil}},
		},
		querying: {
			"dataconn_omni_connection":                 {{}},
			"dataconn_omni_connection_dbt":             {{}},
			"dataconn_omni_connection_environment":     {{}, {"base_connection_id": id1}},
			"dataconn_omni_connection_schedule":        {{}, {"connection_id": id1}},
			"dataconn_omni_dbt_environment":            {{}, {"connection_id": id1}},
			"dataconn_omni_environment_user_attribute": {{}},
			"dataconn_omni_schema_model":               {{}},
			"dataconn_omni_user_attribute":             {{}},
			"dataconn_omni_user_attribute_value":       {{}},
			"dataconn_reporter_connection":             {{}},
		},
	} {
		for typeName, configs := range types {
			for i, config := range configs {
				prepare := omniEstate(config)
				if strings.HasPrefix(typeName, "dataconn_reporter") {
					prepare = reporterEstate(config)
				}
				name := string(by) + " " + strings.TrimPrefix(typeName, "dataconn_")
				if i > 0 {
					name += " of one"
				}
				all[name] = subject{typeName: typeName, by: by, prepare: prepare}
			}
		}
	}
	return all
}

// TestEveryEntityHasFaults keeps the table whole.
func TestEveryEntityHasFaults(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	requireRow := func(by operation, typeName string) {
		for _, s := range subjects() {
			if s.typeName == typeName && s.by == by {
				return
			}
		}
		t.Errorf("%s %s has no row", by, typeName)
	}
	for typeName := range p.Schemas().ResourceSchemas {
		requireRow("", typeName)
	}
	for typeName := range p.Schemas().DataSourceSchemas {
		requireRow(reading, typeName)
	}
	for typeName := range p.Schemas().ActionSchemas {
		requireRow(invoking, typeName)
	}
	for typeName := range p.Schemas().ListResourceSchemas {
		requireRow(querying, typeName)
	}
}

// forms are the ways to configure a secret.
var forms = []string{"", "_wo", "_wo and version"}

// inForm puts every secret of a configuration into a form; a version follows from
// the value.
func inForm(form string, config object) object {
	converted := object{}
	for name, value := range config {
		text, isText := value.(string)
		inner, isObject := value.(object)
		switch {
		case isObject:
			converted[name] = inForm(form, inner)
		case isText && form != "" && slices.Contains([]string{"password", "secret", "token", "key"}, name):
			converted[name+"_wo"] = text
			if form == "_wo and version" {
				converted[name+"_wo_version"] = len(text)
			}
		default:
			converted[name] = value
		}
	}
	return converted
}

// secretIn returns a secret of a configuration, in whatever form.
func secretIn(config object, name string) string {
	for _, form := range []string{name, name + "_wo"} {
		if text, ok := config[form].(string); ok {
			return text
		}
	}
	return ""
}

func count(n int, config object) string {
	if config == nil && n == 0 {
		return ""
	}
	return fmt.Sprintf("the server has %d", n)
}

// omniEstate is a server with one of each.
func omniEstate(config object) func(t testing.TB) *scene {
	return func(t testing.TB) *scene {
		t.Helper()
		s, scene := omniScene(t, omnimock.Options{EnvironmentList: true, BuildSchemaModels: true})
		s.Restore(omnimock.Snapshot{Connections: []omnimock.Connection{
			{ID: id1, Settings: object{"name": "n", "dialect": "postgres", "userAttributeNameForConnectionEnvironments": "env"}},
			{ID: id2, Settings: object{"name": "m", "dialect": "postgres"}},
		}})
		s.AddEnvironment(id1, id2, "a")
		s.AddUser(omnimock.User{UserName: "a@example.com", Attributes: object{"env": "a"}})
		s.AddSchedule(id1, "0 2 * * ? *", "UTC")
		s.EditDBT(id1, func(d *omnimock.DBT) { d.DeployKey = "ssh-ed25519 former" })
		signing := "ssh-ed25519 former"
		s.EditDBT(id2, func(d *omnimock.DBT) {
			d.AuthMethod, d.SSHURL, d.SigningPublicKey = "github_app", "https://github.com/o/r", &signing
		})
		s.AddDBTEnvironment(id1, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s"})
		scene.config = config
		return scene
	}
}

// reporterEstate likewise; a connection_id that is configured is its connection's.
func reporterEstate(config object) func(t testing.TB) *scene {
	return func(t testing.TB) *scene {
		t.Helper()
		s := reportermock.Start(t, reportermock.Options{AnyDatabase: true, InMemory: true, DataSources: []reportermock.DataSource{{ID: "d", ExternalName: "d", Type: "postgresql"}}})
		id := s.Add(reportermock.Connection{ConfigName: "n", ProductName: "sales"}, "x")
		scene := &scene{Host: s.Host, provider: func() object { return protocol.ReporterConfig(s) }, config: config}
		if _, ok := config["connection_id"]; ok {
			scene.config = object{"connection_id": id}
		}
		return scene
	}
}
