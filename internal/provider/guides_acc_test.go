// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// The guide on adopting what exists imports by name, makes nothing, replaces
// nothing, and sends no more than the secrets.
func TestGuideToAdopt(t *testing.T) {
	t.Parallel()
	omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true})
	ids := map[string]string{}
	for name, host := range map[string]string{"Analytics": "dev.db.example.com", "Analytics (production)": "prod.db.example.com", "Another": "x.example.com"} {
		ids[name] = omni.AddConnection(map[string]any{
			"dialect": "postgres", "name": name, "host": host, "port": 5432, "database": "analytics", "username": "omni",
			"passwordUnencrypted": "what it was",
		})
	}
	environment := omni.AddEnvironment(ids["Analytics"], ids["Analytics (production)"], "prod")
	omni.AddEnvironment(ids["Another"], ids["Analytics (production)"], "prod")
	omni.EditConnection(ids["Analytics"], func(settings map[string]any) {
		settings["userAttributeNameForConnectionEnvironments"] = "environment"
		settings["userAttributeValuesForDefaultEnvironment"] = []string{"dev"}
	})
	session := omni.Session(t)
	copyGuide(t, session, "adopt-existing")
	output := session.Run("plan", "-var", "database_password=what it is")
	if !strings.Contains(output, "4 to import, 0 to add, 2 to change, 0 to destroy") || strings.Contains(output, "must be replaced") {
		t.Errorf("the plan says\n%s", output)
	}
	output = session.Run("apply", "-auto-approve", "-var", "database_password=what it is")
	if !strings.Contains(output, "4 imported, 0 added, 2 changed, 0 destroyed") {
		t.Errorf("the apply says\n%s", output)
	}
	for _, write := range omni.Writes() {
		if write != `PATCH connections {"passwordUnencrypted":"what it is"} 200` {
			t.Errorf("written: %s", write)
		}
	}
	session.Run("plan", "-detailed-exitcode", "-var", "database_password=what it is")
	if state := session.Run("state", "show", `dataconn_omni_connection_environment.this["prod"]`); !strings.Contains(state, environment) {
		t.Errorf("the environment in the state is not %s:\n%s", environment, state)
	}

	omni.AddConnection(map[string]any{"dialect": "postgres", "name": "Analytics"})
	session.Fail("plan", "-var", "database_password=what it is") // which of the two?
}

// The guide on adopting what exists names the attributes that identify the resource.
func requireIdentityInGuide(t *testing.T, typeName string, identity *tfprotov6.ResourceIdentitySchema) {
	t.Helper()
	const guide = "templates/guides/adopt-existing.md.tmpl"
	content, err := os.ReadFile(filepath.Join(repository, guide))
	row := regexp.MustCompile("(?m)^\\| `" + typeName + "` \\|.*\\| ([^|]*) \\|$").FindSubmatch(content)
	if err != nil || row == nil {
		t.Fatalf("%s has no row for it (%v)", guide, err)
	}
	var want []string
	for _, a := range identity.IdentityAttributes {
		want = append(want, "`"+a.Name+"`")
	}
	got := strings.Split(string(row[1]), ", ")
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("%s says that %v identify it, which are %v", guide, got, want)
	}
}

func copyGuide(t *testing.T, session *acctest.Session, name string) {
	t.Helper()
	if err := os.CopyFS(session.Dir, os.DirFS("../../examples/guides/"+name)); err != nil {
		t.Fatal(err)
	}
}

