// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"

	actiontimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// Timeouts returns the attribute timeouts, which every resource has.
func Timeouts(ctx context.Context) schema.Attribute {
	const description = "How long the operation may take in all, waiting for the rate limit included, such as `90s` or `20m`. Default: `10m`."
	attribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: description,
		Read: true, ReadDescription: description,
		Update: true, UpdateDescription: description,
		Delete: true, DeleteDescription: description,
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long the operations may take."
		return nested
	}
	return attribute
}

// ActionTimeouts returns the attribute timeouts of an action.
func ActionTimeouts(ctx context.Context) actionschema.Attribute {
	attribute := actiontimeouts.AttributesWithOpts(ctx, actiontimeouts.Opts{
		InvokeDescription: "How long the action may take in all, waiting for the rate limit included, such as `90s` or `20m`. Default: `10m`.",
	})
	if nested, ok := attribute.(actionschema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long the action may take."
		return nested
	}
	return attribute
}
