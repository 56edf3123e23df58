// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

func TestStringListDecodesEveryForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`[]`:                       {},
		`null`:                     {},
		`""`:                       {},
		`"  "`:                     {},
		`"a"`:                      {"a"},
		`"a,b"`:                    {"a", "b"},
		`" a , b ,,"`:              {"a", "b"},
		`["a","b"]`:                {"a", "b"},
		`["us-east, production"]`:  {"us-east", "production"}, // as the documentation shows it
		`["a",null,"b"]`:           {"a", "b"},
		`["a",""]`:                 {"a"},
		`[1, 2.50, true]`:          {"1", "2.50", "true"},
		`12345678901234567890`:     {"12345678901234567890"},
		`["naïve","日本"]`:           {"naïve", "日本"},
		`["quote\"d","line\nend"]`: {"quote\"d", "line\nend"},
	} {
		var got omni.StringList
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{`{}`, `[["a"]]`, `[{"a":1}]`} {
		var got omni.StringList
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s became %q", text, got)
		}
	}
	// The decoder of JSON sees to that itself; whoever calls without it is told too.
	for _, decode := range []func([]byte) error{new(omni.StringList).UnmarshalJSON, new(omni.AttributeValue).UnmarshalJSON} {
		if err := decode([]byte(`["a"`)); err == nil {
			t.Error("half an array was decoded")
		}
	}
}

func TestStringListEncodesAnArray(t *testing.T) {
	t.Parallel()
	for want, list := range map[string]omni.StringList{`[]`: nil, `["a","b"]`: {"a", "b"}} {
		if got, err := json.Marshal(list); err != nil || string(got) != want {
			t.Errorf("%q: got %s, %v", list, got, err)
		}
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]omni.Digits{`"0"`: 0, `"9223372036854775807"`: 9223372036854775807, `1000`: 1000} {
		var got omni.Digits
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{`"1e3"`, `"x7"`, `"7x"`, `""`, `"9223372036854775808"`, `1.5`, `true`, `[]`, `{}`} {
		var got omni.Digits
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s became %d", text, got)
		}
	}
	if got, _ := json.Marshal(omni.Digits(1000)); string(got) != `"1000"` {
		t.Errorf("1000 is sent as %s", got)
	}
}

func FuzzStringList(f *testing.F) {
	for _, seed := range []string{`"a,b"`, `["us-east, production"]`, `[1,null,true]`, `null`, `[["a"]]`, `{"a":"b"}`, `"`, ``, `[1e400]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var list omni.StringList
		if json.Unmarshal(data, &list) != nil {
			return
		}
		for _, element := range list {
			if strings.TrimSpace(element) != element || element == "" || strings.Contains(element, ",") {
				t.Fatalf("%s: element %q cannot be sent back", data, element)
			}
		}
		encoded, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		var again omni.StringList
		if err := json.Unmarshal(encoded, &again); err != nil || !slices.Equal(list, again) {
			t.Fatalf("%s: %q became %q on the way back (%v)", data, list, again, err)
		}
	})
}

func FuzzConnection(f *testing.F) {
	for _, seed := range []string{
		`{"id":"550e8400-e29b-41d4-a716-446655440000","name":"n","dialect":"sqlserver","port":1,"includeSchemas":["a"],"maxBillingBytes":"1"}`,
		`{"id":"x","userAttributeNameForConnectionsEnvironments":"a","userAttributeValuesForDefaultEnvironment":"prod"}`,
		`{"id":"x","userAttributeNameForConnectionEnvironments":null,"deletedAt":"2026-01-01T00:00:00Z"}`,
		`{"includeSchemas":"a,b","offloadedSchemas":null}`, `null`, `[]`, `{"port":"5432"}`, `{"name":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c omni.Connection
		if json.Unmarshal(data, &c) != nil {
			return
		}
		// What was read can be sent, and reads back the same.
		encoded, err := json.Marshal(c.ConnectionSettings)
		if err != nil {
			t.Fatal(err)
		}
		var again omni.ConnectionSettings
		if err := json.Unmarshal(encoded, &again); err != nil || !reflect.DeepEqual(c.ConnectionSettings, again) {
			t.Fatalf("%s reads back as %+v (%v)", encoded, again, err)
		}
		if c.IsDeleted() && c.DeletedAt.Or("") == "" {
			t.Fatal("deleted without a time")
		}
	})
}

func FuzzDescribe(f *testing.F) {
	for _, seed := range []string{
		`{"detail":"Permission denied","status":403}`, `{"error":"Unauthorized","message":"Invalid bearer token"}`,
		`{"success":false,"error":"no"}`, `{"detail":{"a":1},"message":"m"}`, `{"detail":""}`, `<html>`, ``, `null`, `[]`, `"text"`,
	} {
		f.Add(403, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		detail := omni.Describe(status, body)
		if detail.Message != "" && !json.Valid(body) {
			t.Fatalf("%q was read out of what is not JSON", detail.Message)
		}
	})
}
