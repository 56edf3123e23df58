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

// secretSteps are steps of one connection with three secrets, after each of which
// the id is the same and the server has exactly the n-th values.
type secretSteps struct {
	*acctest.Omni
	t      *testing.T
	sameID func() statecheck.StateCheck
}

func (s secretSteps) step(config attributes, n int, plan []plancheck.PlanCheck, checks ...statecheck.StateCheck) resource.TestStep {
	kept := acctest.CheckThat(func() error {
		for name, want := range credentials(n) {
			if got, _ := s.Secret(s.Only(s.t, "test").ID, wireName(name)); got != want {
				return fmt.Errorf("the server has the %s %q, not %q", name, got, want)
			}
		}
		return nil
	})
	return resource.TestStep{
		Config:            s.Config(connection("test", minimal()["snowflake"], attributes{"password": nil}, config)),
		ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: plan},
		ConfigStateChecks: append(checks, s.sameID(), kept),
	}
}

func (s secretSteps) creates(config attributes, n int) resource.TestStep {
	return s.step(config, n, []plancheck.PlanCheck{s.ExpectNoWarning()},
		s.ExpectWrites("POST connections"),
		statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("credentials_updated_at"), knownvalue.NotNull()),
		statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("password_wo"), knownvalue.Null()))
}

// sends is a step that sends the secrets and nothing else, which the plan shows
// as a new time and not as a new id.
func (s secretSteps) sends(config attributes, n int) resource.TestStep {
	return s.step(config, n, []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionUpdate),
		plancheck.ExpectUnknownValue(address("test"), tfjsonpath.New("credentials_updated_at")),
		plancheck.ExpectKnownValue(address("test"), tfjsonpath.New("id"), knownvalue.NotNull()),
		s.ExpectNoWarning(),
	}, s.ExpectWrites(patch(credentials(n))))
}

func (s secretSteps) unchanged(config attributes, n int) resource.TestStep {
	return s.step(config, n, []plancheck.PlanCheck{plancheck.ExpectEmptyPlan(), s.ExpectNoWarning()}, s.ExpectWrites())
}

// removed is a step that no longer configures the secrets: the server keeps
// them, with a warning, and they are not sent. Where only a hash is known of them,
// a plan cannot tell a removal from ignore_changes: it changes nothing, and warns
// again.
func (s secretSteps) removed(after *resource.TestStep, n int, action plancheck.ResourceActionType) []resource.TestStep {
	time := statecheck.CompareValue(compare.ValuesSame())
	sameTime := func() statecheck.StateCheck {
		return time.AddStateValue(address("test"), tfjsonpath.New("credentials_updated_at"))
	}
	after.ConfigStateChecks = append(after.ConfigStateChecks, sameTime())
	return []resource.TestStep{
		s.step(nil, n, []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address("test"), action),
			s.ExpectWarning("password", "The server keeps the password of"),
			s.ExpectWarning("private_key", "The server keeps the private_key of"),
			s.ExpectWarning("oauth_client_secret", "The server keeps the oauth_client_secret of"),
		}, s.ExpectWrites(), sameTime()),
		s.step(nil, n, []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}, s.ExpectWrites()),
	}
}

