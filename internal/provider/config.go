// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
	reporterbase "github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

// ValidateConfig refuses two ways to sign in to Reporter, in one error.
func (p *dataconnProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var block types.Object
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("reporter"), &block)...)
	if resp.Diagnostics.HasError() || !framework.IsSet(block) {
		return
	}
	var c reporterConfig
	resp.Diagnostics.Append(block.As(ctx, &c, basetypes.ObjectAsOptions{})...)
	if framework.IsSet(c.Token) && (framework.IsSet(c.AuthURL) || framework.IsSet(c.ClientID) || framework.IsSet(c.ClientSecret)) {
		resp.Diagnostics.AddAttributeError(path.Root("reporter").AtName("token"), "Both a token and client credentials",
			"Reporter takes a token, or client credentials (auth_url, client_id, client_secret). Remove one of the two from the reporter block.")
	}
}

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
		Now:                p.options.Now,
		Dial:               p.options.Dial,
		Log: func(ctx context.Context, message string, fields map[string]any) {
			tflog.Debug(ctx, message, fields)
		},
		Inform: func(ctx context.Context, message string, fields map[string]any) {
			tflog.Info(ctx, message, fields)
		},
	}
	if base.CACertificate != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(base.CACertificate)) {
		general.check("ca_certificate", errors.New("it holds no certificate in PEM form (-----BEGIN CERTIFICATE-----): give the text of the file, not its path: file(\"ca.pem\") in the configuration, \"$(cat ca.pem)\" in a shell"))
	}
	if base.InsecureSkipVerify {
		resp.Diagnostics.AddAttributeWarning(path.Root("insecure_skip_verify"), "TLS certificates are not verified",
			"insecure_skip_verify is true: anyone between this machine and the server can read the credentials. Trust the server's authority with ca_certificate instead.")
	}

	if req.ClientCapabilities.DeferralAllowed && (isUnknownIn(ctx, c.Omni) || isUnknownIn(ctx, c.Reporter)) {
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
	}
	systems := &systems{
		omni:     p.omni(ctx, c.Omni, base, general.unknown, &resp.Diagnostics),
		reporter: p.reporter(ctx, c.Reporter, base, general.unknown, &resp.Diagnostics),
		hashing:  framework.NewHashing(),
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.ResourceData = systems
	resp.DataSourceData = systems
	resp.ActionData = systems
	resp.ListResourceData = systems
}

func isUnknownIn(ctx context.Context, block types.Object) bool {
	value, err := block.ToTerraformValue(ctx)
	return err == nil && !value.IsFullyKnown()
}

// What people copy along with the address.
var (
	omniSuffix     = regexp.MustCompile(`(/api(/v1|/unstable)?)$`)
	reporterSuffix = regexp.MustCompile(`/v1(/management(/connections)?)?$`)
)

// noServer takes the place of an address that is not known yet. What needs no
// server, such as the plan of a create, goes on without one.
const noServer = "https://not-known-yet.invalid"

// omni settles Omni's attributes and returns its getter.
func (p *dataconnProvider) omni(ctx context.Context, block types.Object, base httpclient.Config, generalUnknown []string, diags *diag.Diagnostics) func() (*inventory.Inventory, diag.Diagnostics) {
	var c omniConfig
	r := p.resolver(&block, diags)
	r.decode(ctx, "omni", &c)
	base.System = "Omni"
	base.Describe = omni.Describe
	base.BaseURL = r.address("base_url", c.BaseURL, envOmniBaseURL)
	base.Token = secret.New(r.text("api_token", c.APIToken, "", envOmniAPIToken, envOmniAPIKey))
	base.MaxRequestsPerMinute = int(r.integer("max_requests_per_minute", c.MaxRequestsPerMinute, envOmniMaxRequests, defaultOmniRequests, 1, maxRequestsLimit))
	apiVersion := r.text("api_version", c.APIVersion, omni.DefaultAPIVersion, envOmniAPIVersion)
	if apiVersion != "" && apiVersion != omni.DefaultAPIVersion && apiVersion != omni.APIVersionUnstable {
		r.check("api_version", fmt.Errorf("%q is not an API version: expected %q or %q", apiVersion, omni.DefaultAPIVersion, omni.APIVersionUnstable))
	}
	if base.BaseURL != "" {
		base.BaseURL = omniSuffix.ReplaceAllString(base.BaseURL, "") + "/api/" + apiVersion
	}
	token, err := httpclient.CleanToken(base.Token)
	r.check("api_token", err)
	base.Token = token

	deletable := r.ids("allow_deletion_of", c.AllowDeletionOf, envOmniAllowDeletionOf)
	base.Credentials = r.source("api_token", "omni.api_token", envOmniAPIToken+" or "+envOmniAPIKey)

	if problem := r.settle(&base, generalUnknown,
		requirement{base.BaseURL == "", "omni.base_url", envOmniBaseURL},
		requirement{base.Token.IsEmpty(), "omni.api_token", envOmniAPIToken + " (or " + envOmniAPIKey + ")"},
	); problem != nil {
		return unusable[inventory.Inventory](problem)
	}
	return usable(r.warnings, func() (*inventory.Inventory, error) {
		client, err := httpclient.New(base)
		if err != nil {
			return nil, &framework.NotConfiguredError{System: "Omni", Detail: err.Error()}
		}
		access := inventory.New(omni.NewClient(client, apiVersion))
		access.AllowDeletionOf(deletable...)
		return access, nil
	})
}

