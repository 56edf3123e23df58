// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// failure runs a check in both of its roles and returns what it says.
func failure(t *testing.T, c Check) string {
	t.Helper()
	var plan plancheck.CheckPlanResponse
	c.CheckPlan(t.Context(), plancheck.CheckPlanRequest{}, &plan)
	var state statecheck.CheckStateResponse
	c.CheckState(t.Context(), statecheck.CheckStateRequest{}, &state)
	if (plan.Error == nil) != (state.Error == nil) {
		t.Errorf("of a plan %v, of a state %v", plan.Error, state.Error)
	}
	if plan.Error == nil {
		return ""
	}
	return plan.Error.Error()
}

func TestChecks(t *testing.T) {
	t.Parallel()
	s := &stage{writes: func() []string {
		return []string{`POST connections {"a":1} 200`, `POST connections {"a":2} 200`, "DELETE connections 204"}
	}}
	quiet := &stage{writes: func() []string { return nil }}
	s.notes.note(diagnostics)
	for name, c := range map[string]struct {
		check Check
		want  string // the beginning of what it says; "" where it passes
	}{
		"all writes":         {s.ExpectWrites("DELETE", `POST connections {"a":2}`, "POST connections"), ""},
		"a write that lacks": {s.ExpectWrites("PATCH"), "write not sent: PATCH\nsent:\n  POST connections"},
		"one write too few":  {s.ExpectWrites("DELETE", "POST", "POST", "POST"), "write not sent: POST\n"},
		"one write more":     {s.ExpectWrites("POST", "POST"), "unexpected writes:\n  DELETE connections 204"},
		"no write":           {quiet.ExpectWrites(), ""},
		"a warning":          {s.ExpectWarning("", "two"), ""},
		"another attribute":  {s.ExpectWarning("host", "two"), `missing warning on "host": two: ` + "\n" + `got error on "ssl": one: of them`},
		"an error":           {s.ExpectWarning("ssl", "one"), "missing warning"},
		"other words":        {s.ExpectWarning("", "two", "three"), `missing warning on "": two … three`},
		"warned":             {s.ExpectNoWarning(), `unexpected warning on "": two: `},
		"not warned":         {quiet.ExpectNoWarning(), ""},
		"a function":         {CheckThat(fails("no")), "no"},
	} {
		if got := failure(t, c.check); (got == "") != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if err := s.find(true, "ssl", []string{"one", "of them"}); err != nil {
		t.Error(err)
	}
	if err := s.find(true, "host", nil); err == nil || !strings.HasPrefix(err.Error(), `missing error on "host"`) {
		t.Errorf("%v", err)
	}
	refusing := &stage{writes: quiet.writes, notes: recorder{diagnostics: []Diagnostic{{IsError: true, Attribute: "host", Summary: "no"}}}}
	for name, c := range map[string]struct {
		require func(t *failtest.T)
		want    string
	}{
		"required":     {func(t *failtest.T) { Require(t, s.ExpectWarning("", "two"), quiet.ExpectWrites()) }, ""},
		"two failures": {func(t *failtest.T) { Require(t, CheckThat(fails("a")), quiet.ExpectWrites(), CheckThat(fails("b"))) }, "a\nb"},
		"kept":         {func(t *failtest.T) { s.RequireKept(t, "else") }, ""},
		"handed out":   {func(t *failtest.T) { s.RequireKept(t, "of them") }, `the provider handed the secret "of them" out`},
		"refused":      {func(t *failtest.T) { refusing.RequireRefused(t, "host", "no") }, ""},
		"not refused":  {func(t *failtest.T) { refusing.RequireRefused(t, "", "no") }, `missing error on "": no: ` + "\n" + `got error on "host": no: `},
		"sent anyway":  {func(t *failtest.T) { s.RequireRefused(t, "ssl", "one") }, "what was refused was sent anyway:\n  POST connections {\"a\":1} 200\n  POST"},
	} {
		if got := failtest.Run(t, c.require); (got == "") != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func fails(words string) func() error { return func() error { return errors.New(words) } }

// A step begins with an empty record, and two plans follow it where it applies a
// configuration that has to last.
func TestPreparedSteps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step   resource.TestStep
		checks int
	}{
		"a configuration": {resource.TestStep{Config: "c"}, 1},
		"a file":          {resource.TestStep{ConfigFile: config.StaticFile("f")}, 1},
		"none":            {resource.TestStep{}, 0},
		"an import":       {resource.TestStep{Config: "c", ImportState: true}, 0},
		"a destroy":       {resource.TestStep{Config: "c", Destroy: true}, 0},
		"an error":        {resource.TestStep{Config: "c", ExpectError: Saying("no")}, 0},
		"a plan that is":  {resource.TestStep{Config: "c", ExpectNonEmptyPlan: true}, 0},
	} {
		var order []string
		s := &stage{reset: func() { order = append(order, "reset") }}
		s.notes.note(diagnostics)
		c.step.PreConfig = func() { order = append(order, "before") }
		s.prepare(&c.step)
		if c.step.PreConfig(); !slices.Equal(order, []string{"before", "reset"}) || s.Said() != nil {
			t.Errorf("%s: %v, said %v", name, order, s.Said())
		}
		if checks := c.step.ConfigPlanChecks; len(checks.PostApplyPreRefresh) != c.checks || len(checks.PostApplyPostRefresh) != c.checks {
			t.Errorf("%s: %+v", name, checks)
		}
	}
	step := resource.TestStep{}
	(&stage{reset: func() {}}).prepare(&step)
	step.PreConfig()
}

// A test without TF_ACC, or with a CLI that is too old for it, is skipped. A script
// stands in for the CLI.
func TestRunSteps(t *testing.T) {
	useCLI(t, cli.CLI{Version: "1.11.4"})
	world := StartOmni(t, omnimock.Options{})
	steps := []resource.TestStep{{Config: world.Config()}, {Config: world.Config()}}
	t.Setenv("TF_ACC", "")
	if said := failtest.Run(t, func(t *failtest.T) { world.Run(t, steps...) }); !strings.HasPrefix(said, "skipped: Acceptance tests skipped unless env 'TF_ACC' set") {
		t.Errorf("without TF_ACC: %q", said)
	}
	for i, step := range steps {
		if step.PreConfig == nil {
			t.Errorf("step %d is not prepared", i)
		}
	}
	t.Setenv("TF_ACC", "1")
	t.Setenv(cli.PathVariable, program(t, "terraform", `case $1 in
version) echo '{"terraform_version":"1.11.4"}';;
init) echo "no init, providers: $TF_REATTACH_PROVIDERS" >&2; exit 1;;
esac`))
	tooOld := []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)}
	if said := failtest.Run(t, func(t *failtest.T) { world.RunFrom(t, tooOld, steps...) }); !strings.HasPrefix(said, "skipped: Terraform CLI version 1.11.4 is below") {
		t.Errorf("from 1.12 on: %q", said)
	}
	if said := failtest.Run(t, func(t *failtest.T) { world.Run(t, steps...) }); !strings.Contains(said, "no init, providers: {") || !strings.Contains(said, "/dataconn\"") {
		t.Errorf("with a CLI that cannot init: %q", said)
	}
	useCLI(t, cli.CLI{Version: "1.10.4"})
	if said := failtest.Run(t, func(t *failtest.T) { world.Run(t, steps...) }); !strings.HasPrefix(said, "skipped: this uses write-only arguments") {
		t.Errorf("without write-only arguments: %q", said)
	}
}