// The guide on checking routes passes while they are right. When they are wrong,
// by whatever cause, its plan and its tests fail, and say where the users work.
func TestGuideToCheckRoutes(t *testing.T) {
	t.Parallel()
	omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true})
	add := func(name string) string {
		return omni.AddConnection(map[string]any{"dialect": "postgres", "name": name})
	}
	base, prod := add("Analytics"), add("Analytics (production)")
	other := add("Another")
	bind := func(attribute any) {
		omni.EditConnection(base, func(settings map[string]any) {
			settings["userAttributeNameForConnectionEnvironments"] = attribute
			settings["userAttributeValuesForDefaultEnvironment"] = []string{"dev"}
		})
	}
	bind("environment")
	environment := omni.AddEnvironment(base, prod, "prod")
	session := omni.Session(t)
	copyGuide(t, session, "route-check")

	requireRight := func() {
		t.Helper()
		omni.ResetRequests()
		if output := session.Run("plan"); strings.Contains(output, "Warning") {
			t.Errorf("the plan says\n%s", output)
		}
		if n := omni.CountRequests("", ""); n != 3 {
			t.Errorf("the plan took %d requests, where the guide says three", n)
		}
		if output := session.Run("test"); !strings.Contains(output, "2 passed, 0 failed") {
			t.Errorf("the tests say\n%s", output)
		}
	}
	requireWrong := func(why string, words ...string) {
		t.Helper()
		for _, command := range []string{"plan", "test"} {
			output := session.Fail(command)
			for _, word := range words {
				if !acctest.Saying(word).MatchString(unframed(output)) {
					t.Errorf("%s: the %s does not say %q:\n%s", why, command, word, output)
				}
			}
		}
	}
	requireRight()
	if writes := omni.Writes(); len(writes) > 0 {
		t.Errorf("written: %q", writes)
	}

	const prodWrong = "Users with the value prod have to work on Analytics (production), and do not."
	omni.EditEnvironment(environment, "production")
	requireWrong("another value", prodWrong, `matches none of its environments (there are 1)`)
	omni.EditEnvironment(environment, "prod")
	requireRight()

	omni.EditUserAttribute("environment", func(a *omnimock.UserAttribute) { a.Name = "env_old" })
	requireWrong("no such attribute", prodWrong, `which does not exist: Omni sends everybody there`)
	omni.EditUserAttribute("env_old", func(a *omnimock.UserAttribute) { a.Name = "environment" })

	bind(nil)
	requireWrong("unbound", prodWrong, "no user attribute is bound to it")
	bind("environment")

	omni.EditUserAttribute("environment", func(a *omnimock.UserAttribute) { a.DefaultValues = []string{"prod"} })
	requireWrong("a default of the attribute", "Users without a value have to work on Analytics, and do not.")
	omni.EditUserAttribute("environment", func(a *omnimock.UserAttribute) { a.DefaultValues = nil })

	omni.RemoveEnvironment(environment)
	omni.AddEnvironment(base, other, "prod")
	requireWrong("another connection", prodWrong, other)
	omni.EditEnvironment(omni.Environments()[0].ID, "x")
	omni.AddEnvironment(base, prod, "prod")
	if output := session.Run("plan"); !acctest.Saying("Some values lead to an environment and are not in var.routes").MatchString(unframed(output)) {
		t.Errorf("an unlisted value is worth a warning:\n%s", output)
	}
}

// unframed takes the bars out that a CLI draws beside its diagnostics.
func unframed(output string) string {
	return strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(output)
}

// The guide on who works on production: before and after a change, and the plan that
// shows whom it moves.
func TestGuideToTheAudience(t *testing.T) {
	t.Parallel()
	omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true})
	add := func(name string) string {
		return omni.AddConnection(map[string]any{"dialect": "postgres", "name": name, "userAttributeNameForConnectionEnvironments": "environment"})
	}
	base, prod := add("Analytics"), add("Analytics (production)")
	omni.AddEnvironment(base, prod, "prod")
	omni.AddUser(omnimock.User{UserName: "ada@example.com", Groups: []string{"Analysts"}})
	eve := omni.AddUser(omnimock.User{UserName: "eve@example.com"})
	omni.AddUser(omnimock.User{UserName: "kim@example.com"})
	session := omni.Session(t)
	copyGuide(t, session, "audience")
	session.Run("apply", "-auto-approve")
	requireWorks := func(user, want string) {
		t.Helper()
		output := session.Run("output", "-json", "audience")
		if !strings.Contains(output, `"`+user+`@example.com":"`+want+`"`) {
			t.Errorf("%s does not work on %s: %s", user, want, output)
		}
	}
	requireWorks("ada", "Analytics (production)")
	requireWorks("eve", "Analytics")
	requireWorks("kim", "Analytics")

	session.Setenv("TF_VAR_environment", `{"ada@example.com":"prod","eve@example.com":"prod"}`)
	omni.ResetRequests()
	plan := session.Run("plan")
	if n := omni.CountRequests("", ""); n != 5 {
		t.Errorf("the plan took %d requests, where the guide says one for each page of users and four more", n)
	}
	for _, words := range []string{"eve@example.com: from Analytics to Analytics (production)", "Somebody outside the group Analysts works on"} {
		if !acctest.Saying(words).MatchString(unframed(plan)) {
			t.Errorf("the plan does not say %q:\n%s", words, plan)
		}
	}
	if user, _ := omni.User("eve@example.com"); user.Attributes["environment"] != "dev" {
		t.Errorf("the plan changed the user: %v", user)
	}
	omni.EditUser(eve, func(u *omnimock.User) { u.Groups = []string{"Analysts"} })
	if output := session.Run("apply", "-auto-approve"); strings.Contains(output, "Somebody") {
		t.Errorf("the apply says\n%s", output)
	}
	requireWorks("eve", "Analytics (production)")
}
