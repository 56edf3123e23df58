// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package schemamodel

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

var _ list.ListResourceWithConfigure = (*modelList)(nil)

// modelList has its name and its access to Omni from the resource.
type modelList struct {
	modelResource
}

// NewListResource returns the list resource dataconn_omni_schema_model.
func NewListResource() list.ListResource { return &modelList{} }

// ListResourceConfigSchema describes that there are no filters.
func (l *modelList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the schema models of all Omni connections that the API key can see, by the connection's name. It takes a request for each 100 of them.",
	}
}

// List finds the models.
func (l *modelList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	attempt := framework.Attempt{Action: "list", Object: "the schema models", Needs: needs}
	stream.Results = framework.ListFound(ctx, req, attempt, func(struct{}) ([]framework.Listed[model], error) {
		models, err := l.Omni.SchemaModels(ctx)
		models = slices.SortedFunc(slices.Values(models), func(a, b omni.SchemaModel) int {
			return cmp.Or(cmp.Compare(nameOf(&a), nameOf(&b)), cmp.Compare(a.ID, b.ID))
		})
		found := make([]framework.Listed[model], len(models))
		for i, s := range models {
			found[i] = listed(&s)
		}
		return found, err
	})
}

func listed(s *omni.SchemaModel) framework.Listed[model] {
	if s.Problem != nil {
		return framework.NotListed[model](framework.LeftOut("An Omni schema model", fmt.Sprintf("Schema model %q", s.ID), s.Problem))
	}
	return framework.Listed[model]{
		Name:     nameOf(s),
		Identity: identity{ConnectionID: types.StringValue(s.ConnectionID)},
		State: func(m model) (model, diag.Diagnostics) {
			m.ConnectionID = types.StringValue(s.ConnectionID)
			return m.read(s), nil
		},
	}
}
