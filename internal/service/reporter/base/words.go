// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// What the token needs, in the words of [framework.Attempt].
const (
	NeedsGet    = "the action get on the resource connections"
	NeedsPost   = "the action post on the resource connections"
	NeedsPatch  = "the action patch on the resource connections"
	NeedsDelete = "the action delete on the resource connections"
)

// Unreachable is the summary where the service cannot connect to the database of a
// connection.
const Unreachable = "Reporter cannot connect to the database"

// NoSuchConnection says that the connection which an attribute names does not
// exist.
func NoSuchConnection(attribute path.Path, id string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(attribute, "No such Reporter connection",
		fmt.Sprintf("There is no connection with the id %q, or it was deleted.", id))
}
