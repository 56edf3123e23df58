// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package provider puts the provider together: its configuration and the list
// of its entities.
package provider

import (
	"context"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/connection"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/connectionenvironment"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/environmentuserattribute"
	reporterconnection "github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/connection"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/connectionschema"
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
}

type dataconnProvider struct {
	options Options
}

var _ provider.Provider = (*dataconnProvider)(nil)

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
		connectionenvironment.NewResource,
		environmentuserattribute.NewResource,
		reporterconnection.NewResource,
	}
}

// DataSources lists the data sources.
func (p *dataconnProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		connection.NewDataSource,
		connection.NewPluralDataSource,
		reporterconnection.NewDataSource,
		reporterconnection.NewPluralDataSource,
		connectionschema.NewDataSource,
		datasources.NewDataSource,
	}
}
