// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// What cannot work is refused before anything is sent, on the attribute that is
// wrong.
func TestInvalidConfiguration(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	omni.Run(t, resource.TestStep{
		Config: omni.Config(connection("test", postgres(attributes{"host": nil}))), ExpectError: acctest.Saying(address("test")),
	})
	omni.RequireRefused(t, "host", "A postgres connection needs host")

	// The CLI's own check: the attribute is required.
	t.Run("no name", func(t *testing.T) {
		omni := acctest.StartOmni(t, omnimock.Options{})
		omni.Run(t, resource.TestStep{
			Config: omni.Config(connection("test", postgres(attributes{"name": nil}))), ExpectError: acctest.Saying(`The argument "name" is required`),
		})
	})
}

// What is not known before the apply is not judged before it: it may turn out
// well.
func TestUnknownValuesAreNotJudged(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	known := acctest.Resource("terraform_data", "later", attributes{"input": attributes{
		"host": "db.example.com", "dialect": "postgres", "password": "late-secret", "schema": "public",
	}})
	later := func(name string) acctest.Expression { return acctest.Expression("terraform_data.later.output." + name) }
	omni.Run(t, resource.TestStep{Config: omni.Config(known, connection("test", postgres(attributes{
		"dialect": later("dialect"), "host": later("host"), "password": nil, "password_wo": later("password"),
		"include_schemas": acctest.Expression("[terraform_data.later.output.schema]"),
	})))})
	if !omni.ReceivedSecret("late-secret") {
		t.Error("the password did not arrive")
	}
}
