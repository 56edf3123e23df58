// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func TestMain(m *testing.M) { acctest.Main(m) }

const typeName = "dataconn_reporter_connection"

// attributes are those of a connection's block.
type attributes = acctest.Attributes

// minimal is the least that a connection can be created with.
func minimal(changes ...attributes) attributes {
	return attributes{
		"config_name": "test", "type": "POSTGRESQL", "host": "db.example.com", "port": 5432,
		"database_name": "ledger", "user_name": "reporter", "password": "first-secret",
	}.With(changes...)
}

// withSSL has everything that ssl can have.
func withSSL(changes ...attributes) attributes {
	return attributes{"mode": "verify-full", "ca": "CA-1", "cert": "CERT-1", "key": "KEY-1"}.With(changes...)
}

// full is a connection with everything.
func full(changes ...attributes) attributes {
	return minimal(attributes{
		"product_name": "My-Product", "schema": "reporting", "ssl": withSSL(),
		"metadata": attributes{"owner": "finance", "stage": "prod"},
	}).With(changes...)
}

func connection(changes ...attributes) string {
	return acctest.Resource(typeName, "test", attributes{}.With(changes...))
}

const address = typeName + ".test"

// wireSSL is ssl as a request carries it.
func wireSSL(a attributes) map[string]any {
	return map[string]any{"mode": a["mode"], "ca": a["ca"], "cert": a["cert"], "key": a["key"]}
}

func patch(body map[string]any) string { return write("PATCH", body) }

func write(method string, body map[string]any) string {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return method + " connections " + string(encoded)
}

// action checks what a plan does with the connection.
func action(want plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(address, want)
}

func planChecks(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: checks}
}

// keeps checks the secrets that the server has for the connection; "" means that
// it has none.
func keeps(reporter *acctest.Reporter, want map[string]string) acctest.Check {
	return acctest.CheckThat(func() error {
		id := reporter.Connections()[0].ID
		for field, value := range want {
			if got, _ := reporter.Secret(id, field); got != value {
				return fmt.Errorf("the server has the %s %q, not %q", field, got, value)
			}
		}
		return nil
	})
}

// stored checks one connection on the server.
func stored(t *testing.T, reporter *acctest.Reporter, name string, check func(reportermock.Connection) (got, want any)) acctest.Check {
	t.Helper()
	return acctest.CheckThat(func() error {
		if got, want := check(reporter.Only(t, name)); !reflect.DeepEqual(got, want) {
			return fmt.Errorf("the server has %v, not %v", got, want)
		}
		return nil
	})
}
