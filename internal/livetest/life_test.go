// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package livetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// secretVariable is in front of every configuration: a secret that no file may
// have.
const (
	secret         = "canary-of-a-live-run-7Q2"
	secretVariable = `
variable "secret" {
  type      = string
  ephemeral = true
  sensitive = true
}
`
)

// life is what a configuration goes through.
type life struct {
	config, changed string
	// ids are the ways to import each resource by id, by address, from its
	// attributes.
	ids map[string]func(attributes map[string]any) []string
	// cannotDestroy says that the server has no DELETE of connections.
	cannotDestroy bool
}

// attribute is a way to import: by one attribute, or by several with slashes
// between them.
func attribute(names ...string) func(map[string]any) []string {
	return func(attributes map[string]any) []string {
		var parts []string
		for _, name := range names {
			parts = append(parts, fmt.Sprint(attributes[name]))
		}
		return []string{strings.Join(parts, "/")}
	}
}

// live takes a configuration through its life on a server.
func (w *world) live(t *testing.T, l life) {
	t.Helper()
	s := w.session(t, "TF_VAR_secret="+secret)
	s.Write(secretVariable + l.config)
	s.Run("apply", "-auto-approve")
	s.Run("plan", "-detailed-exitcode")
	// The words, not the code: Terraform 1.11 sorts sensitive paths anew each time,
	// and takes that for a change.
	if output := s.Run("plan", "-refresh-only"); !strings.Contains(output, "No changes.") {
		t.Errorf("a refresh right after the apply finds something new:\n%s", output)
	}
	s.Write(secretVariable + l.changed)
	s.Run("apply", "-auto-approve")
	s.Run("plan", "-detailed-exitcode")

	resources := l.resources(t, s)
	l.importBlocks(t, s, resources, func(r resource) string { return fmt.Sprintf("id = %q", r.ids[0]) })
	if acctest.HasIdentity() {
		l.importBlocks(t, s, resources, func(r resource) string { return "identity = " + r.identity })
	}
	l.importCommands(t, s, resources)
	expectNoSecret(t, s)
	if l.cannotDestroy {
		s.Fail("destroy", "-auto-approve")
		return
	}
	s.Run("destroy", "-auto-approve")
}

// resource is one in the state.
type resource struct {
	ids      []string
	identity string // in HCL; "" where the CLI has none
}

// resources reads the state.
func (l life) resources(t *testing.T, s *acctest.Session) map[string]resource {
	t.Helper()
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address, Mode string
					Values        map[string]any
					Identity      map[string]any
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(s.Run("show", "-json")), &state); err != nil {
		t.Fatal(err)
	}
	found := map[string]resource{}
	for _, r := range state.Values.RootModule.Resources {
		ids, ok := l.ids[r.Address]
		if r.Mode != "managed" || !ok {
			continue
		}
		identity, err := json.Marshal(r.Identity)
		if err != nil {
			t.Fatal(err)
		}
		found[r.Address] = resource{ids(r.Values), string(identity)}
	}
	if len(found) != len(l.ids) {
		t.Fatalf("the state has %v, want %v", slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(l.ids)))
	}
	return found
}

// importBlocks forgets every resource and takes it back by import blocks.
func (l life) importBlocks(t *testing.T, s *acctest.Session, resources map[string]resource, by func(resource) string) {
	t.Helper()
	addresses := slices.Sorted(maps.Keys(resources))
	s.Run(append([]string{"state", "rm"}, addresses...)...)
	blocks := ""
	for _, address := range addresses {
		blocks += fmt.Sprintf("import {\n  to = %s\n  %s\n}\n", address, by(resources[address]))
	}
	s.WriteFile("import.tf", blocks)
	adopt(t, s, len(addresses))
	if err := os.Remove(filepath.Join(s.Dir, "import.tf")); err != nil {
		t.Fatal(err)
	}
}

// importCommands does the same by the import command, in each way that the
// resource has.
func (l life) importCommands(t *testing.T, s *acctest.Session, resources map[string]resource) {
	t.Helper()
	for address, r := range resources {
		for _, id := range r.ids {
			s.Run("state", "rm", address)
			s.Run("import", address, id)
		}
	}
	adopt(t, s, 0)
}

// adopt applies what is left to do after an import, which makes, replaces and
// destroys nothing, and then nothing is left to do.
func adopt(t *testing.T, s *acctest.Session, imports int) {
	t.Helper()
	s.Run("plan", "-out=tfplan")
	var plan struct {
		ResourceChanges []struct {
			Address string
			Change  struct {
				Actions   []string
				Importing any
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(s.Run("show", "-json", "tfplan")), &plan); err != nil {
		t.Fatal(err)
	}
	for _, c := range plan.ResourceChanges {
		for _, action := range c.Change.Actions {
			if action == "create" || action == "delete" {
				t.Fatalf("after an import the plan is to %v %s", c.Change.Actions, c.Address)
			}
		}
		if c.Change.Importing != nil {
			imports--
		}
	}
	if imports != 0 {
		t.Errorf("%d imports are missing in the plan", imports)
	}
	s.Run("apply", "tfplan")
	s.Run("plan", "-detailed-exitcode")
}

// expectNoSecret looks for the secret in the files of the session and in a plan.
func expectNoSecret(t *testing.T, s *acctest.Session) {
	t.Helper()
	s.Run("plan", "-out=tfplan")
	s.WriteFile("plan.json", s.Run("show", "-json", "tfplan"))
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup", "plan.json"} {
		if strings.Contains(s.Read(name), secret) {
			t.Errorf("%s has the secret", name)
		}
	}
}

// connection is a connection block.
func connection(label, name string, port int) string {
	return fmt.Sprintf(`
resource "dataconn_omni_connection" %q {
  name                = %q
  dialect             = "postgres"
  host                = "db.example.com"
  port                = %d
  database            = "live"
  username            = "live"
  password_wo         = var.secret
  password_wo_version = 1
  deletion_protection = false
}
`, label, name, port)
}

// newName is a name for what a test makes.
func newName() string { return live.NewName() }
