// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"slices"
	"strings"
)

// createFields returns what creation takes. The keys of BigQuery's workload
// identity federation are newer than the 2025 guide.
func (s *Server) createFields() []field {
	return slices.DeleteFunc(connectionFields(), func(f field) bool {
		return !f.create || s.opts.Generation == Guide2025 && strings.HasPrefix(f.name, "wif")
	})
}

// updateFields returns what PATCH takes, the environment's user attribute
// apart. Before August 2026 that was the base role and the credentials.
func (s *Server) updateFields() []field {
	return slices.DeleteFunc(connectionFields(), func(f field) bool {
		if s.opts.Generation == Current {
			return !f.update
		}
		return f.name != "baseRole" && f.name != "passwordUnencrypted" && f.name != "privateKey"
	})
}

// read returns a connection as the generation shows it: the specification of
// August 2026 requires every key, null where nothing is set.
func (s *Server) read(c *connection) map[string]any {
	all := c.object()
	var keys []string
	switch s.opts.Generation {
	case Current:
		return all
	case Narrow2026:
		keys = []string{
			"allowBranchConnectionEnvironments", "baseRole",
			"branchConnectionEnvironmentOverridesUserAttr", "createdAt", "database",
			"defaultSchema", "deletedAt", "dialect", "environmentConnectionSwitchesSchemaModel",
			"id", "name", "updatedAt", attributeNameKey, attributeValuesKey,
		}
	case Guide2025:
		keys = []string{
			"branchConnectionEnvironmentOverridesUserAttr", "database", "deletedAt", "dialect",
			"environmentConnectionSwitchesSchemaModel", "id", "name", attributeNameKey, attributeValuesKey,
		}
		// The guide shows a text: "prod".
		if values, ok := all[attributeValuesKey].([]string); ok {
			all[attributeValuesKey] = strings.Join(values, ",")
		}
	}
	shown := map[string]any{}
	for _, key := range keys {
		shown[key] = all[key]
	}
	return shown
}

// dialects returns the dialects of the generation, sorted.
func (s *Server) dialects() []string {
	all := []string{
		"athena", "bigquery", "clickhouse", "databricks", "databricks_lakebase", "exasol", "fabric",
		"mariadb", "motherduck", "mssql", "mysql", "oracle", "postgres", "redshift", "sap_hana",
		"snowflake", "starrocks", "trino",
	}
	var newer []string
	switch s.opts.Generation {
	case Narrow2026:
		newer = []string{"fabric"}
	case Guide2025:
		newer = []string{"fabric", "databricks_lakebase", "oracle", "sap_hana"}
	}
	return slices.DeleteFunc(all, func(d string) bool { return slices.Contains(newer, d) })
}
