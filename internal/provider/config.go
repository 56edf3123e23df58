// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// Configure settles every attribute and hands out getters. It makes no request
// and builds no client: Terraform starts the provider several times a plan, and
// most of those processes need only one system or none.
func (p *dataconnProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var c config
	resp.Diagnostics.Append(req.Config.Get(ctx, &c)...)
	if resp.Diagnostics.HasError() {
		return
	}
	agent := fmt.Sprintf("terraform-provider-dataconn/%s (terraform %s)", p.options.Version, req.TerraformVersion)
	general := p.resolver(nil, &resp.Diagnostics)
	base := httpclient.Config{
		UserAgent:          agent,
		RequestTimeout:     general.duration("request_timeout", c.RequestTimeout, envRequestTimeout, defaultRequestTimeout),
		MaxRetries:         int(general.integer("max_retries", c.MaxRetries, envMaxRetries, defaultMaxRetries, 0, maxRetriesLimit)),
		CACertificate:      general.text("ca_certificate", c.CACertificate, "", envCACertificate),
		InsecureSkipVerify: general.boolean("insecure_skip_verify", c.InsecureSkipVerify, envInsecureSkipVerify),
		MinBackoff:         p.options.Backoff,
		Log: func(ctx context.Context, message string, fields map[string]any) {
			tflog.Debug(ctx, message, fields)
		},
	}
	if base.CACertificate != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(base.CACertificate)) {
		general.check("ca_certificate", errors.New("it holds no certificate in PEM form (-----BEGIN CERTIFICATE-----): give the text of the file, with file(), not its path"))
	}
	if base.InsecureSkipVerify {
		resp.Diagnostics.AddAttributeWarning(path.Root("insecure_skip_verify"), "TLS certificates are not verified",
			"insecure_skip_verify is true: whoever is between this machine and the server can read the credentials. Trust the server's authority with ca_certificate instead.")
	}

	systems := &framework.Systems{Omni: p.omni(ctx, c.Omni, base, general.unknown, &resp.Diagnostics)}
	p.checkReporter(ctx, c.Reporter, general.unknown, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.ResourceData = systems
	resp.DataSourceData = systems
}

// apiSuffix is what people copy along with the address.
var apiSuffix = regexp.MustCompile(`(/api(/v1|/unstable)?)$`)

// omni settles Omni's attributes and returns its getter.
func (p *dataconnProvider) omni(ctx context.Context, block types.Object, base httpclient.Config, generalUnknown []string, diags *diag.Diagnostics) func() (*omni.Inventory, error) {
	var c omniConfig
	r := p.resolver(&block, diags)
	r.decode(ctx, "omni", &c)
	base.System = "Omni"
	base.Describe = omni.Describe
	base.BaseURL = r.text("base_url", c.BaseURL, "", envOmniBaseURL)
	base.Token = secret.New(r.text("api_token", c.APIToken, "", envOmniAPIToken, envOmniAPIKey))
	base.MaxRequestsPerMinute = int(r.integer("max_requests_per_minute", c.MaxRequestsPerMinute, envOmniMaxRequests, defaultOmniRequests, 1, maxRequestsLimit))
	apiVersion := r.text("api_version", c.APIVersion, omni.DefaultAPIVersion, envOmniAPIVersion)
	if apiVersion != "" && apiVersion != omni.DefaultAPIVersion && apiVersion != omni.APIVersionUnstable {
		r.check("api_version", fmt.Errorf("%q is no API version: expected %q or %q", apiVersion, omni.DefaultAPIVersion, omni.APIVersionUnstable))
	}
	if base.BaseURL != "" {
		normalized, err := httpclient.NormalizeBaseURL(base.BaseURL)
		r.check("base_url", err)
		base.BaseURL = apiSuffix.ReplaceAllString(normalized, "") + "/api/" + apiVersion
		if err == nil && httpclient.IsPlainHTTP(base.BaseURL) {
			diags.AddAttributeWarning(r.path("base_url"), "Omni is called without TLS", "The base URL begins with http://, so the API token and the databases' passwords travel unencrypted. Use https://.")
		}
	}
	token, err := httpclient.CleanToken(base.Token)
	r.check("api_token", err)
	base.Token = token

	if unknown := append(generalUnknown, r.unknown...); len(unknown) > 0 {
		return notConfigured("Omni", fmt.Sprintf("%s in the provider block is not known yet: it depends on something that has not been applied. Apply that first (terraform apply -target=…), or give the value in a variable or in the environment.", strings.Join(unknown, ", ")))
	}
	if missing := r.missing(
		requirement{base.BaseURL == "", "omni.base_url", "OMNI_BASE_URL"},
		requirement{base.Token.IsEmpty(), "omni.api_token", "OMNI_API_TOKEN (or OMNI_API_KEY)"},
	); missing != "" {
		return notConfigured("Omni", missing)
	}
	return sync.OnceValues(func() (*omni.Inventory, error) {
		client, err := httpclient.New(base)
		if err != nil {
			return nil, &framework.NotConfiguredError{System: "Omni", Detail: err.Error()}
		}
		return omni.NewInventory(omni.NewClient(client, apiVersion)), nil
	})
}

