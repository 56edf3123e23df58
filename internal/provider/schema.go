// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	reporterbase "github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

// The environment variables, each behind the attribute of the same meaning.
// The general ones carry the provider's name; those of a system carry its own,
// as its other tools read them.
const (
	envOmniBaseURL          = "OMNI_BASE_URL"
	envOmniAPIToken         = "OMNI_API_TOKEN"
	envOmniAPIKey           = "OMNI_API_KEY"
	envOmniAPIVersion       = "OMNI_API_VERSION"
	envOmniMaxRequests      = "OMNI_MAX_REQUESTS_PER_MINUTE"
	envOmniAllowDeletionOf  = "OMNI_ALLOW_DELETION_OF"
	envReporterBaseURL      = "REPORTER_BASE_URL"
	envReporterProductName  = "REPORTER_PRODUCT_NAME"
	envReporterToken        = "REPORTER_TOKEN"
	envReporterAuthURL      = "REPORTER_AUTH_URL"
	envReporterClientID     = "REPORTER_CLIENT_ID"
	envReporterClientSecret = "REPORTER_CLIENT_SECRET"
	envReporterMaxRequests  = "REPORTER_MAX_REQUESTS_PER_MINUTE"
	envRequestTimeout       = "DATACONN_REQUEST_TIMEOUT"
	envMaxRetries           = "DATACONN_MAX_RETRIES"
	envCACertificate        = "DATACONN_CA_CERTIFICATE"
	envInsecureSkipVerify   = "DATACONN_INSECURE_SKIP_VERIFY"
	defaultRequestTimeout   = "30s"
	defaultMaxRetries       = 5
	defaultOmniRequests     = 60
	defaultReporterRequests = 100
	maxRetriesLimit         = 20
	maxRequestsLimit        = 1_000_000
)

// config is the provider block.
type config struct {
	Omni               types.Object `tfsdk:"omni"`
	Reporter           types.Object `tfsdk:"reporter"`
	RequestTimeout     types.String `tfsdk:"request_timeout"`
	MaxRetries         types.Int64  `tfsdk:"max_retries"`
	CACertificate      types.String `tfsdk:"ca_certificate"`
	InsecureSkipVerify types.Bool   `tfsdk:"insecure_skip_verify"`
}

type omniConfig struct {
	BaseURL              types.String `tfsdk:"base_url"`
	APIToken             types.String `tfsdk:"api_token"`
	APIVersion           types.String `tfsdk:"api_version"`
	AllowDeletionOf      types.Set    `tfsdk:"allow_deletion_of"`
	MaxRequestsPerMinute types.Int64  `tfsdk:"max_requests_per_minute"`
}

type reporterConfig struct {
	BaseURL              types.String `tfsdk:"base_url"`
	ProductName          types.String `tfsdk:"product_name"`
	Token                types.String `tfsdk:"token"`
	AuthURL              types.String `tfsdk:"auth_url"`
	ClientID             types.String `tfsdk:"client_id"`
	ClientSecret         types.String `tfsdk:"client_secret"`
	MaxRequestsPerMinute types.Int64  `tfsdk:"max_requests_per_minute"`
}

