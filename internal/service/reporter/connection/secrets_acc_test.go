// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// In each form and between the forms both secrets are sent when they changed, and
// at no other time; ssl goes as a whole; and the plan shows a rotation as a new
// credentials_updated_at.
func TestSecrets(t *testing.T) {
	for i, name := range []string{"plain and hash", "version", "between the forms"} {
		t.Run(name, func(t *testing.T) {
			reporter := acctest.StartReporter(t, reportermock.Options{})
			hash, version, between := secretSteps(t, reporter)
			reporter.Run(t, [][]resource.TestStep{hash, version, between}[i]...)
		})
	}
}

func secretSteps(t *testing.T, reporter *acctest.Reporter) (hash, version, between []resource.TestStep) {
	t.Helper()
	id := statecheck.CompareValue(compare.ValuesSame())
	value := func(name string, n int) string { return fmt.Sprintf("%s-%d", name, n) }
	plain := func(n int) attributes {
		return full(attributes{"password": value("password", n), "ssl": withSSL(attributes{"key": value("key", n)})})
	}
	writeOnly := func(n int, version any) attributes {
		return full(attributes{
			"password": nil, "password_wo": value("password", n), "password_wo_version": version,
			"ssl": withSSL(attributes{"key": nil, "key_wo": value("key", n), "key_wo_version": version}),
		})
	}
	without := func() attributes {
		return full(attributes{"password": nil, "ssl": withSSL(attributes{"key": nil})})
	}
	step := func(config attributes, n int, plan []plancheck.PlanCheck, writes ...string) resource.TestStep {
		return resource.TestStep{
			Config:           reporter.Config(connection(config)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: plan},
			ConfigStateChecks: []statecheck.StateCheck{
				id.AddStateValue(address, tfjsonpath.New("id")),
				reporter.ExpectWrites(writes...),
				keeps(reporter, map[string]string{"password": value("password", n), "ssl.key": value("key", n), "ssl.ca": "CA-1", "ssl.cert": "CERT-1"}),
			},
		}
	}
	sends := func(config attributes, n int) resource.TestStep {
		return step(config, n, []plancheck.PlanCheck{
			action(plancheck.ResourceActionUpdate),
			plancheck.ExpectUnknownValue(address, tfjsonpath.New("credentials_updated_at")),
			plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.NotNull()),
			reporter.ExpectNoWarning(),
		}, patch(map[string]any{"password": value("password", n), "ssl": wireSSL(withSSL(attributes{"key": value("key", n)}))}))
	}
	unchanged := func(config attributes, n int) resource.TestStep {
		return step(config, n, []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()})
	}
	removed := func(n int, what plancheck.ResourceActionType) resource.TestStep {
		return step(without(), n, []plancheck.PlanCheck{
			action(what),
			reporter.ExpectWarning("password", "The server keeps the password of"),
			reporter.ExpectWarning("ssl", "The server keeps the ssl.key of"),
		})
	}
	create := func(config attributes) resource.TestStep { return step(config, 0, nil, "POST connections") }
	hash = []resource.TestStep{
		create(plain(0)),
		sends(plain(1), 1),
		removed(1, plancheck.ResourceActionUpdate),
		// Write-only without a version: a hash tells.
		sends(writeOnly(2, nil), 2),
		unchanged(writeOnly(2, nil), 2),
		sends(writeOnly(0, nil), 0),
	}
	version = []resource.TestStep{
		// With a version: the version tells, the value does not.
		create(writeOnly(0, 1)),
		unchanged(writeOnly(1, 1), 0),
		sends(writeOnly(2, 2), 2),
	}
	between = []resource.TestStep{
		// Between the forms.
		create(writeOnly(0, nil)),
		sends(plain(1), 1),
		sends(writeOnly(0, 1), 0),
		sends(writeOnly(2, nil), 2),
		// Only a hash is known of them: a plan cannot tell a removal from ignore_changes.
		removed(2, plancheck.ResourceActionNoop),
		{
			Config:           reporter.Config(connection(without())),
			ConfigPlanChecks: planChecks(plancheck.ExpectEmptyPlan()),
		},
	}
	return hash, version, between
}

