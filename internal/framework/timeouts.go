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
	attribute := timeouts.AttributesAll(ctx)
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		for name, one := range nested.Attributes {
			if text, ok := one.(schema.StringAttribute); ok {
				text.MarkdownDescription = description // the module describes in plain text
				nested.Attributes[name] = text
			}
		}
		nested.MarkdownDescription = "How long the operations may take."
		return nested
	}
	return attribute
}

// ActionTimeouts returns the attribute timeouts of an action.
func ActionTimeouts(ctx context.Context) actionschema.Attribute {
	attribute := actiontimeouts.Attributes(ctx)
	if nested, ok := attribute.(actionschema.SingleNestedAttribute); ok {
		for name, one := range nested.Attributes {
			if text, ok := one.(actionschema.StringAttribute); ok {
				text.MarkdownDescription = "How long the action may take in all, waiting for the rate limit included, such as `90s` or `20m`. Default: `10m`."
				nested.Attributes[name] = text
			}
		}
		nested.MarkdownDescription = "How long the action may take."
		return nested
	}
	return attribute
}
