// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattribute

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var (
	_ datasource.DataSourceWithConfigure        = (*attributeDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*attributeDataSource)(nil)
)

const needsToRead = "the right to see user attributes, which organization admins have"

type attributeDataSource struct {
	base.DataSource
}

// NewDataSource returns the data source dataconn_omni_user_attribute.
func NewDataSource() datasource.DataSource { return &attributeDataSource{} }

// Metadata names the data source.
func (d *attributeDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName
}

// Schema describes the attributes.
func (d *attributeDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dataSourceAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "Id of the user attribute (a UUID); null for one that Omni itself defines. Set either this or `name`.",
		Optional:            true,
		Computed:            true,
	}
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "Reference of the user attribute, case included, such as `environment` or Omni's own `omni_user_email`. Set either this or `id`.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{framework.NotEmpty()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One user attribute in Omni, found by name or by id. If it does not exist the plan fails, so that a base connection is not bound to an attribute that routes nobody.\n\n" +
			"The API key needs " + needsToRead + ".",
		Attributes: attributes,
	}
}

// ConfigValidators requires one of id and name.
func (d *attributeDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

// Read finds the user attribute.
func (d *attributeDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config settings
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	at, wanted := path.Root("name"), config.Name.ValueString()
	isWanted := func(a omni.UserAttribute) bool { return a.Name == wanted }
	if config.Name.IsNull() {
		at = path.Root("id")
		wanted = framework.ReferencedID(at, config.ID, &resp.Diagnostics)
		isWanted = func(a omni.UserAttribute) bool { return a.ID == wanted }
	}
	if resp.Diagnostics.HasError() {
		return
	}
	attempt := framework.Attempt{Action: "find", Object: fmt.Sprintf("Omni user attribute %q", wanted), Needs: needsToRead}
	all, err := d.Omni.UserAttributes(ctx) // an error about one that is not there names the others
	found := slices.IndexFunc(all, isWanted)
	switch {
	case err != nil:
		resp.Diagnostics.Append(attempt.AttributeError(at, explainRead(err)))
	case found < 0:
		resp.Diagnostics.Append(notFound(at, wanted, all))
	case all[found].Problem != nil:
		resp.Diagnostics.Append(attempt.AttributeError(at, all[found].Problem))
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, forDataSource(&all[found]))...)
	}
}

// explainRead adds what to do about a server that has no user attributes in its
// API.
func explainRead(err error) error {
	if !errors.Is(err, omni.ErrNoUserAttributes) {
		return err
	}
	return fmt.Errorf("%w: that of Omni's first guide has no such route. Write the attribute's name itself instead", err)
}

// maxNames bounds what an error lists.
const maxNames = 20

func notFound(at path.Path, wanted string, all []omni.UserAttribute) diag.Diagnostic {
	var names []string
	for _, a := range all {
		if !a.IsSystem() {
			names = append(names, a.Name)
		}
	}
	detail := fmt.Sprintf("None of the %d user attributes is %q; case matters.", len(all), wanted)
	if more := len(names) - maxNames; more > 0 {
		names = append(names[:maxNames], fmt.Sprintf("and %d more", more))
	}
	if len(names) > 0 {
		detail += " Besides Omni's own there are: " + strings.Join(names, ", ") + "."
	}
	return diag.NewAttributeErrorDiagnostic(at, "No such Omni user attribute", detail+" Create it in Omni's user interface, or with the resource dataconn_omni_user_attribute.")
}

// forDataSource is a user attribute as a data source returns it.
func forDataSource(a *omni.UserAttribute) settings {
	s := settings{}.read(a)
	if a.ID == "" {
		s.ID = types.StringNull()
	}
	return s
}

// dataSourceAttributes are the settings as a data source returns them: of each
// description only what the attribute is, not how it changes.
func dataSourceAttributes() map[string]schema.Attribute {
	return framework.ComputedAttributes(settingAttributes(), func(description string) string {
		first, _, _ := strings.Cut(description, ". ")
		return strings.TrimSuffix(first, ".") + "."
	})
}
