// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// Everything but write-only arguments works with older CLIs too, down to
// Terraform 1.5; those are refused with words. Newer CLIs go the same way.
func TestOlderCLI(t *testing.T) {
	t.Parallel()
	type attributes = acctest.Attributes
	omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true})
	connection := func(name string, more attributes) string {
		return acctest.Resource("dataconn_omni_connection", name, attributes{
			"name": name, "dialect": "postgres", "host": "db.example.com", "port": 5432, "database": "analytics",
			"username": "omni", "password": "a-password", "deletion_protection": false,
		}.With(more))
	}
	config := func(prod attributes) string {
		return omni.Config(connection("base", nil), connection("prod", prod),
			acctest.Resource("dataconn_omni_connection_environment", "prod", attributes{
				"base_connection_id":    acctest.Expression("dataconn_omni_connection.base.id"),
				"connection_id":         acctest.Expression("dataconn_omni_connection.prod.id"),
				"user_attribute_values": []string{"prod"},
			}),
			acctest.Resource("dataconn_omni_environment_user_attribute", "base", attributes{
				"connection_id":  acctest.Expression("dataconn_omni_connection.base.id"),
				"attribute_name": "environment", "default_values": []string{"dev"},
			}))
	}
	session := omni.SessionOfAnyCLI(t)
	apply := func(config, summary string) {
		t.Helper()
		session.Write(config)
		if output := session.Run("apply", "-auto-approve"); !strings.Contains(output, summary) {
			t.Errorf("expected %q:\n%s", summary, output)
		}
		session.Run("plan", "-detailed-exitcode")
	}
	apply(config(nil), "4 added, 0 changed, 0 destroyed")
	apply(config(attributes{"port": 5433}), "0 added, 1 changed, 0 destroyed")

	// The password cannot be read, and so is sent once more.
	session.Run("state", "rm", "dataconn_omni_connection.prod")
	imported := acctest.Import("dataconn_omni_connection.prod", omni.Only(t, "prod").ID)
	apply(config(attributes{"port": 5433})+imported, "1 imported, 0 added, 1 changed, 0 destroyed")

	session.Write(config(attributes{"password": nil, "password_wo": "a-password", "password_wo_version": 1}))
	if acctest.HasWriteOnly() {
		session.Run("plan")
	} else if output := session.Fail("plan"); !strings.Contains(output, "Write-only attributes are only supported in Terraform 1.11 and later") {
		t.Errorf("a write-only argument:\n%s", output)
	}
	session.Write(config(nil))
	session.Run("destroy", "-auto-approve")
	if left := omni.Connections(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
