// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

func validate(t *testing.T, v validator.String, value types.String) diag.Diagnostics {
	t.Helper()
	resp := &validator.StringResponse{}
	v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("x"), ConfigValue: value}, resp)
	return resp.Diagnostics
}

const id = "550e8400-e29b-41d4-a716-446655440000"

func TestValidators(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		validator validator.String
		good      []string
		bad       map[string]string // value to words of the problem
	}{
		"HostName": {framework.HostName(), []string{"", "db.example.com", "10.0.0.1", "::1", "[::1]", "fe80::1%eth0", "account", "a_b-c", "dätenbank.example.com", "db.example.com.", `db\SQLEXPRESS`}, map[string]string{
			"https://db.example.com": `write "db.example.com"`, "postgres://u:hunter2@db.example.com:5432/x": `write "db.example.com", and set port = 5432`, "jdbc:postgresql://": "remove everything",
			"db.example.com:": `remove ":"`, "[::1]:5432": "set port = 5432", "db.example.com,1433": `remove ",1433" and set port = 1433`, "db.example.com/path": "path", "user@db": "user", "a b": "spaces", "db\n": "spaces", "db.example.com:5432": "set port = 5432", "db?x": "path", "db#x": "path",
		}},
		"UUID": {framework.UUID(), []string{id, strings.ToUpper(id), " " + id + "\n"}, map[string]string{
			"": "expected a UUID", "550e8400": "expected a UUID", "{" + id + "}": "expected a UUID", "urn:uuid:" + id: "expected a UUID",
			strings.ReplaceAll(id, "-", ""): "expected a UUID", id + "/..": "expected a UUID",
		}},
		"OneOf":    {framework.OneOf("v1", "unstable"), []string{"v1", "unstable"}, map[string]string{"": "is not one of v1, unstable", "V1": `did you mean "v1"?`, "v": "is not one of v1, unstable"}},
		"NotEmpty": {framework.NotEmpty(), []string{"a", " "}, map[string]string{"": "the value is empty"}},
		"Element":  {framework.Element(), []string{"a", ",", " "}, map[string]string{"": "compact(split(...))"}},
		"HTTPSURL": {framework.HTTPSURL(), []string{"", "https://a.example.com", "https://a/b?c=d"}, map[string]string{
			"http://a.example.com": "https://", "a.example.com": "https://", "https://": "https://", "https:///path": "https://", "://": "https://", "https://a\x7f": "https://",
		}},
	} {
		for _, value := range c.good {
			if diags := validate(t, c.validator, types.StringValue(value)); len(diags) > 0 {
				t.Errorf("%s refuses %q: %v", name, value, diags)
			}
		}
		for value, words := range c.bad {
			diags := validate(t, c.validator, types.StringValue(value))
			if !diags.HasError() || !strings.Contains(diags[0].Detail(), words) || strings.HasSuffix(diags[0].Detail(), "= ") || !strings.Contains(diags[0].Summary(), "x") {
				t.Errorf("%s on %q: %v", name, value, diags)
			}
		}
		for _, value := range []types.String{types.StringNull(), types.StringUnknown()} {
			if diags := validate(t, c.validator, value); len(diags) > 0 {
				t.Errorf("%s judges %s: %v", name, value, diags)
			}
		}
		if c.validator.Description(t.Context()) == "" || c.validator.MarkdownDescription(t.Context()) == "" {
			t.Errorf("%s has no description", name)
		}
	}
}

func TestUnknownValueOfAnOpenSetOnlyWarns(t *testing.T) {
	t.Parallel()
	v := framework.KnownValue("dialect", "postgres", "mysql")
	if diags := validate(t, v, types.StringValue("postgres")); len(diags) > 0 {
		t.Error(diags)
	}
	diags := validate(t, v, types.StringValue("Postgres"))
	if diags.HasError() || len(diags) != 1 || !strings.Contains(diags[0].Detail(), "postgres, mysql") {
		t.Error(diags)
	}
}

func TestWarnString(t *testing.T) {
	t.Parallel()
	v := framework.WarnString("a short text", func(value string) error {
		if len(value) > 1 {
			return errors.New("it is long")
		}
		return nil
	})
	if got := v.Description(t.Context()); got != "a short text" {
		t.Errorf("it describes itself as %q", got)
	}
	if diags := validate(t, v, types.StringValue("a")); len(diags) > 0 {
		t.Error(diags)
	}
	if diags := validate(t, v, types.StringValue("ab")); diags.HasError() || len(diags) != 1 || diags[0].Detail() != "it is long" {
		t.Error(diags)
	}
}

