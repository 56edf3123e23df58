// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ImportByID imports by one id, given as text or as identity. advice says where
// the id is found.
func ImportByID(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, attribute, advice string) {
	id, err := ParseID(importedText(ctx, req, attribute, &resp.Diagnostics))
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root(attribute), "Invalid import id", err.Error()+". "+advice)
		return
	}
	setImported(ctx, resp, attribute, id)
}

// ImportByIDOrName imports by an id, given as text or as identity, or by a name,
// whose id find looks up. attempt words what goes wrong, with the text that was
// given after its object.
func ImportByIDOrName(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, attempt Attempt, find func(ctx context.Context, name string) (id string, err error)) {
	text := strings.TrimSpace(importedText(ctx, req, "id", &resp.Diagnostics))
	id, err := ParseID(text)
	if err != nil && req.ID != "" {
		id, err = find(ctx, text)
	}
	if err != nil {
		attempt.Object += fmt.Sprintf(" %q", text)
		resp.Diagnostics.Append(attempt.AttributeError(path.Root("id"), err))
		return
	}
	setImported(ctx, resp, "id", id)
}

// ImportCommand is what a message offers to take an object over that has these ids.
func ImportCommand(ids ...string) string {
	return "terraform import <address of this resource> " + strings.Join(ids, "/")
}

// ImportForm is the attributes that the parts of an import's text are, in order.
type ImportForm []string

func (f ImportForm) String() string {
	return "<" + strings.ReplaceAll(strings.Join(f, ">/<"), "_", " ") + ">"
}

// ImportByIDs imports by several ids, given as an identity or as text in one of
// the forms, with / between the ids. The last form names all of them.
func ImportByIDs(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, forms ...ImportForm) {
	given := map[string]string{}
	var err error
	if IsImportByText(req) {
		given, err = splitImport(req.ID, forms)
	} else {
		for _, attribute := range forms[len(forms)-1] {
			if text := importedText(ctx, req, attribute, &resp.Diagnostics); text != "" { // the schema says which are needed
				given[attribute] = text
			}
		}
	}
	for _, attribute := range slices.Sorted(maps.Keys(given)) {
		if given[attribute], err = ParseID(given[attribute]); err != nil {
			err = fmt.Errorf("%w; import by %s", err, orForms(forms))
			break
		}
	}
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("id"), "Invalid import id", err.Error())
		return
	}
	for attribute, id := range given {
		setImported(ctx, resp, attribute, id)
	}
}

// splitImport returns the parts of the text by attribute.
func splitImport(text string, forms []ImportForm) (map[string]string, error) {
	parts := strings.Split(text, "/")
	at := slices.IndexFunc(forms, func(form ImportForm) bool { return len(form) == len(parts) })
	if at < 0 {
		return nil, fmt.Errorf("%q is %s. With Terraform 1.14 or newer, terraform query finds the ids", text, noForm(forms))
	}
	given := make(map[string]string, len(parts))
	for i, attribute := range forms[at] {
		given[attribute] = parts[i]
	}
	return given, nil
}

func noForm(forms []ImportForm) string {
	if len(forms) == 1 {
		return "not " + forms[0].String()
	}
	return "neither " + strings.ReplaceAll(orForms(forms), " or by ", " nor ")
}

func orForms(forms []ImportForm) string {
	texts := make([]string, len(forms))
	for i, form := range forms {
		texts[i] = form.String()
	}
	return strings.Join(texts, " or by ")
}

// IsImportByText reports whether an import names a text. If not, it gives an identity:
// core sends one of the two, and where that is the text, the identity is null.
func IsImportByText(req resource.ImportStateRequest) bool { return req.Identity.Raw.IsNull() }

// importedText returns the text that an import names or, where it gives an
// identity, an attribute of that.
func importedText(ctx context.Context, req resource.ImportStateRequest, attribute string, diags *diag.Diagnostics) string {
	if IsImportByText(req) {
		return req.ID
	}
	var text types.String
	diags.Append(req.Identity.GetAttribute(ctx, path.Root(attribute), &text)...)
	return text.ValueString()
}

func setImported(ctx context.Context, resp *resource.ImportStateResponse, attribute, id string) {
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attribute), id)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root(attribute), id)...)
}