// Schema describes the provider block. Everything is optional: what it lacks
// comes from the environment, and a system that nothing uses needs nothing.
func (p *dataconnProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages data connections, and the environments that switch between them, in Omni and in Lerian Reporter.\n\n" +
			"Each attribute is taken from the configuration, otherwise from the environment variable that its description names, otherwise from its default. A system that is not configured costs nothing until one of its resources is used. While a value is not known at plan, its system cannot be read; what needs no server, such as a new resource, is planned anyway, so that one apply can create an instance and fill it. A mistake in the environment variables of one system does not affect those who use only the other. Proxies are taken from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.",
		Attributes: map[string]schema.Attribute{
			"omni": schema.SingleNestedAttribute{
				MarkdownDescription: "The Omni instance.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"base_url": schema.StringAttribute{
						MarkdownDescription: "Address of the instance, such as `https://acme.omniapp.co`; a trailing `/`, `/api`, `/api/v1` or `/api/unstable` is ignored. Environment: `" + envOmniBaseURL + "`. Required to use Omni.",
						Optional:            true,
						Validators:          []validator.String{framework.NotEmpty()},
					},
					"api_token": schema.StringAttribute{
						MarkdownDescription: "API key of the organization (`omni_osk_…`) or a personal access token. Environment: `" + envOmniAPIToken + "`, then `" + envOmniAPIKey + "`. Required to use Omni.",
						Optional:            true,
						Sensitive:           true,
						Validators:          []validator.String{framework.NotEmpty()},
					},
					"api_version": schema.StringAttribute{
						MarkdownDescription: "Prefix of the API's paths: `v1`, or `unstable` for a server of the 2025 guide. Environment: `" + envOmniAPIVersion + "`. Default: `v1`.",
						Optional:            true,
						Validators:          []validator.String{framework.OneOf(omni.DefaultAPIVersion, omni.APIVersionUnstable)},
					},
					"allow_deletion_of": schema.SetAttribute{
						MarkdownDescription: "Ids of connections that may be deleted whatever the state says about their `deletion_protection`. This is the way out where no configuration reaches the state any more: a deposed object, a pending replacement, the clean-up of a `terraform test`. Environment: `" + envOmniAllowDeletionOf + "`, separated by commas.",
						ElementType:         types.StringType,
						Optional:            true,
						Validators:          []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(framework.UUID())},
					},
					"max_requests_per_minute": schema.Int64Attribute{
						CustomType:          framework.WholeNumber{},
						MarkdownDescription: "Rate limit that the provider observes on its own. Omni allows 60 requests per minute and key, and raises that on request. Environment: `" + envOmniMaxRequests + "`. Default: 60.",
						Optional:            true,
						Validators:          []validator.Int64{int64validator.Between(1, maxRequestsLimit)},
					},
				},
			},
			"reporter": schema.SingleNestedAttribute{
				MarkdownDescription: "The Reporter instance. Authentication is a static token, client credentials, or none.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"base_url": schema.StringAttribute{
						MarkdownDescription: "Address of the service, such as `https://reporter.example.com`; a trailing `/`, `/v1`, `/v1/management` or `/v1/management/connections` is ignored. Environment: `" + envReporterBaseURL + "`. Required to use Reporter.",
						Optional:            true,
						Validators:          []validator.String{framework.NotEmpty()},
					},
					"product_name": schema.StringAttribute{
						MarkdownDescription: "Product of connections whose resource names none: up to 100 letters, digits, `_` and `-`; case does not matter. Environment: `" + envReporterProductName + "`.",
						Optional:            true,
						Validators:          reporterbase.ProductName(),
					},
					"token": schema.StringAttribute{
						MarkdownDescription: "Static bearer token. Exclusive with the client credentials. Environment: `" + envReporterToken + "`.",
						Optional:            true,
						Sensitive:           true,
						Validators:          []validator.String{framework.NotEmpty()},
					},
					"auth_url": schema.StringAttribute{
						MarkdownDescription: "Address of the identity service that issues tokens for client credentials. Needs `client_id` and `client_secret`. Environment: `" + envReporterAuthURL + "`.",
						Optional:            true,
						Validators:          []validator.String{framework.NotEmpty()},
					},
					"client_id": schema.StringAttribute{
						MarkdownDescription: "Client id of the client credentials. Environment: `" + envReporterClientID + "`.",
						Optional:            true,
						Validators:          []validator.String{framework.NotEmpty()},
					},
					"client_secret": schema.StringAttribute{
						MarkdownDescription: "Client secret of the client credentials. Environment: `" + envReporterClientSecret + "`.",
						Optional:            true,
						Sensitive:           true,
						Validators:          []validator.String{framework.NotEmpty()},
					},
					"max_requests_per_minute": schema.Int64Attribute{
						CustomType:          framework.WholeNumber{},
						MarkdownDescription: "Rate limit that the provider observes on its own. Environment: `" + envReporterMaxRequests + "`. Default: 100.",
						Optional:            true,
						Validators:          []validator.Int64{int64validator.Between(1, maxRequestsLimit)},
					},
				},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one attempt of a request may take, such as `30s`; waiting for the rate limit does not count. Environment: `" + envRequestTimeout + "`. Default: `30s`.",
				Optional:            true,
			},
			"max_retries": schema.Int64Attribute{
				CustomType:          framework.WholeNumber{},
				MarkdownDescription: "How often a failed request is sent again, 0 to 20, where that can do no harm; a create whose outcome is unknown is never sent again. Rate limits (429) are waited for in any case, within the resource's timeouts. Environment: `" + envMaxRetries + "`. Default: 5.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(0, maxRetriesLimit)},
			},
			"ca_certificate": schema.StringAttribute{
				MarkdownDescription: "Certificates (PEM text, not a path: use `file()`) that are trusted in addition to the system's. Environment: `" + envCACertificate + "`.",
				Optional:            true,
			},
			"insecure_skip_verify": schema.BoolAttribute{
				MarkdownDescription: "Accepts any TLS certificate, so that anyone in between can read the credentials. Warns when true. Environment: `" + envInsecureSkipVerify + "`. Default: false.",
				Optional:            true,
			},
		},
	}
}
