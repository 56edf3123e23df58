// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// An attribute stands in the model, in changes, in read and in the wire's
// struct. These tests walk the model, give one attribute at a time a value that
// nothing else has, and look where it comes out: a line that was copied and not
// changed cannot hide.

const testID = "550e8400-e29b-41d4-a716-446655440000"

// modelField is one attribute of the model.
type modelField struct {
	name  string // of the attribute
	index []int
}

func (f modelField) in(model any) reflect.Value {
	return reflect.ValueOf(model).Elem().FieldByIndex(f.index)
}

func modelFields(model any) []modelField {
	var fields []modelField
	for _, f := range reflect.VisibleFields(reflect.TypeOf(model)) {
		if name := f.Tag.Get("tfsdk"); name != "" {
			fields = append(fields, modelField{name, f.Index})
		}
	}
	return fields
}

// distinct returns a value that only the attribute has, and the same as the
// wire has it.
func distinct(f modelField, model any) (attr.Value, any) {
	number := int64(1000)
	for _, r := range f.name {
		number = (number*31 + int64(r)) % 1_000_000_007
	}
	text := "value of " + f.name
	switch f.in(model).Interface().(type) {
	case types.String:
		return types.StringValue(text), text
	case types.Int64:
		if f.name == "max_billing_bytes" {
			return types.Int64Value(number), fmt.Sprint(number)
		}
		return types.Int64Value(number), number
	case types.Bool:
		return types.BoolValue(true), true
	case types.Set:
		return framework.SetOf([]string{text, "second " + text}), []string{"second " + text, text}
	default:
		return nil, nil
	}
}

// wireNames maps the attributes that can be changed to their names on the wire.
func wireNames(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	wire := reflect.TypeFor[omni.ConnectionSettings]()
	for field := range wire.Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names[framework.AttributeName(key)] = key
	}
	return names
}

