// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"fmt"
	"time"

	actiontimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Timeouts returns the attribute timeouts, which every resource has.
func Timeouts(ctx context.Context) schema.Attribute {
	attribute := timeouts.AttributesAll(ctx)
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		for name, one := range nested.Attributes {
			if text, ok := one.(schema.StringAttribute); ok {
				text.MarkdownDescription = limitOf("operation") // the module describes in plain text
				text.Validators = duration()                    // and takes one that is not positive
				nested.Attributes[name] = text
			}
		}
		nested.MarkdownDescription = "How long the operations may take."
		return nested
	}
	return attribute
}

// limitOf describes one timeout.
func limitOf(what string) string {
	return "How long the " + what + " may take in all, waiting for the rate limit included, such as `90s` or `20m`. Default: `10m`."
}

func duration() []validator.String {
	return []validator.String{CheckString("a duration longer than 0", func(value string) error {
		if d, err := time.ParseDuration(value); err != nil || d <= 0 {
			return fmt.Errorf("%q is not a duration longer than 0, such as 90s or 20m", value)
		}
		return nil
	})}
}

// ActionTimeouts returns the attribute timeouts of an action.
func ActionTimeouts(ctx context.Context) actionschema.Attribute {
	attribute := actiontimeouts.Attributes(ctx)
	if nested, ok := attribute.(actionschema.SingleNestedAttribute); ok {
		for name, one := range nested.Attributes {
			if text, ok := one.(actionschema.StringAttribute); ok {
				text.Validators = duration()
				text.MarkdownDescription = limitOf("action")
				nested.Attributes[name] = text
			}
		}
		nested.MarkdownDescription = "How long the action may take."
		return nested
	}
	return attribute
}
