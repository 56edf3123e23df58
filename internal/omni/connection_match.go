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
	return c.Dialect == request.Dialect && c.compare(request) != createonce.Other
}

// Match compares the connection with one that was sent and not changed since. It is
// provably the same where the server returns every setting that was sent, and the date
// of the create; one of the same name and dialect is similar.
func (c *Connection) Match(request ConnectionCreate) createonce.Match {
	switch {
	case c.Problem != nil, c.Dialect != request.Dialect, c.Name.Or("") != request.Settings.Name.Or(""):
		return createonce.Other
	case c.CreatedAt.IsZero(), !request.WIFAudience.IsZero(), !request.WIFServiceAccountEmail.IsZero():
		return createonce.Similar
	case c.UserAttributeName.Or("") != "": // no create binds it: somebody has it already
		return createonce.Similar
	}
	return max(createonce.Similar, c.compare(request))
}

func (c *Connection) compare(request ConnectionCreate) createonce.Match {
	return createonce.Compare(request.Settings, c.ConnectionSettings, func(key string, want, have any) bool {
		host, isText := want.(string)
		switch {
		case have == nil: // what the server makes of "" and of a Snowflake default schema
			return isEmpty(want) || key == "defaultSchema"
		case isText && (key == "host" || key == "hostOverride"): // a server may store it in lower case
			stored, _ := have.(string)
			return strings.EqualFold(host, stored)
		}
		return reflect.DeepEqual(unordered(want), unordered(have)) || sameRole(want, have)
	})
}

// areEmpty is the comparison of settings that a server returns as they were sent: only
// the forms of an empty one may differ.
func areEmpty(_ string, want, have any) bool { return isEmpty(want) && isEmpty(have) }

func isEmpty(value any) bool {
	list, isList := value.([]any)
	return value == nil || value == "" || value == false || isList && len(list) == 0
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