// checkReporter settles Reporter's attributes, so that a mistake shows before
// the first of its resources does.
func (p *dataconnProvider) checkReporter(ctx context.Context, block types.Object, generalUnknown []string, diags *diag.Diagnostics) {
	var c reporterConfig
	r := p.resolver(&block, diags)
	r.decode(ctx, "reporter", &c)
	baseURL := r.text("base_url", c.BaseURL, "", envReporterBaseURL)
	authURL := r.text("auth_url", c.AuthURL, "", envReporterAuthURL)
	for name, address := range map[string]string{"base_url": baseURL, "auth_url": authURL} {
		if address == "" {
			continue
		}
		_, err := httpclient.NormalizeBaseURL(address)
		r.check(name, err)
		if err == nil && httpclient.IsPlainHTTP(address) {
			diags.AddAttributeWarning(r.path(name), "Reporter is called without TLS", "The address begins with http://, so credentials travel unencrypted. Use https://.")
		}
	}
	product := r.text("product_name", c.ProductName, "", envReporterProductName)
	if product != "" && (!productName.MatchString(product) || len(product) > reporterProductNameLimit) {
		r.check("product_name", fmt.Errorf("%q is no product name: it has up to %d letters, digits, _ and -", product, reporterProductNameLimit))
	}
	_, err := httpclient.CleanToken(secret.New(r.text("token", c.Token, "", envReporterToken)))
	r.check("token", err)
	r.integer("max_requests_per_minute", c.MaxRequestsPerMinute, envReporterMaxRequests, defaultReporterRequests, 1, maxRequestsLimit)

	clientID := r.text("client_id", c.ClientID, "", envReporterClientID)
	clientSecret := r.text("client_secret", c.ClientSecret, "", envReporterClientSecret)
	if len(generalUnknown)+len(r.unknown) > 0 || authURL+clientID+clientSecret == "" {
		return
	}
	if missing := r.missing(
		requirement{authURL == "", "reporter.auth_url", envReporterAuthURL},
		requirement{clientID == "", "reporter.client_id", envReporterClientID},
		requirement{clientSecret == "", "reporter.client_secret", envReporterClientSecret},
	); missing != "" {
		diags.AddAttributeError(path.Root("reporter"), "Incomplete client credentials of Reporter", "Client credentials are used when any part of them is set. "+missing)
	}
}

func notConfigured(system, detail string) func() (*omni.Inventory, error) {
	return func() (*omni.Inventory, error) {
		return nil, &framework.NotConfiguredError{System: system, Detail: detail}
	}
}

// resolver settles the attributes of one block: configuration, else
// environment, else default. It collects what is unknown, and reports what is
// wrong on the attribute's path.
type resolver struct {
	getenv  func(string) string
	block   *types.Object // nil at the top level
	name    string        // of the block
	unknown []string
	sources map[string]string // attribute -> the environment variable it came from
	diags   *diag.Diagnostics
}

