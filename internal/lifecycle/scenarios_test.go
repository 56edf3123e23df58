// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

// A scenario is a small estate that went wrong once, in this provider or in
// another one.
var scenarios = map[string]func(w *world){
	"a password that is ignored is not sent with another change":             ignoredPassword,
	"a write-only password that is ignored leaves plans empty":               ignoredWriteOnly,
	"a password that rotates between plan and apply":                         rotatedPassword,
	"a binding is renamed while what depends on it is destroyed":             renamedBinding,
	"an environment is renamed while what depends on it is destroyed":        renamedEnvironment,
	"a protected connection is replaced, created first":                      protectedCreatedFirst,
	"a protected connection is replaced by a trigger":                        protectedTriggered,
	"an environment goes to another connection, created first":               environmentCreatedFirst,
	"two environments swap values, one at a time":                            swapOneByOne,
	"three environments rotate values":                                       rotateValues,
	"two environments of one base with one value":                            sameValue,
	"a null among the values":                                                nullAmongValues,
	"the generated block of a dbt environment with a secret variable":        generatedVariables,
	"the dialect is known at apply":                                          lateDialect,
	"an environment is imported with ids in upper case":                      upperCaseImport,
	"the example module under a mocked provider":                             mockedModule,
	"settings that the server does not leave empty":                          emptiedSettings,
	"a binding changes nothing of its connection":                            bindingAndConnection,
	"two aliases of the provider":                                            twoAliases,
	"a module that is called for each environment":                           moduleForEach,
	"a data source that waits for the apply":                                 deferredData,
	"a connection and all that stands on it are replaced":                    replacedBase,
	"everything goes at once":                                                everythingGoes,
	"a connection is removed with what refers to it left":                    danglingReference,
	"the dialect of a base changes under an environment":                     baseDialect,
	"an object that was deleted by others is taken out of the configuration": deletedByOthers,
	"values move from the defaults of the base to an environment":            valueFromDefaults,
	"values move from an environment that goes":                              valueFromDestroyed,
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	for name, do := range scenarios {
		t.Run(slug(name), func(t *testing.T) {
			t.Parallel()
			err := attempt(t, do)
			switch why := knownFailures[name]; {
			case why != "" && err == nil:
				t.Errorf("this works now: take %q out of knownFailures", name)
			case why == "" && err != nil:
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// configure writes the blocks as the configuration.
func (w *world) configure(blocks ...string) {
	w.file("main.tf", cli.RequiredProvider("")+strings.Join(blocks, "\n"))
}

func (w *world) apply(arguments ...string) { w.run(append([]string{"apply"}, arguments...)...) }

// refuses runs a command that has to fail, with a message that has each of the
// texts.
func (w *world) refuses(command []string, texts ...string) {
	if w.do(command...) == 0 {
		w.fail("%v is not refused", command)
	}
	for _, text := range texts {
		w.says(text)
	}
}

// connection is a block.
func connection(name string, changes ...attributes) string {
	return connectionWith(name, "", changes...)
}

func connectionWith(name, nested string, changes ...attributes) string {
	body := attributes{
		"name": name, "dialect": "postgres", "host": "db.example.com", "port": 5432, "database": "sales",
		"username": "omni", "password": "p-" + name, "deletion_protection": false,
	}
	return with(acctest.Resource("dataconn_omni_connection", name, body.With(changes...)), nested)
}

// with puts nested blocks into a resource.
func with(resource, nested string) string {
	return strings.TrimSuffix(resource, "}\n") + nested + "}\n"
}

func id(name string) acctest.Expression {
	return acctest.Expression("dataconn_omni_connection." + name + ".id")
}

func environment(name, base, connection string, values ...string) string {
	body := attributes{"base_connection_id": id(base), "connection_id": id(connection), "timeouts": attributes{"create": "20s", "update": "20s"}}
	return acctest.Resource("dataconn_omni_connection_environment", name, body.With(attributes{"user_attribute_values": values}))
}

func binding(name, base string, values ...string) string {
	return acctest.Resource("dataconn_omni_environment_user_attribute", name, attributes{
		"connection_id": id(base), "attribute_name": "environment", "default_values": values,
	})
}

func ignoredPassword(w *world) {
	ignoring := lifecycle("ignore_changes = [password]")
	w.configure(connectionWith("base", ignoring))
	w.apply()
	w.configure(connectionWith("base", ignoring, attributes{"password": "another-password", "port": 5433}))
	w.apply()
	if w.omni.ReceivedSecret("another-password") {
		w.fail("the password that is ignored was sent")
	}
	w.settle()
	w.destroy()
}

func ignoredWriteOnly(w *world) {
	for _, list := range []string{"all", "[password_wo]"} {
		w.configure(connectionWith("base", lifecycle("ignore_changes = "+list), attributes{"password": nil, "password_wo": "secret", "password_wo_version": 1}))
		w.apply()
		w.settle()
	}
	w.destroy()
}

func rotatedPassword(w *world) {
	base := func(host string) string {
		return rotations + connection("base", attributes{"host": host, "password": nil, "password_wo": acctest.Expression("\"rotation-${var.rotation}\"")})
	}
	w.Setenv("TF_VAR_rotation", "0")
	w.configure(base("one.example.com"))
	w.apply()
	w.configure(base("two.example.com"))
	w.run("plan", "-out=saved.tfplan")
	w.Setenv("TF_VAR_rotation", "1")
	w.apply("saved.tfplan")
	w.apply()
	if !w.omni.ReceivedSecret("rotation-1") {
		w.fail("the rotation got lost")
	}
	w.settle()
	w.destroy()
}

func swapOneByOne(w *world) {
	configure := func(one, two string) {
		w.configure(connection("base"), connection("prod"), connection("staging"), environment("prod", "base", "prod", one), environment("staging", "base", "staging", two))
	}
	configure("x", "y")
	w.apply()
	configure("y", "x")
	w.oneByOne("prod", "staging")
	w.settle()
	w.destroy()
}

// oneByOne applies with -parallelism=1. Where that cannot work, because a value is
// free only after this resource is done, the message names one of the connections
// whose environment has the value, and the next apply works.
func (w *world) oneByOne(holders ...string) {
	if w.do("apply", "-parallelism=1") == 0 {
		return
	}
	w.says("parallelism")
	if !slices.ContainsFunc(holders, func(name string) bool {
		return strings.Contains(w.last, w.instance("dataconn_omni_connection", name).importID())
	}) {
		w.fail("the message names no holder: %s", w.problems())
	}
	w.apply()
}

func rotateValues(w *world) {
	names := []string{"a", "b", "c"}
	for turn := range 3 {
		blocks := connection("base")
		for i, name := range names {
			blocks += connection(name) + environment(name, "base", name, "value-"+names[(i+turn)%3])
		}
		w.configure(blocks)
		w.apply()
		w.settle()
	}
	w.destroy()
}

func sameValue(w *world) {
	connections := connection("base") + connection("prod") + connection("staging")
	w.configure(connections)
	w.apply()
	w.configure(connections, environment("prod", "base", "prod", "live"), environment("staging", "base", "staging", "live"))
	w.refuses([]string{"plan"}, "live")
	w.configure(connections)
	w.destroy()
}

func nullAmongValues(w *world) {
	w.configure("variable \"more\" {\n  default = null\n}\n", connection("base"), connection("prod"),
		acctest.Resource("dataconn_omni_connection_environment", "prod", attributes{
			"base_connection_id": id("base"), "connection_id": id("prod"), "user_attribute_values": acctest.Expression(`["prod", var.more]`),
		}))
	w.refuses([]string{"plan"}, "null")
}

func generatedVariables(w *world) {
	w.configure(connection("base"), acctest.Resource("dataconn_omni_connection_dbt", "base", attributes{
		"connection_id": id("base"), "ssh_url": "git@github.com:o/r.git", "branch": "main", "autogen_relationships": true, "enable_virtual_schemas": false,
	}), acctest.Resource("dataconn_omni_dbt_environment", "staging", attributes{
		"connection_id": acctest.Expression("dataconn_omni_connection_dbt.base.connection_id"), "name": "staging", "target_schema": "s",
		"variables": attributes{"PLAIN": attributes{"value": "1"}, "HIDDEN": attributes{"secret": "hidden"}},
	}))
	w.apply()
	id := w.instance("dataconn_omni_dbt_environment", "staging").importID()
	w.folder = "elsewhere"
	w.configure(acctest.Import("dataconn_omni_dbt_environment.staging", id))
	w.run("plan", "-generate-config-out=generated.tf")
	w.says("Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.")
	w.apply()
	w.run("plan", "-detailed-exitcode")
}

func lateDialect(w *world) {
	for _, dialect := range []string{"postgres", "redshift"} {
		w.configure(fmt.Sprintf("resource \"terraform_data\" \"dialect\" {\n  input = %q\n}\n", dialect),
			connection("base", attributes{"dialect": acctest.Expression("terraform_data.dialect.output")}))
		w.apply()
		w.settle()
	}
	w.destroy()
}

func upperCaseImport(w *world) {
	base := w.omni.AddConnection(map[string]any{"name": "base", "dialect": "postgres"})
	prod := w.omni.AddConnection(map[string]any{"name": "prod", "dialect": "postgres"})
	w.given = w.onServers()
	environment := w.omni.AddEnvironment(base, prod, "prod")
	w.configure(acctest.Import("dataconn_omni_connection_environment.prod", strings.ToUpper(environment)),
		acctest.Resource("dataconn_omni_connection_environment", "prod", attributes{
			"base_connection_id": strings.ToUpper(base), "connection_id": strings.ToUpper(prod), "user_attribute_values": []string{"prod"},
		}))
	w.apply()
	w.says("1 imported, 0 added, 0 changed, 0 destroyed")
	w.settle()
}

const root = "../.."

// mockedModule runs the module's own test, which the guide shows.
func mockedModule(w *world) {
	const test = "tests/mocked.tftest.hcl"
	module := filepath.Join(root, "examples", "modules", "omni-environments")
	for _, name := range []string{"main.tf", "outputs.tf", "variables.tf", "versions.tf", test} {
		content, err := os.ReadFile(filepath.Join(module, name))
		w.must(err)
		w.file(name, string(content))
		if name != test {
			continue
		}
		guide, err := os.ReadFile(filepath.Join(root, "docs", "guides", "test-a-module.md"))
		w.must(err)
		if !strings.Contains(string(guide), strings.TrimSpace(string(content))) {
			w.fail("the guide does not show the test")
		}
	}
	w.run("test")
	w.says("Success! 1 passed, 0 failed.")
	for _, r := range w.omni.Requests() {
		w.fail("a request was sent: %s %s", r.Method, r.Path)
	}
}

func emptiedSettings(w *world) {
	for _, name := range []string{"system_timezone", "query_timezone", "base_role", "scratch_schema", "default_schema"} {
		w.configure(connection("base", attributes{name: ""}))
		if w.do("plan") != 0 {
			w.says(name)
			continue
		}
		w.apply()
		w.settle()
		w.destroy()
	}
}

func bindingAndConnection(w *world) {
	w.configure(connection("base"), binding("base", "base", "dev"))
	w.apply()
	w.unchanged()
	w.configure(connection("base"), binding("base", "base", "test"))
	w.apply()
	w.unchanged()
	w.configure(connection("base"))
	w.apply()
	w.unchanged()
	w.destroy()
}

// alias is a second provider block for the same server.
func (w *world) alias() string {
	return fmt.Sprintf("provider \"dataconn\" {\n  alias = \"other\"\n  omni = {\n    base_url = %q\n    api_token = %q\n  }\n}\n", w.omni.URL(), w.omni.Token())
}

func twoAliases(w *world) {
	aliased := "  provider = dataconn.other\n"
	configure := func(values ...string) {
		w.configure(w.alias(), connection("base"), connectionWith("prod", aliased), connectionWith("staging", aliased),
			with(environment("prod", "base", "prod", values[0]), aliased), environment("staging", "base", "staging", values[1]), with(binding("base", "base", "dev"), aliased))
	}
	configure("x", "y")
	w.apply()
	w.settle()
	configure("z", "x") // the value that one gives up is the other's, in another process
	w.apply()
	w.settle()
	w.destroy()
}

func moduleForEach(w *world) {
	w.file("room/main.tf", cli.RequiredProvider("")+`
variable "base" {}
variable "name" {}
`+connection("it", attributes{"name": acctest.Expression("var.name")})+acctest.Resource("dataconn_omni_connection_environment", "it", attributes{
		"base_connection_id": acctest.Expression("var.base"), "connection_id": id("it"), "user_attribute_values": acctest.Expression("[var.name]"),
	}))
	configure := func(keys string) {
		w.configure(connection("base"), "module \"room\" {\n  source = \"./room\"\n  for_each = toset("+keys+")\n  base = dataconn_omni_connection.base.id\n  name = each.key\n  depends_on = [dataconn_omni_connection.base]\n}\n")
	}
	configure(`["a", "b"]`)
	w.run("get")
	w.apply()
	w.settle()
	configure(`["b", "c"]`)
	w.apply()
	w.settle()
	w.destroy()
}

func deferredData(w *world) {
	configure := func(host string) {
		w.configure(connection("base", attributes{"host": host}),
			with(acctest.Data("dataconn_omni_connection", "base", attributes{"id": id("base")}), "  depends_on = [dataconn_omni_connection.base]\n"),
			connection("copy", attributes{"host": acctest.Expression("data.dataconn_omni_connection.base.host")}))
	}
	for _, host := range []string{"one.example.com", "two.example.com"} {
		configure(host)
		w.apply()
		w.settle()
	}
	w.destroy()
}

func baseDialect(w *world) {
	estate := func(dialect string) string {
		return connection("base", attributes{"dialect": dialect}) + connection("prod") + environment("prod", "base", "prod", "prod")
	}
	w.configure(estate("postgres"))
	w.apply()
	w.configure(estate("redshift"))
	w.forget()
	w.refuses([]string{"plan"}, "dialect")
	if len(w.omni.Environments()) != 1 {
		w.fail("the environment was dissolved")
	}
	w.configure(estate("postgres"))
	w.settle()
	w.destroy()
}

func valueFromDefaults(w *world) {
	configure := func(defaults, prod string) {
		w.configure(connection("base"), connection("prod"), environment("prod", "base", "prod", prod), binding("base", "base", defaults))
	}
	configure("x", "y")
	w.apply()
	configure("z", "x")
	w.apply()
	w.settle()
	configure("x", "y")
	w.apply()
	w.settle()
	w.destroy()
}
