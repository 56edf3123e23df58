// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// code is how the guide writes names.
func code(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

// guideRow is the row of a dialect, from the tables that validate.
func guideRow(dialect string) string {
	required := requiredByDialect[dialect]
	var besides []string
	for _, name := range slices.Sorted(maps.Keys(onlyForDialects)) {
		isOwn := slices.Contains(onlyForDialects[name], dialect) && !slices.Contains(required, name)
		isForm := strings.HasSuffix(name, "_wo") || strings.HasPrefix(name, "use_read") || strings.HasPrefix(name, "use_session")
		if isOwn && !isForm {
			besides = append(besides, name)
		}
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s |", dialect, code(required), code(besides), code(authenticationTypesOf(dialect)))
}

// The guide's table has a row for each dialect, and says what is checked.
func TestGuideOfDialects(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../../../templates/guides/dialects.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(guide)) {
		if strings.HasPrefix(line, "| `") && strings.Count(line, "|") == 5 {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	var want []string
	for _, dialect := range knownDialects() {
		want = append(want, guideRow(dialect))
	}
	if !slices.Equal(rows, want) {
		t.Errorf("the table has to be\n%s", strings.Join(want, "\n"))
	}
}
