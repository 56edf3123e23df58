// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// An import knows only what the server returns. What it does not return is null
// in the state although it has a value, so a configured value for it is not a
// change: it is adopted, without a request and without a replacement. The
// private state keeps the names of such attributes from the import on, which
// tells them from attributes that were never set.
const unreadKey = "unread"

// imported says that the next read is the import's.
const imported Mark = "imported"

// MarkImported notes, in ImportState, that the next read is the import's.
func MarkImported(ctx context.Context, private PrivateStateWriter) diag.Diagnostics {
	return imported.Set(ctx, private)
}

// NoteUnread keeps, in Read, the names of the attributes that the server did
// not return: all of them after an import, and later only those that still are
// not returned.
func NoteUnread(ctx context.Context, from PrivateStateReader, to PrivateStateWriter, absent []string) diag.Diagnostics {
	isImported, diags := imported.IsSet(ctx, from)
	if isImported {
		diags.Append(imported.Clear(ctx, to)...)
		diags.Append(setUnread(ctx, to, absent)...)
		return diags
	}
	before, unreadDiags := Unread(ctx, from)
	diags.Append(unreadDiags...)
	still := slices.DeleteFunc(slices.Clone(before), func(name string) bool { return !slices.Contains(absent, name) })
	if len(still) != len(before) {
		diags.Append(setUnread(ctx, to, still)...)
	}
	return diags
}

// Unread returns the attributes that an import left without a value because the
// server did not return them.
func Unread(ctx context.Context, private PrivateStateReader) ([]string, diag.Diagnostics) {
	encoded, diags := private.GetKey(ctx, unreadKey)
	var names []string
	if json.Unmarshal(encoded, &names) != nil {
		return nil, diags // there are none, or it is damaged: then nothing is adopted, and a change is a change
	}
	return names, diags
}

// Adopted takes attributes off the unread ones, in Update: they are known from now on.
func Adopted(ctx context.Context, private PrivateStateReadWriter, names []string) diag.Diagnostics {
	before, diags := Unread(ctx, private)
	rest := slices.DeleteFunc(before, func(name string) bool { return slices.Contains(names, name) })
	diags.Append(setUnread(ctx, private, rest)...)
	return diags
}

func setUnread(ctx context.Context, private PrivateStateWriter, names []string) diag.Diagnostics {
	if len(names) == 0 {
		return private.SetKey(ctx, unreadKey, nil)
	}
	encoded, err := json.Marshal(names)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot record unread attributes", err.Error())}
	}
	return private.SetKey(ctx, unreadKey, encoded)
}

// AdoptionWarning tells, in a plan, that configured values are taken over.
func AdoptionWarning(object string, names []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root(names[0]), "Imported settings are adopted from the configuration",
		fmt.Sprintf("The server does not return %s of %s, so the import could not read it. The configured value is taken as the server's: nothing is sent and nothing is replaced. Make sure that the two are equal.", strings.Join(names, ", "), object))
}
