// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// WholeNumber is the type of an attribute that takes whole numbers. The framework's
// own reports 5432.5 as an error of the provider; this one, as one of the configuration.
type WholeNumber struct{ basetypes.Int64Type }

// Equal reports whether the other type has the same values.
func (t WholeNumber) Equal(other attr.Type) bool {
	_, ok := other.(WholeNumber)
	return ok || t.Int64Type.Equal(other)
}

// ValueType returns an instance of the values of the type, which are those of
// every whole number.
func (t WholeNumber) ValueType(context.Context) attr.Value { return types.Int64{} }

// ValueFromTerraform cuts off the fraction: an error here would keep Validate from
// judging the number.
func (t WholeNumber) ValueFromTerraform(ctx context.Context, value tftypes.Value) (attr.Value, error) {
	var number big.Float
	if value.As(&number) != nil || number.IsInt() { // null reads as 0, and an unknown value not at all
		return t.Int64Type.ValueFromTerraform(ctx, value)
	}
	cut, _ := number.Int64()
	return types.Int64Value(cut), nil
}

// Validate refuses a fraction, and a number that is too large.
func (t WholeNumber) Validate(_ context.Context, value tftypes.Value, at path.Path) diag.Diagnostics {
	var number big.Float
	if !value.IsKnown() || value.As(&number) != nil { // null reads as 0
		return nil
	}
	if _, accuracy := number.Int64(); accuracy == big.Exact {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("Invalid value of %s", at),
		fmt.Sprintf("%s must be a whole number, and %s is not one that fits. If it is computed, write floor(...) around it.", at, number.Text('g', -1)))}
}
