// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// UnsetVariable says where to look when a value is null or empty: that is what a
// variable gives whose environment variable is not set, or set to nothing.
const UnsetVariable = "if it comes from a variable, check that its TF_VAR_ environment variable is set"

// ErrEmpty says what is wrong with an empty text; see [UnsetVariable].
var ErrEmpty = errors.New("the value is empty; " + UnsetVariable)

// NotEmpty refuses an empty text.
func NotEmpty() validator.String { return refuseEmpty(ErrEmpty) }

// needsValue refuses the version of a write-only value that is null.
type needsValue struct{ secret Secret }

func (v needsValue) Description(context.Context) string {
	return fmt.Sprintf("only with %s_wo", v.secret.Name)
}

func (v needsValue) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateInt64 implements validator.Int64.
func (v needsValue) ValidateInt64(ctx context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	var value types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, req.Path.ParentPath().AtName(v.secret.Name+"_wo"), &value)...)
	if !req.ConfigValue.IsNull() && value.IsNull() && !resp.Diagnostics.HasError() {
		resp.Diagnostics.AddAttributeError(req.Path, fmt.Sprintf("No value for %s_wo", v.secret.Name),
			fmt.Sprintf("%s is set, and %s_wo is null; %s. If there is none to send, remove the version.", req.Path, v.secret.Name, UnsetVariable))
	}
}
