// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// PrivateStateReader is the part of the framework's private state that is read here.
type PrivateStateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// PrivateStateWriter is the part that is written.
type PrivateStateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// PrivateStateReadWriter is the framework's private state.
type PrivateStateReadWriter interface {
	PrivateStateReader
	PrivateStateWriter
}

// Mark is a flag in the private state, by its key: it is set where the key is there.
type Mark string

// Set sets the mark.
func (m Mark) Set(ctx context.Context, private PrivateStateWriter) diag.Diagnostics {
	return private.SetKey(ctx, string(m), []byte("true"))
}

// Clear takes the mark away.
func (m Mark) Clear(ctx context.Context, private PrivateStateWriter) diag.Diagnostics {
	return private.SetKey(ctx, string(m), nil)
}

// IsSet reports whether the mark is set.
func (m Mark) IsSet(ctx context.Context, private PrivateStateReader) (bool, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, string(m))
	return len(value) > 0, diags
}