func encode(t *testing.T, v any) map[string]any {
	t.Helper()
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(encoded, &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func sameJSON(t *testing.T, a, b any) bool {
	t.Helper()
	return reflect.DeepEqual(encode(t, map[string]any{"v": a}), encode(t, map[string]any{"v": b}))
}

func TestEachSettingHasItsWireKey(t *testing.T) {
	t.Parallel()
	names := wireNames(t)
	for _, f := range modelFields(Settings{}) {
		key, changeable := names[f.name]
		var s, everything Settings
		value, wire := distinct(f, &s)
		f.in(&s).Set(reflect.ValueOf(value))
		sent := encode(t, s.changes(Settings{}))
		if !changeable {
			if len(sent) > 0 {
				t.Errorf("%s is sent as %v, and cannot be", f.name, sent)
			}
			continue
		}
		delete(names, f.name)
		if len(sent) != 1 || !sameJSON(t, sent[key], wire) {
			t.Errorf("%s: sent is %v, want %s with %v", f.name, sent, key, wire)
		}
		if again := encode(t, s.changes(s)); len(again) != 0 {
			t.Errorf("%s: unchanged, and sent as %v", f.name, again)
		}
		// Changed from what another attribute has, nothing but it is sent either.
		for _, other := range modelFields(Settings{}) {
			value, _ := distinct(other, &everything)
			other.in(&everything).Set(reflect.ValueOf(value))
		}
		changed := everything
		f.in(&changed).Set(reflect.ValueOf(another(value)))
		if sent := encode(t, changed.changes(everything)); len(sent) != 1 || sent[key] == nil {
			t.Errorf("%s: of all the settings one changed, and %v is sent", f.name, slices.Collect(maps.Keys(sent)))
		}
	}
	if len(names) > 0 {
		t.Errorf("no attribute sets %v", names)
	}
}

// another returns a value of the same type that differs.
func another(value attr.Value) attr.Value {
	switch v := value.(type) {
	case types.String:
		return types.StringValue(v.ValueString() + " changed")
	case types.Int64:
		return types.Int64Value(v.ValueInt64() + 1)
	case types.Bool:
		return types.BoolValue(!v.ValueBool())
	default:
		return framework.SetOf([]string{"changed"})
	}
}

// readKeys maps every attribute that is read to its name on the wire.
func readKeys(t *testing.T) map[string]string {
	t.Helper()
	keys := wireNames(t)
	wire := reflect.TypeFor[omni.Connection]()
	for field := range wire.Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.Anonymous && key != "-" && key != "deletedAt" {
			keys[framework.AttributeName(key)] = key
		}
	}
	return keys
}

func connectionOf(t *testing.T, object map[string]any) *omni.Connection {
	t.Helper()
	encoded, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var c omni.Connection
	if err := json.Unmarshal(encoded, &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

func TestEachSettingIsReadFromItsWireKey(t *testing.T) {
	t.Parallel()
	keys := readKeys(t)
	var prior Settings
	fields := modelFields(Settings{})
	for _, f := range fields {
		value, _ := distinct(f, &prior)
		f.in(&prior).Set(reflect.ValueOf(value))
	}
	for _, f := range fields {
		key, ok := keys[f.name]
		if !ok {
			t.Errorf("%s is not read from the wire", f.name)
			continue
		}
		delete(keys, f.name)
		value, wire := distinct(f, &prior)
		if f.name == "id" {
			continue
		}

		// Alone on the wire, it is alone in the result.
		got := read(connectionOf(t, map[string]any{"id": testID, key: wire}), Settings{})
		for _, other := range fields {
			result := other.in(&got).Interface().(attr.Value)
			switch {
			case other.name == f.name && !result.Equal(value):
				t.Errorf("%s: read %v, want %v", f.name, result, value)
			case other.name != f.name && other.name != "id" && framework.IsSet(result):
				t.Errorf("%s on the wire sets %s to %v", key, other.name, result)
			}
		}

		// Null on the wire is null; what is absent keeps its value.
		got = read(connectionOf(t, map[string]any{"id": testID, key: nil}), prior)
		for _, other := range fields {
			result, before := other.in(&got).Interface().(attr.Value), other.in(&prior).Interface().(attr.Value)
			switch {
			case other.name == "id":
			case other.name == f.name && f.name != "dialect" && !result.IsNull():
				t.Errorf("%s: null is read as %v", f.name, result)
			case other.name != f.name && !result.Equal(before):
				t.Errorf("%s null on the wire turns %s into %v", key, other.name, result)
			}
		}
	}
	// What other resources change is for the data sources.
	for name, want := range map[string]attr.Value{
		"updated_at": types.StringValue("then"),
		"user_attribute_name_for_connection_environments": types.StringValue("environment"),
		"user_attribute_values_for_default_environment":   framework.SetOf([]string{"dev"}),
	} {
		wire := map[string]any{"updated_at": "then", "user_attribute_name_for_connection_environments": "environment", "user_attribute_values_for_default_environment": []string{"dev"}}[name]
		got := forDataSource(connectionOf(t, map[string]any{"id": testID, keys[name]: wire}))
		result := map[string]attr.Value{
			"updated_at": got.UpdatedAt, "user_attribute_name_for_connection_environments": got.UserAttributeName, "user_attribute_values_for_default_environment": got.UserAttributeDefaultValues,
		}[name]
		if !result.Equal(want) {
			t.Errorf("%s: read %v, want %v", name, result, want)
		}
		delete(keys, name)
	}
	if len(keys) > 0 {
		t.Errorf("read from the wire and not kept: %v", keys)
	}
}

func TestReadOfUnknowns(t *testing.T) {
	t.Parallel()
	var prior Settings
	for _, f := range modelFields(Settings{}) {
		switch f.in(&prior).Interface().(type) {
		case types.String:
			f.in(&prior).Set(reflect.ValueOf(types.StringUnknown()))
		case types.Int64:
			f.in(&prior).Set(reflect.ValueOf(types.Int64Unknown()))
		case types.Bool:
			f.in(&prior).Set(reflect.ValueOf(types.BoolUnknown()))
		case types.Set:
			f.in(&prior).Set(reflect.ValueOf(types.SetUnknown(types.StringType)))
		}
	}
	prior.Dialect = types.StringValue("postgres")
	got := read(bareAnswer(testID), prior)
	for _, f := range modelFields(Settings{}) {
		value := f.in(&got).Interface().(attr.Value)
		if want := f.name == "id" || f.name == "dialect"; value.IsUnknown() || !value.IsNull() != want {
			t.Errorf("%s is %v after a server that returns nothing", f.name, value)
		}
	}
}

func TestReadKeepsWhatMeansTheSame(t *testing.T) {
	t.Parallel()
	text := types.StringValue
	for name, c := range map[string]struct {
		wire        map[string]any
		prior, want Settings
	}{
		"one role under two names": {
			map[string]any{"baseRole": "QUERY_TOPICS"}, Settings{BaseRole: text("RESTRICTED_QUERIER")}, Settings{BaseRole: text("RESTRICTED_QUERIER")},
		},
		"another role": {
			map[string]any{"baseRole": "QUERIER"}, Settings{BaseRole: text("RESTRICTED_QUERIER")}, Settings{BaseRole: text("QUERIER")},
		},
		"the role after an import": {
			map[string]any{"baseRole": "QUERY_TOPICS"}, Settings{}, Settings{BaseRole: text("QUERY_TOPICS")},
		},
		"Snowflake's default schema": {
			map[string]any{"dialect": "snowflake", "defaultSchema": nil},
			Settings{DefaultSchema: text("PUBLIC")},
			Settings{Dialect: text("snowflake"), DefaultSchema: text("PUBLIC")},
		},
		"Snowflake's default schema, returned": {
			map[string]any{"dialect": "snowflake", "defaultSchema": "OTHER"},
			Settings{DefaultSchema: text("PUBLIC")},
			Settings{Dialect: text("snowflake"), DefaultSchema: text("OTHER")},
		},
		"another dialect's default schema": {
			map[string]any{"dialect": "mssql", "defaultSchema": nil}, Settings{DefaultSchema: text("dbo")}, Settings{Dialect: text("mssql")},
		},
		"a cleared text": {
			map[string]any{"host": nil}, Settings{Host: text("")}, Settings{Host: text("")},
		},
		"an older name of the dialect": {
			map[string]any{"dialect": "sqlserver"}, Settings{Dialect: text("mssql")}, Settings{Dialect: text("mssql")},
		},
	} {
		c.wire["id"] = testID
		got := read(connectionOf(t, c.wire), c.prior)
		for _, f := range modelFields(Settings{}) {
			value, want := f.in(&got).Interface().(attr.Value), f.in(&c.want).Interface().(attr.Value)
			if f.name != "id" && !value.Equal(want) && (framework.IsSet(value) || framework.IsSet(want)) {
				t.Errorf("%s: %s is %v, want %v", name, f.name, value, want)
			}
		}
	}
}

// Of fabric and of dialects that are not known, nothing is ruled out.
func TestDialectUses(t *testing.T) {
	t.Parallel()
	for dialect, want := range map[string]bool{"snowflake": true, "postgres": false, "fabric": true, "newer": true, "": true} {
		if dialectUses(dialect, "warehouse") != want || !dialectUses(dialect, "name") {
			t.Errorf("a warehouse of %q: %t", dialect, !want)
		}
	}
}

func TestCreateRequest(t *testing.T) {
	t.Parallel()
	password := secret.New("p")
	m := model{
		Settings:    Settings{Name: types.StringValue("n"), Dialect: types.StringValue("bigquery"), Host: types.StringUnknown(), Region: types.StringValue("us")},
		WIFAudience: types.StringValue("aud"), WIFServiceAccountEmail: types.StringValue("a@b"),
	}
	got := m.createRequest(omni.ConnectionSecrets{Password: &password})
	want := omni.ConnectionCreate{
		Dialect:     "bigquery",
		Settings:    omni.ConnectionSettings{Name: nullable.Of("n"), Region: nullable.Of("us")},
		Secrets:     omni.ConnectionSecrets{Password: &password},
		WIFAudience: nullable.Of("aud"), WIFServiceAccountEmail: nullable.Of("a@b"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestAbsentKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wire map[string]any
		want bool // whether the default schema is among them
	}{
		{map[string]any{"dialect": "snowflake", "defaultSchema": nil}, true},
		{map[string]any{"dialect": "snowflake"}, true},
		{map[string]any{"dialect": "snowflake", "defaultSchema": "s"}, false},
		{map[string]any{"dialect": "mssql", "defaultSchema": nil}, false},
		{map[string]any{"dialect": "mssql"}, true},
	} {
		c.wire["id"], c.wire["host"] = testID, nil
		absent := absentKeys(connectionOf(t, c.wire))
		if slices.Contains(absent, "defaultSchema") != c.want || slices.Contains(absent, "host") || !slices.Contains(absent, "port") || !slices.Contains(absent, "wifAudience") {
			t.Errorf("%v: %v", c.wire, absent)
		}
	}
}

func TestAdoptsOneUnreadSettingAtATime(t *testing.T) {
	t.Parallel()
	var unread []string
	for _, key := range wireNames(t) {
		unread = append(unread, key)
	}
	unread = append(unread, createOnlyKeys...)
	for _, f := range modelFields(model{}) {
		if !slices.Contains(unread, wireNameOf(t, f.name)) {
			continue
		}
		var m model
		value, _ := distinct(f, &m)
		f.in(&m).Set(reflect.ValueOf(value))
		key := wireNameOf(t, f.name)
		if got := m.adopts(model{}, unread); !slices.Equal(got, []string{key}) {
			t.Errorf("%s: adopts %v", f.name, got)
		}
		if got := m.adopts(m, unread); len(got) != 0 {
			t.Errorf("%s: adopts %v a second time", f.name, got)
		}
		if got := m.adopts(model{}, nil); len(got) != 0 {
			t.Errorf("%s: adopts %v, which was read", f.name, got)
		}
	}
}

func wireNameOf(t *testing.T, attribute string) string {
	t.Helper()
	for _, key := range createOnlyKeys {
		if framework.AttributeName(key) == attribute {
			return key
		}
	}
	return wireNames(t)[attribute]
}

// Each name must lead to its own attribute.
func TestDialectTablesNameAttributes(t *testing.T) {
	t.Parallel()
	names := slices.Collect(maps.Keys(onlyForDialects))
	for _, required := range requiredByDialect {
		names = append(names, required...)
	}
	names = append(names, "username", "warehouse", "wif_audience") // of requiredBySignIn
	fields := map[string]modelField{}
	for _, f := range modelFields(model{}) {
		fields[f.name] = f
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names {
		f, ok := fields[name]
		if !ok {
			t.Errorf("the tables name %s, which is no attribute", name)
			continue
		}
		var m model
		value, _ := distinct(f, &m)
		f.in(&m).Set(reflect.ValueOf(value))
		attributes := framework.Attributes(m)
		if got := attributes[name]; !got.Equal(value) {
			t.Errorf("%s is %v", name, got)
		}
		for _, other := range names {
			if other != name && !attributes[other].IsNull() {
				t.Errorf("%s shows %s", other, name)
			}
		}
	}
}

func TestDialectTablesAgree(t *testing.T) {
	t.Parallel()
	for name, dialects := range onlyForDialects {
		for _, d := range dialects {
			if _, known := requiredByDialect[d]; !known {
				t.Errorf("%s is for the unknown dialect %s", name, d)
			}
		}
	}
	for dialect, required := range requiredByDialect {
		for _, name := range required {
			if only, restricted := onlyForDialects[name]; restricted && !slices.Contains(only, dialect) {
				t.Errorf("%s requires %s and does not use it", dialect, name)
			}
		}
	}
	for kind, dialect := range authenticationTypes {
		if !slices.Contains(onlyForDialects["authentication_type"], dialect) {
			t.Errorf("authentication type %s is of %s, which has none", kind, dialect)
		}
	}
	if got := len(knownDialects()); got != 18 {
		t.Errorf("%d dialects", got)
	}
}

func TestObjectNamesWhatIsKnown(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]Settings{
		`Omni connection "n" (1)`: {Name: types.StringValue("n"), ID: types.StringValue("1")},
		`Omni connection "n"`:     {Name: types.StringValue("n"), ID: types.StringUnknown()},
		`Omni connection 1`:       {ID: types.StringValue("1")},
	} {
		if got := s.object(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What the protocol tests know, which stand outside of the package because the
// provider that they drive imports it.
var (
	RequiredByDialect = requiredByDialect
	OnlyForDialects   = onlyForDialects
)