// A write-only key goes along whenever anything of ssl is sent, and a key that is
// no longer configured is lost then, which a warning says.
func TestKeyGoesWithSSL(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	config := func(ssl attributes) string { return reporter.Config(connection(full(attributes{"ssl": ssl}))) }
	writeOnly := withSSL(attributes{"key": nil, "key_wo": "wo-key", "key_wo_version": 1})
	noKey := withSSL(attributes{"key": nil, "mode": "allow"})
	reporter.Run(t,
		resource.TestStep{Config: config(writeOnly)},
		resource.TestStep{
			Config: config(writeOnly.With(attributes{"mode": "prefer"})),
			ConfigStateChecks: []statecheck.StateCheck{
				reporter.ExpectWrites(patch(map[string]any{"ssl": map[string]any{"mode": "prefer", "ca": "CA-1", "cert": "CERT-1", "key": "wo-key"}})),
			},
		},
		resource.TestStep{
			Config:           config(noKey),
			ConfigPlanChecks: planChecks(reporter.ExpectWarning("ssl", "The server loses the ssl.key of")),
			ConfigStateChecks: []statecheck.StateCheck{
				reporter.ExpectWrites(patch(map[string]any{"ssl": map[string]any{"mode": "allow", "ca": "CA-1", "cert": "CERT-1"}})),
				keeps(reporter, map[string]string{"ssl.key": ""}),
			},
		},
	)
}

// Write-only secrets are in no file that the CLI writes, in none of its output,
// its log at the lowest level included, and in nothing that the provider hands
// out; the credentials of the provider itself are in no log either.
func TestWriteOnlySecretsAreKeptNowhere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		auth          reportermock.Auth
		before, after any
	}{
		"version, client credentials": {reportermock.ClientCredentials, 1, 2},
		"hash, static token":          {reportermock.StaticToken, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporter := acctest.StartReporter(t, reportermock.Options{Auth: c.auth})
			session := reporter.Session(t)
			session.Setenv("TF_LOG", "TRACE")
			config := func(version any) string {
				return strings.Join([]string{ // the credentials are in the environment
					"variable \"secret\" {\n  type      = string\n  ephemeral = true\n}\n",
					connection(full(attributes{
						"password": nil, "password_wo": acctest.Expression(`"pass-${var.secret}"`), "password_wo_version": version,
						"ssl": withSSL(attributes{"key": nil, "key_wo": acctest.Expression(`"key-${var.secret}"`), "key_wo_version": version}),
					})),
				}, "\n")
			}
			secrets := []string{"pass-canary-1f8c", "key-canary-1f8c", "pass-canary-2f8c", "key-canary-2f8c"}
			arrived := func(n int) {
				t.Helper()
				acctest.Require(t, keeps(reporter, map[string]string{"password": secrets[2*n], "ssl.key": secrets[2*n+1]}))
			}
			session.Setenv("TF_VAR_secret", "canary-1f8c")
			session.Write(config(c.before))
			output := session.Run("plan", "-out=plan")
			output += session.Run("show", "-json", "plan")
			output += session.Run("apply", "plan")
			output += session.Read("terraform.tfstate")
			output += session.Run("show", "-json")
			arrived(0)
			session.Setenv("TF_VAR_secret", "canary-2f8c")
			session.Write(config(c.after))
			output += session.Run("apply", "-auto-approve")
			output += session.Read("terraform.tfstate")
			output += session.Read("terraform.tfstate.backup")
			arrived(1)
			output += session.Run("destroy", "-auto-approve")
			for _, s := range append(secrets, reporter.Token(), reporter.ClientSecret()) {
				if s == "" {
					continue
				}
				if i := strings.Index(output, s); i >= 0 {
					t.Errorf("%q is in the output or in a file: …%s…", s, output[max(0, i-200):min(len(output), i+200)])
				}
				reporter.RequireKept(t, s)
			}
		})
	}
}