// The path of an element of a set repeats its value, which the problem shows already.
func TestInvalidElementOfASet(t *testing.T) {
	t.Parallel()
	resp := &validator.StringResponse{}
	at := path.Root("schemas").AtSetValue(types.StringValue("v1"))
	framework.OneOf("v2").ValidateString(t.Context(), validator.StringRequest{Path: at, ConfigValue: types.StringValue("v1")}, resp)
	if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary() != "Invalid value of schemas" {
		t.Error(resp.Diagnostics)
	}
}

// A name that is nearly another is refused, any other only warned of.
func TestKnownName(t *testing.T) {
	t.Parallel()
	v := framework.KnownName("dialect", "postgres", "mysql")
	if diags := validate(t, v, types.StringValue("postgres")); len(diags) > 0 {
		t.Errorf("%v", diags)
	}
	if diags := validate(t, v, types.StringValue("postgers")); !diags.HasError() || !strings.Contains(diags[0].Detail(), `did you mean "postgres"?`) {
		t.Errorf("%v", diags)
	}
	if diags := validate(t, v, types.StringValue("clickhouse")); diags.HasError() || len(diags) != 1 || !strings.Contains(diags[0].Detail(), "It is sent as it is") {
		t.Errorf("%v", diags)
	}
}

func TestParseID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{id: id, strings.ToUpper(id): id, "  " + id + "\r\n": id} {
		if got, err := framework.ParseID(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{id, strings.ToUpper(id), "", "/", "..", "{" + id + "}", id + "/" + id, "\x00", "550e8400-e29b-41d4-a716-44665544000g"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := framework.ParseID(text)
		if err != nil {
			if got != "" {
				t.Fatalf("%q: an error and %q", text, got)
			}
			return
		}
		if len(got) != 36 || strings.Trim(got, "0123456789abcdef-") != "" {
			t.Fatalf("%q became %q, which is not fit for a URL", text, got)
		}
		if again, err := framework.ParseID(got); err != nil || again != got {
			t.Fatalf("%q became %q and then %q (%v)", text, got, again, err)
		}
	})
}

func TestPEMText(t *testing.T) {
	t.Parallel()
	const none, warning, refused = 0, diag.SeverityWarning, diag.SeverityError
	for value, want := range map[string]diag.Severity{
		"-----BEGIN A-----\\nb\\n-----END A-----":       warning,
		"-----BEGIN A-----\nb\n-----END A-----":         none,
		`a\nb`:                                          none,
		"-----BEGIN A-----\n# a\\b\\n\n-----END A-----": none,
		"CA":                      none,
		"/etc/ssl/ca.pem":         refused,
		"ca.pem":                  refused,
		"certificates/client.crt": refused,
		"~/client.key":            refused,
		"./ca":                    refused,
		`C:\certificates\ca.pem`:  refused,
	} {
		diags := validate(t, framework.PEMText(), types.StringValue(value))
		if want == none && len(diags) > 0 || want != none && (len(diags) != 1 || diags[0].Severity() != want) {
			t.Errorf("%q: %v", value, diags)
		}
	}
}

func TestWithArticle(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"exasol": "an exasol", "postgres": "a postgres", "ORACLE": "an ORACLE", "UUID": "a UUID", "": "a "} {
		if got := framework.WithArticle(word); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

func TestWholeNumber(t *testing.T) {
	t.Parallel()
	number := framework.WholeNumber{}
	if !number.Equal(framework.WholeNumber{}) || !number.Equal(types.Int64Type) || number.Equal(types.StringType) {
		t.Error("it is another type than those with the same values")
	}
	if got := number.ValueType(t.Context()); got != (types.Int64{}) {
		t.Errorf("its values are of type %T", got)
	}
	for _, value := range []any{nil, tftypes.UnknownValue, 0, 5432, int64(math.MaxInt64)} {
		if diags := number.Validate(t.Context(), tftypes.NewValue(tftypes.Number, value), path.Root("port")); len(diags) > 0 {
			t.Errorf("%v: %v", value, diags)
		}
	}
	for _, value := range []any{nil, tftypes.UnknownValue, 5432} {
		of := tftypes.NewValue(tftypes.Number, value)
		got, err := number.ValueFromTerraform(t.Context(), of)
		want, _ := types.Int64Type.ValueFromTerraform(t.Context(), of)
		if err != nil || !got.Equal(want) {
			t.Errorf("%v becomes %v (%v)", value, got, err)
		}
	}
	// What Validate refuses has to come that far.
	if got, err := number.ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.Number, 5432.5)); err != nil || !got.Equal(types.Int64Value(5432)) {
		t.Errorf("%v (%v)", got, err)
	}
	for _, value := range []float64{5432.5, 1e30} {
		diags := number.Validate(t.Context(), tftypes.NewValue(tftypes.Number, value), path.Root("port"))
		if diags.ErrorsCount() != 1 || !strings.Contains(diags[0].Detail(), "whole number") {
			t.Errorf("%v: %v", value, diags)
		}
	}
}