// In each form and between the forms, a secret is sent when it changed and at no
// other time.
func TestSecrets(t *testing.T) {
	for name, steps := range map[string]func(secretSteps) []resource.TestStep{
		"plain": func(s secretSteps) []resource.TestStep {
			steps := []resource.TestStep{s.creates(credentials(0), 0), s.sends(credentials(1), 1)}
			steps[0].ConfigStateChecks = append(steps[0].ConfigStateChecks,
				statecheck.ExpectSensitiveValue(address("test"), tfjsonpath.New("password")),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("password"), knownvalue.StringExact("password-0")))
			return append(steps, s.removed(&steps[1], 1, plancheck.ResourceActionUpdate)...)
		},
		// A hash tells that the value changed.
		"write-only": func(s secretSteps) []resource.TestStep {
			steps := []resource.TestStep{s.creates(writeOnly(0), 0), s.sends(writeOnly(1), 1)}
			return append(steps, s.removed(&steps[1], 1, plancheck.ResourceActionNoop)...)
		},
		// The version tells, the value does not.
		"version": func(s secretSteps) []resource.TestStep {
			steps := []resource.TestStep{
				s.creates(withVersion(0, 1), 0), s.unchanged(withVersion(1, 1), 0), s.sends(withVersion(1, 2), 1),
			}
			return append(steps, s.removed(&steps[2], 1, plancheck.ResourceActionUpdate)...)
		},
		"between the forms": func(s secretSteps) []resource.TestStep {
			return []resource.TestStep{
				s.creates(withVersion(0, 1), 0),
				s.sends(credentials(1), 1),
				s.sends(withVersion(2, 1), 2),
				s.sends(writeOnly(0), 0),
				s.sends(withVersion(1, 1), 1),
				s.sends(writeOnly(2), 2),
				s.sends(credentials(0), 0),
				s.sends(writeOnly(1), 1),
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := statecheck.CompareValue(compare.ValuesSame())
			s := secretSteps{acctest.StartOmni(t, omnimock.Options{}), t, func() statecheck.StateCheck {
				return id.AddStateValue(address("test"), tfjsonpath.New("id"))
			}}
			s.Run(t, steps(s)...)
		})
	}
}

// A write-only secret, and any part of one, is in no file that the CLI writes, in none
// of its output, its log at the lowest level included, and in nothing that the provider
// hands out, neither with a version nor with a hash in its place.
func TestWriteOnlySecretIsKeptNowhere(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]struct{ before, after any }{"version": {1, 2}, "hash": {nil, nil}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const canary = "canary-b7f31c9a"
			key := func(n int) string {
				document, _ := json.Marshal(map[string]string{
					"type":        "service_account",
					"private_key": fmt.Sprintf("-----BEGIN PRIVATE KEY-----\n%[1]s-line-%[2]d\n%[1]s-line\n-----END PRIVATE KEY-----\n", canary, n),
				})
				return string(document)
			}
			omni := acctest.StartOmni(t, omnimock.Options{})
			session := omni.Session(t)
			session.Setenv("TF_LOG", "TRACE")
			use := func(n int, version any) {
				session.Setenv("TF_VAR_secret", key(n)) // the log has the command line
				session.Write(omni.Config(
					"variable \"secret\" {\n  type      = string\n  ephemeral = true\n}\n",
					connection("test", postgres(attributes{"password": nil, "password_wo": acctest.Expression("var.secret"), "password_wo_version": version}))))
			}
			arrived := func(n int) {
				t.Helper()
				if got, _ := omni.Secret(omni.Only(t, "test").ID, "passwordUnencrypted"); got != key(n) {
					t.Errorf("the server has the password %q", got)
				}
			}

			use(1, version.before)
			output := session.Run("plan", "-out=plan")
			output += session.Run("show", "-json", "plan")
			output += session.Run("apply", "plan")
			output += session.Read("terraform.tfstate")
			output += session.Run("show", "-json")
			arrived(1)
			use(2, version.after)
			output += session.Run("apply", "-auto-approve")
			output += session.Read("terraform.tfstate")
			output += session.Read("terraform.tfstate.backup")
			arrived(2)
			output += session.Run("destroy", "-auto-approve")

			for _, spelling := range []string{canary, base64.StdEncoding.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString([]byte(key(1)))} {
				if i := strings.Index(output, spelling); i >= 0 {
					t.Errorf("the secret is in the output or in a file: …%s…", output[max(0, i-200):min(len(output), i+200)])
				}
			}
			if !strings.Contains(output, "[TRACE]") { // the CLI's; the provider runs in this process
				t.Error("the log was not captured")
			}
			omni.RequireKept(t, canary)
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
