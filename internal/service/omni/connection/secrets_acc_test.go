// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// credentials are the three that a snowflake connection can have at once, in
// their n-th value.
func credentials(n int) attributes {
	return attributes{
		"password":            fmt.Sprintf("password-%d", n),
		"private_key":         privateKeys()[n],
		"oauth_client_secret": fmt.Sprintf("client-secret-%d", n),
	}
}

// writeOnly gives the same values in the form that no state keeps.
func writeOnly(n int) attributes {
	a := attributes{}
	for name, value := range credentials(n) {
		a[name+"_wo"] = value
	}
	return a
}

func withVersion(n, version int) attributes {
	a := writeOnly(n)
	for name := range credentials(n) {
		a[name+"_wo_version"] = version
	}
	return a
}

// In each form and between the forms a secret is sent when it changed, and at no
// other time; the server has exactly the value; the id stays; and the plan shows
// a rotation as a new credentials_updated_at.
func TestSecrets(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	account := minimal()["snowflake"].With(attributes{"password": nil})
	id := statecheck.CompareValue(compare.ValuesSame())
	kept := func(n int) acctest.Check {
		return acctest.CheckThat(func() error {
			for name, want := range credentials(n) {
				if got, _ := omni.Secret(omni.Only(t, "test").ID, wireName(name)); got != want {
					return fmt.Errorf("the server has the %s %q, not %q", name, got, want)
				}
			}
			return nil
		})
	}
	step := func(config attributes, n int, plan []plancheck.PlanCheck, checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{
			Config:            omni.Config(connection("test", account, config)),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: plan},
			ConfigStateChecks: append(checks, id.AddStateValue(address("test"), tfjsonpath.New("id")), kept(n)),
		}
	}
	updates := plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionUpdate)
	sends := func(config attributes, n int) resource.TestStep {
		return step(config, n, []plancheck.PlanCheck{
			updates,
			plancheck.ExpectUnknownValue(address("test"), tfjsonpath.New("credentials_updated_at")),
			plancheck.ExpectKnownValue(address("test"), tfjsonpath.New("id"), knownvalue.NotNull()),
			omni.ExpectNoWarning(),
		}, omni.ExpectWrites(patch(credentials(n))))
	}
	unchanged := func(config attributes, n int) resource.TestStep {
		return step(config, n, []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}, omni.ExpectWrites())
	}
	removed := func(n int) resource.TestStep {
		return step(nil, n, []plancheck.PlanCheck{
			updates,
			omni.ExpectWarning("password", "The server keeps the password of"),
			omni.ExpectWarning("private_key", "The server keeps the private_key of"),
			omni.ExpectWarning("oauth_client_secret", "The server keeps the oauth_client_secret of"),
			plancheck.ExpectKnownValue(address("test"), tfjsonpath.New("credentials_updated_at"), knownvalue.NotNull()),
		}, omni.ExpectWrites())
	}
	create := step(credentials(0), 0, nil, omni.ExpectWrites("POST connections"),
		statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("credentials_updated_at"), knownvalue.NotNull()),
		statecheck.ExpectSensitiveValue(address("test"), tfjsonpath.New("password")),
		statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("password"), knownvalue.StringExact("password-0")))

	omni.Run(t,
		create,
		sends(credentials(1), 1),
		removed(1),
		// Write-only without a version: a hash tells.
		sends(writeOnly(2), 2),
		unchanged(writeOnly(2), 2),
		sends(writeOnly(0), 0),
		// With a version: the version tells, the value does not.
		sends(withVersion(1, 1), 1),
		unchanged(withVersion(2, 1), 1),
		sends(withVersion(2, 2), 2),
		// Between the forms.
		sends(credentials(0), 0),
		sends(withVersion(1, 1), 1),
		sends(writeOnly(2), 2),
		func() resource.TestStep {
			s := removed(2)
			// A hash has no attribute: what was removed shows in the warning alone.
			s.ConfigPlanChecks.PreApply = s.ConfigPlanChecks.PreApply[1:]
			return s
		}(),
	)
}