func (p *dataconnProvider) resolver(block *types.Object, diags *diag.Diagnostics) *resolver {
	return &resolver{getenv: p.options.Getenv, block: block, sources: map[string]string{}, diags: diags}
}

// decode reads the block into target; a missing block leaves all to the
// environment.
func (r *resolver) decode(ctx context.Context, name string, target any) {
	r.name = name
	switch {
	case r.block.IsUnknown():
		r.unknown = append(r.unknown, name)
	case !r.block.IsNull():
		r.diags.Append(r.block.As(ctx, target, basetypes.ObjectAsOptions{})...)
	}
}

func (r *resolver) path(attribute string) path.Path {
	if r.name == "" {
		return path.Root(attribute)
	}
	return path.Root(r.name).AtName(attribute)
}

// check reports err on the attribute, or on its environment variable.
func (r *resolver) check(attribute string, err error) {
	if err == nil {
		return
	}
	if variable, ok := r.sources[attribute]; ok {
		r.diags.AddError("Invalid environment variable "+variable, fmt.Sprintf("%s (it stands for %s in the provider block)", err, r.path(attribute)))
		return
	}
	r.diags.AddAttributeError(r.path(attribute), fmt.Sprintf("Invalid value of %s", r.path(attribute)), err.Error())
}

// fromEnv reports whether the environment is to be asked: the attribute is
// neither set nor unknown. It returns the first variable that is set.
func (r *resolver) fromEnv(attribute string, value attr.Value, variables ...string) (string, bool) {
	if value.IsUnknown() {
		r.unknown = append(r.unknown, r.path(attribute).String())
		return "", false
	}
	if !value.IsNull() {
		return "", false
	}
	for _, variable := range variables {
		if text := r.getenv(variable); text != "" {
			r.sources[attribute] = variable
			return text, true
		}
	}
	return "", false
}

func (r *resolver) text(attribute string, value types.String, fallback string, variables ...string) string {
	if text, ok := r.fromEnv(attribute, value, variables...); ok {
		return text
	}
	if value.IsNull() {
		return fallback
	}
	return value.ValueString()
}

func (r *resolver) integer(attribute string, value types.Int64, variable string, fallback, low, high int64) int64 {
	text, ok := r.fromEnv(attribute, value, variable)
	if !ok {
		if framework.IsSet(value) {
			return value.ValueInt64()
		}
		return fallback
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < low || n > high {
		r.check(attribute, fmt.Errorf("%q is not a whole number from %d to %d", text, low, high))
	}
	return n
}

func (r *resolver) boolean(attribute string, value types.Bool, variable string) bool {
	text, ok := r.fromEnv(attribute, value, variable)
	if !ok {
		return value.ValueBool()
	}
	b, err := strconv.ParseBool(strings.TrimSpace(text))
	if err != nil {
		r.check(attribute, fmt.Errorf("%q is neither true nor false", text))
	}
	return b
}

func (r *resolver) duration(attribute string, value types.String, variable, fallback string) time.Duration {
	text := r.text(attribute, value, fallback, variable)
	if value.IsUnknown() {
		text = fallback
	}
	d, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil || d <= 0 {
		r.check(attribute, fmt.Errorf("%q is not a duration such as 30s or 2m", text))
	}
	return d
}

// requirement is an attribute without which a system cannot be used.
type requirement struct {
	absent    bool
	attribute string
	variable  string
}

// missing says how to set what is absent, or "".
func (r *resolver) missing(requirements ...requirement) string {
	var ways []string
	for _, q := range requirements {
		if q.absent {
			ways = append(ways, fmt.Sprintf("set %s in the provider block, or the environment variable %s", q.attribute, q.variable))
		}
	}
	if len(ways) == 0 {
		return ""
	}
	text := strings.Join(ways, "; ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}
