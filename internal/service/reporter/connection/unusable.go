// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

// What the service stores without a word, and cannot connect with: it puts the
// address and the credentials into one text, with too little escaping or too much.

// warnHost warns of an address that the service cannot use.
func warnHost(m model) diag.Diagnostics {
	var diags diag.Diagnostics
	if m.Type.ValueString() == "POSTGRESQL" && strings.Contains(m.Host.ValueString(), ":") {
		diags.AddAttributeWarning(path.Root("host"), "The service cannot connect to this host",
			"It stores an IPv6 address of a POSTGRESQL connection, but omits the brackets when it connects, and fails. Use a host name that resolves to the address.")
	}
	return diags
}

// warnPassword warns of a configured password that the database will not receive
// as it is. It does not repeat any of it.
func warnPassword(m, config model) diag.Diagnostics {
	var diags diag.Diagnostics
	for at, value := range map[string]string{"password": config.Password.ValueString(), "password_wo": config.PasswordWO.ValueString()} {
		switch kind := m.Type.ValueString(); {
		case kind == "POSTGRESQL" && strings.Contains(value, " "):
			diags.AddAttributeWarning(path.Root(at), "The database will receive another password",
				"The service sends a space in the password of a POSTGRESQL connection as +. Choose a password without spaces.")
		case kind == "MYSQL" && url.QueryEscape(value) != value:
			diags.AddAttributeWarning(path.Root(at), "The database will receive another password",
				"The service sends the password of a MYSQL connection URL-encoded, so that every character except letters, digits, -, _, . and ~ arrives as something else. Choose a password that has only these characters.")
		}
	}
	return diags
}

// warnChanges warns of what a plan makes of the connection, not of what was there
// before.
func warnChanges(config, plan, state model, secrets framework.SecretChanges) diag.Diagnostics {
	var diags diag.Diagnostics
	sameType := plan.Type.Equal(state.Type)
	if !sameType || !plan.Host.Equal(state.Host) {
		diags.Append(warnHost(plan)...)
	}
	if !sameType || secrets.Of(password).Sends() {
		diags.Append(warnPassword(plan, config)...)
	}
	return diags
}