// Removing versioned secrets warns too, once.
func TestVersionedSecretRemoved(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	versioned := postgres(attributes{"password": nil, "password_wo": "versioned", "password_wo_version": 7})
	bare := postgres(attributes{"password": nil})
	omni.Run(t,
		resource.TestStep{
			Config: omni.Config(connection("test", versioned)),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("password_wo"), knownvalue.Null()),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("password_wo_version"), knownvalue.Int64Exact(7)),
			},
		},
		resource.TestStep{
			Config: omni.Config(connection("test", bare)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				omni.ExpectWarning("password", "The server keeps the password of"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites()},
		},
		resource.TestStep{
			Config: omni.Config(connection("test", bare)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectEmptyPlan(), omni.ExpectNoWarning(),
			}},
		},
	)
}

// A write-only secret is in no file that the CLI writes and in nothing that the
// provider hands out, neither with a version nor with a hash in its place.
func TestWriteOnlySecretIsKeptNowhere(t *testing.T) {
	for name, version := range map[string]struct{ before, after any }{"version": {1, 2}, "hash": {nil, nil}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const secret = "canary-b7f31c9a"
			omni := acctest.StartOmni(t, omnimock.Options{})
			session := omni.Session(t)
			config := func(version any) string {
				return omni.Config(
					"variable \"secret\" {\n  type      = string\n  ephemeral = true\n}\n",
					connection("test", postgres(attributes{"password": nil, "password_wo": acctest.Expression("var.secret"), "password_wo_version": version})))
			}
			session.Write(config(version.before))
			variable := "-var=secret=" + secret

			output := session.Run("plan", "-out=plan", variable)
			output += session.Run("show", "-json", "plan")
			output += session.Run("apply", variable, "plan")
			output += session.Read("terraform.tfstate")
			output += session.Run("show", "-json")
			if got, _ := omni.Secret(omni.Only(t, "test").ID, "passwordUnencrypted"); got != secret {
				t.Errorf("the server has the password %q", got)
			}
			rotate := "-var=secret=" + secret + "-2"
			session.Write(config(version.after))
			output += session.Run("apply", "-auto-approve", rotate)
			output += session.Read("terraform.tfstate")
			output += session.Read("terraform.tfstate.backup")
			if got, _ := omni.Secret(omni.Only(t, "test").ID, "passwordUnencrypted"); got != secret+"-2" {
				t.Errorf("after the rotation the server has the password %q", got)
			}
			output += session.Run("destroy", "-auto-approve", rotate)

			if strings.Contains(output, secret) || strings.Contains(output, base64.StdEncoding.EncodeToString([]byte(secret))) {
				t.Errorf("the secret is in the output or in a file:\n%s", output)
			}
			omni.RequireKept(t, secret)
		})
	}
}

// What a server repeats of a secret is masked before it is shown.
func TestEchoedSecretsAreMasked(t *testing.T) {
	const secret = `tr0ub4dor"&3`
	omni := acctest.StartOmni(t, omnimock.Options{EchoSecretsInErrors: true})
	refused := func(config attributes, message string) resource.TestStep {
		return resource.TestStep{Config: omni.Config(connection("test", config)), ExpectError: acctest.Saying(message)}
	}
	masked := func() {
		said := fmt.Sprint(omni.Said())
		encoded, _ := json.Marshal(secret)
		if strings.Contains(said, "tr0ub4dor") || strings.Contains(said, strings.Trim(string(encoded), `"`)) {
			t.Errorf("the secret is shown: %s", said)
		}
		if !strings.Contains(said, "(redacted)") {
			t.Errorf("the mask is missing: %s", said)
		}
	}
	unknown := refused(postgres(attributes{"dialect": "newdb", "password": secret}), "Invalid connection dialect")
	create := resource.TestStep{PreConfig: masked, Config: omni.Config(connection("test", postgres()))}
	change := refused(postgres(attributes{"password": secret}), "too weak")
	change.PreConfig = func() {
		body, _ := json.Marshal(map[string]any{"detail": "password " + secret + " is too weak", "status": 400})
		omni.Faults().Add(fault.Fault{Method: http.MethodPatch, Status: http.StatusBadRequest, Body: string(body)})
	}
	last := create
	last.ConfigStateChecks = []statecheck.StateCheck{omni.ExpectWrites()} // the old password is in the state still
	omni.Run(t, unknown, create, change, last)
}
