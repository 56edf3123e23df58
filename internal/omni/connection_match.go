// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
)

// Has reports whether every setting of the request that this server returns is
// the same on the connection.
func (c *Connection) Has(request ConnectionCreate) bool {
	if c.Dialect != request.Dialect {
		return false
	}
	return createonce.Compare(request.Settings, c.ConnectionSettings, func(want, have any) bool {
		// null is what the server makes of "" and of a Snowflake default schema.
		return have == nil || reflect.DeepEqual(unordered(want), unordered(have)) || sameRole(want, have)
	}) != createonce.Other
}

func unordered(value any) any {
	list, ok := value.([]any)
	if !ok {
		return value
	}
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return sorted
}

func sameRole(a, b any) bool {
	x, xText := a.(string)
	y, yText := b.(string)
	return xText && yText && SameRole(x, y)
}

// SameRole reports whether two role names mean the same. RESTRICTED_QUERIER and
// QUERY_TOPICS are one role under two names.
func SameRole(a, b string) bool {
	canonical := func(role string) string {
		if role == "RESTRICTED_QUERIER" {
			return "QUERY_TOPICS"
		}
		return role
	}
	return canonical(a) == canonical(b)
}
