// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestMain(m *testing.M) { acctest.Main(m) }

const typeName = "dataconn_omni_connection_environment"

// attributes are those of an environment's block.
type attributes = acctest.Attributes

func address(label string) string { return typeName + "." + label }

// world is a server with a base connection and others that may become its
// environments.
type world struct {
	*acctest.Omni
	base        string
	connections []string
}

func newWorld(t *testing.T, opts omnimock.Options) world {
	t.Helper()
	w := world{Omni: acctest.StartOmni(t, opts)}
	add := func(name string) string { return w.AddConnection(map[string]any{"name": name, "dialect": "postgres"}) }
	w.base = add("base")
	for i := range 3 {
		w.connections = append(w.connections, add(fmt.Sprintf("connection %d", i)))
	}
	return w
}

// environment is the block of the n-th connection with these values; nil
// configures none.
func (w world) environment(n int, values []string, changes ...attributes) string {
	a := attributes{"base_connection_id": w.base, "connection_id": w.connections[n]}
	if values != nil {
		a["user_attribute_values"] = values
	}
	return acctest.Resource(typeName, label(n), a.With(changes...))
}

func label(n int) string { return fmt.Sprintf("e%d", n) }

// has checks that the server has these environments of the base, one for each of
// the first connections, with these values.
func (w world) has(values ...[]string) acctest.Check {
	return acctest.CheckThat(func() error {
		got := w.Environments()
		if len(got) != len(values) {
			return fmt.Errorf("the server has %d environments, not %d: %v", len(got), len(values), got)
		}
		for _, e := range got {
			n := slices.Index(w.connections, e.ConnectionID)
			slices.Sort(e.UserAttributeValues)
			if e.BaseConnectionID != w.base || n < 0 || n >= len(values) || !slices.Equal(e.UserAttributeValues, values[n]) {
				return fmt.Errorf("the server's environment %v is none of %q", e, values)
			}
		}
		return nil
	})
}
