// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// Changes returns, in the wire's form, the attributes that differ from the prior
// ones and are known. With a zero prior model it is all that a create sends.
func Changes[Model, Wire any](pairs []framework.Pair, plan, prior Model) Wire {
	var changed Wire
	for _, pair := range pairs {
		planned, before := pair.Attribute(&plan), pair.Attribute(&prior)
		switch field := pair.Field(&changed).(type) {
		case *nullable.Value[string]:
			framework.SetChanged(field, framework.ChangedString, planned, before)
		case *nullable.Value[bool]:
			framework.SetChanged(field, framework.ChangedBool, planned, before)
		case *nullable.Value[int64]:
			framework.SetChanged(field, framework.ChangedInt64[int64], planned, before)
		case *nullable.Value[omni.Digits]:
			framework.SetChanged(field, framework.ChangedInt64[omni.Digits], planned, before)
		case *nullable.Value[omni.StringList]:
			framework.SetChanged(field, framework.ChangedSet[omni.StringList], planned, before)
		}
	}
	return changed
}

// Read returns the model with what the server has. The prior one fills in what this
// generation of the server does not return.
func Read[Model, Wire any](pairs []framework.Pair, server *Wire, prior Model) Model {
	for _, pair := range pairs {
		attribute := pair.Attribute(&prior)
		switch field := pair.Field(server).(type) {
		case *string: // an id; a dialect, which the body of a create may lack
			if text, ok := attribute.(*types.String); ok && *field != "" {
				*text = types.StringValue(*field)
			}
		case *nullable.Value[string]:
			framework.SetRead(attribute, framework.ReadString, field)
		case *nullable.Value[bool]:
			framework.SetRead(attribute, framework.ReadBool, field)
		case *nullable.Value[int64]:
			framework.SetRead(attribute, framework.ReadInt64[int64], field)
		case *nullable.Value[omni.Digits]:
			framework.SetRead(attribute, framework.ReadInt64[omni.Digits], field)
		case *nullable.Value[omni.StringList]:
			framework.SetRead(attribute, framework.ReadSet[omni.StringList], field)
		}
	}
	return prior
}
