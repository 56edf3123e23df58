// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"bigquery", "lake", "mssql", "mysql", "postgres", "sap_hana", "trino"}
	for text, want := range map[string]string{
		"postgres": "postgres", "Postgres": "postgres", "postgresql": "postgres", "PostgreSQL": "postgres", "big-query": "bigquery",
		"SAP HANA": "sap_hana", "mysq": "mysql", "mssql": "mssql", "duckdb": "", "": "", "pinot": "", "sqlserver": "",
		"LAKE": "lake", "lak": "", "trin": "trino", "mxsql": "mssql", "postgresqlx": "", "p": "",
	} {
		if got := Nearest(text, known); got != want {
			t.Errorf("%q is nearest to %q, want %q", text, got, want)
		}
	}
}