// reporter settles Reporter's attributes and returns its getter.
func (p *dataconnProvider) reporter(ctx context.Context, block types.Object, base httpclient.Config, generalUnknown []string, diags *diag.Diagnostics) func() (*reporterbase.Reporter, diag.Diagnostics) {
	var c reporterConfig
	r := p.resolver(&block, diags)
	r.decode(ctx, "reporter", &c)
	base.System = "Reporter"
	base.Describe = reporter.Describe
	base.BaseURL = reporterSuffix.ReplaceAllString(r.address("base_url", c.BaseURL, envReporterBaseURL), "")
	base.MaxRequestsPerMinute = int(r.integer("max_requests_per_minute", c.MaxRequestsPerMinute, envReporterMaxRequests, defaultReporterRequests, 1, maxRequestsLimit))
	product := r.text("product_name", c.ProductName, "", envReporterProductName)
	if product != "" {
		r.check("product_name", reporterbase.CheckName(product, 1))
	}
	token, err := httpclient.CleanToken(secret.New(r.text("token", c.Token, "", envReporterToken)))
	r.check("token", err)
	base.Token = token
	if _, fromEnv := r.sources["token"]; fromEnv && (framework.IsSet(c.AuthURL) || framework.IsSet(c.ClientID) || framework.IsSet(c.ClientSecret)) {
		base.Token = secret.String{} // configured credentials go before a token of the environment
	}
	authorize, clientSecret := r.clientCredentials(c, base)

	base.Credentials = r.source("token", "reporter.token", envReporterToken)
	if !clientSecret.IsEmpty() {
		base.Credentials += ", which is used although client credentials are set too"
	}
	switch {
	case !base.Token.IsEmpty():
	case clientSecret.IsEmpty():
		base.Credentials += fmt.Sprintf(", or client credentials: reporter.auth_url, reporter.client_id and reporter.client_secret (environment: %s, %s and %s)", envReporterAuthURL, envReporterClientID, envReporterClientSecret)
	default:
		base.Credentials = r.source("client_secret", "reporter.client_secret", envReporterClientSecret)
	}

	if problem := r.settle(&base, generalUnknown, requirement{base.BaseURL == "", "reporter.base_url", envReporterBaseURL}); problem != nil {
		return unusable[reporterbase.Reporter](problem)
	}
	return usable(r.warnings, func() (*reporterbase.Reporter, error) {
		source, err := authorize()
		if err != nil {
			return nil, &framework.NotConfiguredError{System: "Reporter", Detail: err.Error()}
		}
		config := base
		config.TokenSource = source
		config.Secrets = []secret.String{clientSecret}
		client, err := httpclient.New(config)
		if err != nil {
			return nil, &framework.NotConfiguredError{System: "Reporter", Detail: err.Error()}
		}
		return &reporterbase.Reporter{
			Client:             reporter.NewClient(client, reporter.Options{}),
			ProductName:        product,
			ProductNameUnknown: block.IsUnknown() || c.ProductName.IsUnknown(),
		}, nil
	})
}

