// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"slices"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

func TestSameRole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"RESTRICTED_QUERIER", "QUERY_TOPICS", true},
		{"QUERY_TOPICS", "RESTRICTED_QUERIER", true},
		{"QUERIER", "QUERIER", true},
		{"QUERIER", "QUERY_TOPICS", false},
		{"", "", true},
		{"custom", "Custom", false},
	} {
		if got := omni.SameRole(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %t", c.a, c.b, got)
		}
	}
}

func TestKeysOfSettings(t *testing.T) {
	t.Parallel()
	settings := omni.ConnectionSettings{Name: nullable.Of("n"), Host: nullable.Null[string](), IncludeSchemas: nullable.Of(omni.StringList{})}
	absent := settings.AbsentKeys()
	if len(absent) != 30 || slices.Contains(absent, "name") || slices.Contains(absent, "host") || slices.Contains(absent, "includeSchemas") || !slices.Contains(absent, "awsRoleArn") {
		t.Errorf("%d absent: %v", len(absent), absent)
	}
	without := settings.Without([]string{"name", "includeSchemas", "noSuchKey"})
	if !without.Name.IsZero() || !without.IncludeSchemas.IsZero() || !without.Host.IsNull() || settings.Name.IsZero() {
		t.Errorf("%+v", without)
	}
}