// The provider of a world finds its server without a block, in the environment that is
// made for it, and what it hands out is noted.
func TestProvidersOfAWorld(t *testing.T) {
	t.Parallel()
	world := StartOmni(t, omnimock.Options{})
	world.AddConnection(map[string]any{"name": "seen by the provider", "dialect": "exasol"})
	server, err := world.Providers()["dataconn"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	const list = "dataconn_omni_connections"
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: empty(t, schemas.Provider)})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatalf("%v, said %v", err, world.Said())
	}
	read, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: list, Config: empty(t, schemas.DataSourceSchemas[list])})
	if err != nil || len(read.Diagnostics) > 0 || !world.notes.handedOut("seen by the provider") {
		t.Errorf("%v, said %v", err, world.Said())
	}
}

// empty is a block in which nothing is set.
func empty(t *testing.T, schema *tfprotov6.Schema) *tfprotov6.DynamicValue {
	t.Helper()
	attributes := map[string]tftypes.Value{}
	for _, a := range schema.Block.Attributes {
		attributes[a.Name] = tftypes.NewValue(a.ValueType(), nil)
	}
	value, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), attributes))
	if err != nil {
		t.Fatal(err)
	}
	return &value
}

func TestSaying(t *testing.T) {
	t.Parallel()
	pattern := Saying("a (very) long message")
	for text, want := range map[string]bool{"Error: a (very)\n│   long message.": false, "a (very)\n  long message": true, "a very long message": false} {
		if pattern.MatchString(text) != want {
			t.Errorf("%q: want %t", text, want)
		}
	}
}
