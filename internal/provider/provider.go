// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package provider puts the provider together: its configuration and the list
// of its entities.
package provider

import (
	"context"
	"net"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/connection"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/connectiondbt"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/connectionenvironment"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/connectionschedule"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/dbtenvironment"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/dbtrotatekeys"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/dbtrotatesigningkey"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/environmentaudience"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/environmentroute"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/environmentuserattribute"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/schemamodel"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/schemarefresh"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/user"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/userattribute"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/userattributevalue"
	reporterconnection "github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/connection"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/connectionschema"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/connectiontest"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/datasources"
)

// Options are what a provider is made with.
type Options struct {
	// Version is shown to servers and in the registry.
	Version string
	// Getenv reads the environment; nil reads the process's.
	Getenv func(string) string
	// Backoff is the first wait before a failed request is sent again; 0 is the
	// HTTP client's default. Tests shorten it.
	Backoff time.Duration
	// Now is the clock; nil means [time.Now]. Tests set it.
	Now func() time.Time
	// Dial connects to a server; nil dials. Tests without a network set it.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

type dataconnProvider struct {
	options Options
}

var (
	_ provider.ProviderWithListResources  = (*dataconnProvider)(nil)
	_ provider.ProviderWithActions        = (*dataconnProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*dataconnProvider)(nil)
)

// New returns a provider factory.
func New(options Options) func() provider.Provider {
	if options.Getenv == nil {
		options.Getenv = os.Getenv
	}
	return func() provider.Provider { return &dataconnProvider{options: options} }
}

// Metadata names the provider.
func (p *dataconnProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "dataconn"
	resp.Version = p.options.Version
}

// Resources lists the resources.
func (p *dataconnProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		connection.NewResource,
		connectiondbt.NewResource,
		connectionenvironment.NewResource,
		connectionschedule.NewResource,
		dbtenvironment.NewResource,
		environmentuserattribute.NewResource,
		schemamodel.NewResource,
		userattribute.NewResource,
		userattributevalue.NewResource,
		reporterconnection.NewResource,
	}
}

// DataSources lists the data sources.
func (p *dataconnProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		connection.NewDataSource,
		connection.NewPluralDataSource,
		connectionenvironment.NewPluralDataSource,
		environmentaudience.NewDataSource,
		environmentroute.NewDataSource,
		userattribute.NewDataSource,
		user.NewPluralDataSource,
		userattribute.NewPluralDataSource,
		reporterconnection.NewDataSource,
		reporterconnection.NewPluralDataSource,
		connectionschema.NewDataSource,
		datasources.NewDataSource,
	}
}

// Actions lists the actions.
func (p *dataconnProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		dbtrotatekeys.NewAction,
		dbtrotatesigningkey.NewAction,
		schemarefresh.NewAction,
		connectiontest.NewAction,
	}
}

// ListResources lists what terraform query can look for: every resource.
func (p *dataconnProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		connection.NewListResource,
		connectiondbt.NewListResource,
		connectionenvironment.NewListResource,
		connectionschedule.NewListResource,
		dbtenvironment.NewListResource,
		environmentuserattribute.NewListResource,
		schemamodel.NewListResource,
		userattribute.NewListResource,
		userattributevalue.NewListResource,
		reporterconnection.NewListResource,
	}
}
