// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"fmt"

	dsschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// ComputedAttributes turns a resource's attributes into those of a data source
// that returns the same. Each description comes from describe, which may leave
// out what concerns a resource only.
func ComputedAttributes(attributes map[string]schema.Attribute, describe func(string) string) map[string]dsschema.Attribute {
	computed := make(map[string]dsschema.Attribute, len(attributes))
	for name, attribute := range attributes {
		description := describe(attribute.GetMarkdownDescription())
		switch a := attribute.(type) {
		case schema.StringAttribute:
			computed[name] = dsschema.StringAttribute{MarkdownDescription: description, Computed: true}
		case schema.Int64Attribute:
			computed[name] = dsschema.Int64Attribute{MarkdownDescription: description, Computed: true}
		case schema.BoolAttribute:
			computed[name] = dsschema.BoolAttribute{MarkdownDescription: description, Computed: true}
		case schema.SetAttribute:
			computed[name] = dsschema.SetAttribute{MarkdownDescription: description, ElementType: a.ElementType, Computed: true}
		default:
			panic(fmt.Sprintf("no data source attribute for %s (%T)", name, attribute))
		}
	}
	return computed
}
