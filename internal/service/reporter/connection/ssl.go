// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

// sslModes are the modes that the service takes for each type; case matters.
// They were read from the service's source, and a sample of each type was tried.
var sslModes = map[string][]string{
	"MONGODB":    {"disable", "false", "true", "enable", "insecure"},
	"MYSQL":      {"false", "true", "skip-verify", "preferred"},
	"ORACLE":     {"disable", "false", "true", "enable", "verify", "skip-verify"},
	"POSTGRESQL": {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"},
	"SQL_SERVER": {"disable", "false", "true", "strict"},
}

func knownTypes() []string { return slices.Sorted(maps.Keys(sslModes)) }

// checkSSLMode refuses a mode of another type.
func checkSSLMode(kind, mode types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	if !framework.IsSet(kind) || !framework.IsSet(mode) {
		return diags
	}
	modes, known := sslModes[kind.ValueString()]
	if known && !slices.Contains(modes, mode.ValueString()) {
		diags.AddAttributeError(path.Root("ssl").AtName("mode"), "Invalid value of ssl.mode",
			fmt.Sprintf("%q is no ssl mode of a %s connection. Its modes are %s; case matters.", mode.ValueString(), kind.ValueString(), strings.Join(modes, ", ")))
	}
	return diags
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
	for i, label := range strings.Split(host, ".") {
		pattern := otherLabel
		if i == 0 {
			pattern = firstLabel
		}
		if len(label) > maxLabel || !pattern.MatchString(label) {
			return fmt.Errorf("%q is neither a host name nor an IP address. A host name has labels of up to %d letters, digits and - between dots, begins with a letter and has no port, scheme, underscore or blank", host, maxLabel)
		}
	}
	return nil
}