// clientCredentials settles the attributes of the client credentials, which are
// used when any of them is set, and returns the maker of their token source and
// the secret among them; it makes none where they are not used. A configured token
// goes before credentials of the environment.
func (r *resolver) clientCredentials(c reporterConfig, base httpclient.Config) (func() (httpclient.TokenSource, error), secret.String) {
	none := func() (httpclient.TokenSource, error) { return nil, nil }
	authURL := r.address("auth_url", c.AuthURL, envReporterAuthURL)
	clientID := r.text("client_id", c.ClientID, "", envReporterClientID)
	clientSecret := secret.New(r.text("client_secret", c.ClientSecret, "", envReporterClientSecret))
	if !base.Token.IsEmpty() || len(r.unknown) > 0 || authURL+clientID == "" && clientSecret.IsEmpty() {
		return none, clientSecret
	}
	if missing := r.missing(
		requirement{authURL == "", "reporter.auth_url", envReporterAuthURL},
		requirement{clientID == "", "reporter.client_id", envReporterClientID},
		requirement{clientSecret.IsEmpty(), "reporter.client_secret", envReporterClientSecret},
	); missing != "" {
		const why = "Client credentials are used when any part of them is set. "
		if c.AuthURL.IsNull() && c.ClientID.IsNull() && c.ClientSecret.IsNull() {
			r.environment = append(r.environment, "The client credentials in the environment are incomplete. "+why+missing)
		} else {
			r.diags.AddAttributeError(path.Root("reporter"), "Incomplete client credentials of Reporter", why+missing)
		}
		return none, clientSecret
	}
	base.System = "Reporter's identity service"
	base.Credentials = fmt.Sprintf("reporter.client_id and reporter.client_secret in the provider block (environment: %s and %s)", envReporterClientID, envReporterClientSecret)
	base.BaseURL, base.Address = authURL, "reporter.auth_url"
	return func() (httpclient.TokenSource, error) {
		client, err := httpclient.New(base)
		if err != nil {
			return nil, err
		}
		return reporter.NewTokenSource(client, clientID, clientSecret), nil
	}, clientSecret
}

// settle returns why a system cannot be used, nil where it can. Where an attribute is
// not known yet, it can without its server.
func (r *resolver) settle(base *httpclient.Config, generalUnknown []string, required ...requirement) *framework.NotConfiguredError {
	if r.environment != nil {
		return &framework.NotConfiguredError{System: base.System, Summary: "Invalid environment variables of " + base.System, Detail: strings.Join(r.environment, "\n\n")}
	}
	if unknown := append(slices.Clone(generalUnknown), r.unknown...); len(unknown) > 0 {
		base.BaseURL, base.Unavailable = noServer, &framework.NotConfiguredError{System: base.System, Detail: unknownDetail(unknown)}
		return nil
	}
	if missing := r.missing(required...); missing != "" {
		return &framework.NotConfiguredError{System: base.System, Detail: missing}
	}
	return nil
}

func unknownDetail(unknown []string) string {
	are, depend := "is", "it depends"
	if len(unknown) > 1 {
		are, depend = "are", "they depend"
	}
	return fmt.Sprintf("%s in the provider block %s not known yet: %s on something that has not been applied. Apply that first (terraform apply -target=…), or give the value in a variable or in the environment.", strings.Join(unknown, ", "), are, depend)
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
	// environment is what is wrong with the environment variables of a block. It
	// concerns whoever uses that system: the other's users may not know of them.
	environment []string
	warnings    diag.Diagnostics // about them, likewise
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
		if r.block != nil {
			r.environment = append(r.environment, fmt.Sprintf("The environment variable %s is invalid: %s. It is read because %s is not in the provider block.", variable, err, r.path(attribute)))
			return
		}
		r.diags.AddError("Invalid environment variable "+variable, fmt.Sprintf("%s (it sets %s of the provider block)", err, r.path(attribute)))
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

// source names where a credential comes from, for the errors that refuse it: the
// environment variable, or else the attribute and the variables that it has.
func (r *resolver) source(attribute, name, variables string) string {
	if variable, ok := r.sources[attribute]; ok {
		return "the environment variable " + variable
	}
	return fmt.Sprintf("%s in the provider block (environment: %s)", name, variables)
}

// ids settles a set of ids, which are separated by commas in the environment.
func (r *resolver) ids(attribute string, value types.Set, variable string) []string {
	texts := framework.Strings(value)
	if text, ok := r.fromEnv(attribute, value, variable); ok {
		texts = strings.Split(text, ",")
	}
	ids := make([]string, 0, len(texts))
	for _, text := range texts {
		if strings.TrimSpace(text) == "" {
			continue
		}
		id, err := framework.ParseID(text)
		r.check(attribute, err)
		ids = append(ids, id)
	}
	return ids
}

// address settles a base URL. One that is wrong is reported and counts as set.
func (r *resolver) address(attribute string, value types.String, variable string) string {
	text := r.text(attribute, value, "", variable)
	if text == "" {
		return ""
	}
	normalized, err := httpclient.NormalizeBaseURL(text)
	r.check(attribute, err)
	if err == nil && httpclient.IsPlainHTTP(normalized) {
		r.warnPlainHTTP(attribute)
	}
	return normalized
}

func (r *resolver) warnPlainHTTP(attribute string) {
	summary := fmt.Sprintf("%s is used without TLS", r.path(attribute))
	const why = " begins with http://, so tokens and the databases' passwords travel unencrypted. Use https://."
	if variable, ok := r.sources[attribute]; ok {
		r.warnings.AddWarning(summary, "The environment variable "+variable+why)
		return
	}
	r.diags.AddAttributeWarning(r.path(attribute), summary, "The address"+why)
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
	return framework.UpperFirst(strings.Join(ways, "; ")) + "."
}
