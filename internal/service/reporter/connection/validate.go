// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

// trimmed refuses texts that the service would change: it trims spaces, and
// takes none that are empty.
func trimmed() validator.String {
	return framework.CheckString("not empty, no leading or trailing spaces", func(value string) error {
		if value == "" || strings.TrimSpace(value) != value {
			return errors.New("it must not be empty or have leading or trailing spaces, which the service trims")
		}
		return nil
	})
}

const maxLabel = 63

// hostLabel is a part of a host name between dots. The first begins with a
// letter (RFC 952, as the service checks it).
var (
	firstLabel = regexp.MustCompile(`^[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`)
	otherLabel = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`)
)

// checkHost explains why the service would refuse a host; nil where it takes
// it: a host name or an IP address without zone, port or brackets.
func checkHost(host string) error {
	if address, err := netip.ParseAddr(host); err == nil && address.Zone() == "" {
		return nil
	}
	if err := framework.CheckHostName(host); err != nil {
		return err
	}
	for i, label := range strings.Split(host, ".") {
		pattern := otherLabel
		if i == 0 {
			pattern = firstLabel
		}
		if len(label) > maxLabel || !pattern.MatchString(label) {
			return fmt.Errorf("%q is neither a host name nor an IP address. A host name has labels of up to %d letters, digits and - between dots, begins with a letter and has no port, scheme, underscore or space", host, maxLabel)
		}
	}
	return nil
}

// knownType requires one of them. The usual short name of SQL Server is nearer to
// MYSQL in letters.
func knownType() validator.String {
	return framework.CheckString("one of "+strings.Join(knownTypes(), ", "), func(value string) error {
		if strings.EqualFold(value, "mssql") {
			return fmt.Errorf("%q is called \"SQL_SERVER\" here", value)
		}
		return framework.CheckOneOf(value, knownTypes()...)
	})
}

// checkSSLMode refuses a mode of another type.
func checkSSLMode(kind, mode types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	if !framework.IsSet(kind) || mode.ValueString() == "" { // an empty one has its own error
		return diags
	}
	modes, known := sslModes[kind.ValueString()]
	if known && !slices.Contains(modes, mode.ValueString()) {
		diags.AddAttributeError(path.Root("ssl").AtName("mode"), "Invalid value of ssl.mode",
			fmt.Sprintf("%q is not an ssl mode of %s connection. Its modes are %s; case matters.", mode.ValueString(), framework.WithArticle(kind.ValueString()), strings.Join(modes, ", ")))
	}
	return diags
}

// checkCA requires the certificate where the settings are sent. The service never
// returns it, so an imported connection's configuration may be without.
func checkCA(ctx context.Context, m model) diag.Diagnostics {
	if !framework.IsSet(m.SSL) {
		return nil
	}
	ssl, diags := m.ssl(ctx)
	if ssl.CA.IsNull() {
		diags.AddAttributeError(path.Root("ssl").AtName("ca"), "Missing ssl.ca",
			"The service replaces ssl as a whole, and requires ca with every mode, even with disable. It does not return the certificate that it has, so the configuration has to give it.")
	}
	return diags
}

// checkNew judges what is to be created. Of a connection that exists, a product and a
// password are there already.
func checkNew(ctx context.Context, config, plan model) diag.Diagnostics {
	var diags diag.Diagnostics
	if plan.ProductName.IsNull() {
		diags.AddAttributeError(path.Root("product_name"), "Missing product_name",
			"Set product_name here, in the reporter block of the provider, or in the environment variable REPORTER_PRODUCT_NAME.")
	}
	if config.Password.IsNull() && config.PasswordWO.IsNull() {
		diags.AddAttributeError(path.Root("password"), "Missing password", "A new connection needs password or, better, password_wo; "+framework.UnsetVariable+".")
	}
	diags.Append(checkCA(ctx, plan)...)
	diags.Append(warnHost(plan)...)
	diags.Append(warnPassword(plan, config)...)
	return diags
}
