// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// decoded is an object as a server returns it.
func decoded[T any](t *testing.T, answer string) *T {
	t.Helper()
	var object T
	if err := json.Unmarshal([]byte(answer), &object); err != nil {
		t.Fatal(err)
	}
	return &object
}

// A lost create is ours where everything that was sent is returned and agrees; what
// is not returned leaves it open.
func TestWhatWasSentIsRecognized(t *testing.T) {
	t.Parallel()
	plain, hidden := secret.New("p"), secret.New("h")
	dbt := omni.DBTEnvironmentSettings{
		Name: "n", TargetSchema: "s", TargetDatabase: nullable.Of("d"), TargetRole: nullable.Null[string](), OwnerID: nullable.Of("ABC"),
		Variables: []omni.DBTVariableWrite{{Name: "P", Value: &plain}, {Name: "S", IsSecret: true, Value: &hidden}},
	}
	attribute := omni.UserAttributeCreate{Type: "String", UserAttributeSettings: omni.UserAttributeSettings{
		Name: nullable.Of("n"), Label: nullable.Of("l"), Description: nullable.Of("d"),
		MultipleValues: nullable.Of(true), DefaultValue: nullable.Of(omni.AttributeValue{Values: []string{"a", "b"}, Multiple: true}),
	}}
	const variables = `"variables":[{"id":"1","name":"S","isSecret":true},{"id":"2","name":"P","isSecret":false,"value":"p"}]`
	schedule := func(hard bool) func(string) createonce.Match {
		return func(answer string) createonce.Match {
			return decoded[omni.Schedule](t, answer).Match(omni.ScheduleSettings{Cron: "c", Timezone: "UTC", HardRefresh: hard})
		}
	}
	environment := func(answer string) createonce.Match { return decoded[omni.Environment](t, answer).Match("a", "b") }
	dbtEnvironment := func(answer string) createonce.Match { return decoded[omni.DBTEnvironment](t, answer).Match(dbt) }
	variablesOf := func(list string) createonce.Match {
		return dbtEnvironment(`{"name":"n","targetSchema":"s","targetDatabase":"d","targetRole":null,"ownerId":"abc","variables":` + list + `}`)
	}
	connection := func(schemas ...string) func(string) createonce.Match {
		request := omni.ConnectionCreate{Dialect: "postgres", Settings: omni.ConnectionSettings{Name: nullable.Of("n"), IncludeSchemas: nullable.Of(omni.StringList(schemas))}}
		return func(answer string) createonce.Match { return decoded[omni.Connection](t, answer).Match(request) }
	}
	definition := func(answer string) createonce.Match { return decoded[omni.UserAttribute](t, answer).Match(attribute) }
	for _, c := range []struct {
		match  func(string) createonce.Match
		answer string
		want   createonce.Match
	}{
		{schedule(true), `{"schedule":"c","timezone":"UTC","hardRefresh":true}`, createonce.Same},
		{schedule(true), `{"schedule":"c","timezone":"UTC","hardRefresh":false}`, createonce.Other},
		{schedule(true), `{"schedule":"c","timezone":"UTC"}`, createonce.Similar},
		{schedule(false), `{"schedule":"c","timezone":"UTC"}`, createonce.Same},
		{schedule(false), `{"schedule":"c","timezone":"CET"}`, createonce.Other},

		{environment, `{"baseConnectionId":"A","connectionId":"B","userAttributeValues":[]}`, createonce.Same},
		{environment, `{"baseConnectionId":"a","connectionId":"b"}`, createonce.Same},
		{environment, `{"baseConnectionId":"a","connectionId":"b","userAttributeValues":["x"]}`, createonce.Similar},
		{environment, `{"baseConnectionId":"a","connectionId":"c"}`, createonce.Other},
		{environment, `{"baseConnectionId":"c","connectionId":"b"}`, createonce.Other},

		{dbtEnvironment, `{"name":"n","targetSchema":"s","targetDatabase":"d","targetRole":null,"ownerId":"abc",` + variables + `}`, createonce.Same},
		{dbtEnvironment, `{"name":"n","targetSchema":"s","targetDatabase":"d","targetRole":"","ownerId":"abc",` + variables + `}`, createonce.Same},
		{dbtEnvironment, `{"name":"n","targetSchema":"s","targetRole":null,"ownerId":"abc",` + variables + `}`, createonce.Similar},
		{dbtEnvironment, `{"name":"n","targetSchema":"s","targetDatabase":"e","targetRole":null,"ownerId":"abc",` + variables + `}`, createonce.Other},
		{dbtEnvironment, `{"name":"n","targetSchema":"s","targetDatabase":"","targetRole":null,"ownerId":"abc",` + variables + `}`, createonce.Other},
		{dbtEnvironment, `{"name":"n","targetSchema":"s","targetDatabase":"d","targetRole":"r","ownerId":"abc",` + variables + `}`, createonce.Other},
		{dbtEnvironment, `{"name":"n","targetSchema":"s","targetDatabase":"D","targetRole":null,"ownerId":"abc",` + variables + `}`, createonce.Other},
		{dbtEnvironment, `{"name":"n","targetSchema":"s","targetDatabase":"d","targetRole":null,"ownerId":"abd",` + variables + `}`, createonce.Other},
		{dbtEnvironment, `{"name":"n","targetSchema":"s","targetDatabase":"d","targetRole":null,"ownerId":"abc","variables":[]}`, createonce.Other},
		{variablesOf, `[{"id":"1","name":"S","isSecret":true},{"id":"2","name":"P","isSecret":false,"value":"p"}]`, createonce.Same},
		{variablesOf, `[{"id":"1","name":"S","isSecret":true,"value":"x"},{"id":"2","name":"P","isSecret":false,"value":"p"}]`, createonce.Same}, // of a secret no value counts
		{variablesOf, `[{"id":"1","name":"S","isSecret":true},{"id":"2","name":"P","isSecret":false,"value":"q"}]`, createonce.Other},
		{variablesOf, `[{"id":"1","name":"S","isSecret":true},{"id":"2","name":"P","isSecret":false}]`, createonce.Other},
		{variablesOf, `[{"id":"1","name":"S","isSecret":true},{"id":"2","name":"P","value":"p","isSecret":true}]`, createonce.Other},
		{variablesOf, `[{"id":"1","name":"S","isSecret":false},{"id":"2","name":"P","isSecret":false,"value":"p"}]`, createonce.Other},
		{variablesOf, `[{"id":"1","name":"S","isSecret":true},{"id":"2","name":"Q","isSecret":false,"value":"p"}]`, createonce.Other},
		{variablesOf, `[{"id":"2","name":"P","isSecret":false,"value":"p"}]`, createonce.Other},
		{variablesOf, `[{"id":"1","name":"S","isSecret":true},{"id":"2","name":"P","isSecret":false,"value":"p"},{"id":"2","name":"R","isSecret":false,"value":"r"}]`, createonce.Other},

		{connection("a"), `{"dialect":"postgres","name":"n","createdAt":"t","includeSchemas":["a"]}`, createonce.Same},
		{connection("a", "b"), `{"dialect":"postgres","name":"n","createdAt":"t","includeSchemas":["b","a"]}`, createonce.Same},
		{connection("a"), `{"dialect":"postgres","name":"n","createdAt":"t","includeSchemas":null}`, createonce.Similar},
		{connection("a"), `{"dialect":"postgres","name":"n","createdAt":"t","includeSchemas":["b"]}`, createonce.Similar},
		{connection(), `{"dialect":"postgres","name":"n","createdAt":"t","includeSchemas":null}`, createonce.Same},
		{connection("a"), `{"dialect":"mysql","name":"n","createdAt":"t","includeSchemas":["a"]}`, createonce.Other},
		{connection("a"), `{"dialect":"postgres","name":"m","createdAt":"t","includeSchemas":["a"]}`, createonce.Other},
		{connection("a"), `{"dialect":"postgres","name":"n","includeSchemas":["a"]}`, createonce.Similar},
		{connection("a"), `{"dialect":"postgres","name":"n","createdAt":"t","includeSchemas":["a"],"userAttributeNameForConnectionEnvironments":null}`, createonce.Same},
		{connection("a"), `{"dialect":"postgres","name":"n","createdAt":"t","includeSchemas":["a"],"userAttributeNameForConnectionEnvironments":"region"}`, createonce.Similar},

		{definition, `{"id":"1","name":"n","label":"l","type":"String","description":"d","multiple_values":true,"default_value":["b","a"]}`, createonce.Same},
		{definition, `{"id":"1","name":"n","label":"l","type":"String","description":"d","multiple_values":true}`, createonce.Similar},
		{definition, `{"id":"1","name":"n","label":"l","type":"String","description":"d","multiple_values":true,"default_value":["b","c"]}`, createonce.Similar},
		{definition, `{"id":"1","name":"n","label":"l","type":"Number","description":"d","multiple_values":true,"default_value":["b","a"]}`, createonce.Similar},
		{definition, `{"name":"n","label":"l","type":"String","description":"d","multiple_values":true,"default_value":["b","a"]}`, createonce.Other},
		{definition, `{"id":"1","name":"m"}`, createonce.Other},
	} {
		if got := c.match(c.answer); got != c.want {
			t.Errorf("%s: %v, want %v", c.answer, got, c.want)
		}
	}
	odd := omni.DBTEnvironment{Problem: errors.New("odd"), Variables: &[]omni.DBTVariable{}}
	if got := odd.Match(omni.DBTEnvironmentSettings{}); got != createonce.Other {
		t.Errorf("an odd dbt environment: %v", got)
	}
	// What stands in the way is named, although the rest of it is odd.
	if got := (omni.Environment{BaseConnectionID: "a", ConnectionID: "b", Problem: errors.New("odd")}).Match("a", "b"); got != createonce.Similar {
		t.Errorf("an odd environment: %v", got)
	}
	found := decoded[omni.UserAttribute](t, `{"id":"1","name":"n","label":"l","type":"String","description":"d","multiple_values":true,"default_value":["b","a"]}`)
	found.Problem = errors.New("odd")
	if got := found.Match(attribute); got != createonce.Similar {
		t.Errorf("an odd user attribute: %v", got)
	}
	// A value that is not sent is not compared.
	settings := omni.DBTEnvironmentSettings{Name: "n", TargetSchema: "s", Variables: []omni.DBTVariableWrite{{ID: "1", Name: "P"}}}
	if got := decoded[omni.DBTEnvironment](t, `{"name":"n","targetSchema":"s","variables":[{"id":"1","name":"P","isSecret":false,"value":"p"}]}`).Match(settings); got != createonce.Same {
		t.Errorf("a variable that keeps its value: %v", got)
	}
	// An empty value is one: what has another variable instead is not ours.
	empty := secret.New("")
	settings.Variables = []omni.DBTVariableWrite{{Name: "P", Value: &empty}}
	for name, want := range map[string]createonce.Match{"P": createonce.Same, "Q": createonce.Other} {
		if got := decoded[omni.DBTEnvironment](t, `{"name":"n","targetSchema":"s","variables":[{"id":"1","name":"`+name+`","isSecret":false,"value":""}]}`).Match(settings); got != want {
			t.Errorf("an empty variable %s: %v", name, got)
		}
	}
}
