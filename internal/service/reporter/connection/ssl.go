// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
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

// readSSL takes over the mode, which is all that the service returns.
func readSSL(ctx context.Context, c *reporter.Connection, prior model) (types.Object, diag.Diagnostics) {
	mode, ok := c.SSLMode.Get()
	if !ok {
		return types.ObjectNull(sslTypes), nil
	}
	block, diags := prior.ssl(ctx)
	block.Mode = types.StringValue(mode)
	object, objectDiags := types.ObjectValueFrom(ctx, sslTypes, block)
	diags.Append(objectDiags...)
	return object, diags
}

// forgetSSL takes the certificates from the block, which the service never returns.
func (m *model) forgetSSL(ctx context.Context) diag.Diagnostics {
	if !framework.IsSet(m.SSL) {
		return nil
	}
	block, diags := m.ssl(ctx)
	object, objectDiags := types.ObjectValueFrom(ctx, sslTypes, sslModel{Mode: block.Mode, Key: block.Key, KeyWOVersion: block.KeyWOVersion})
	diags.Append(objectDiags...)
	m.SSL = object
	return diags
}

// sslRequest is the block as it is sent: whole, because the service forgets what
// is not sent.
func sslRequest(block sslModel, key *secret.String) *reporter.SSL {
	request := &reporter.SSL{Mode: block.Mode.ValueString(), CA: secret.New(block.CA.ValueString()), Key: key}
	if framework.IsSet(block.Cert) {
		cert := secret.New(block.Cert.ValueString())
		request.Cert = &cert
	}
	return request
}

// The names, for the record of an import, of the settings that are never
// returned. The key is a secret and goes its own way.
const (
	unreadCA   = "ssl.ca"
	unreadCert = "ssl.cert"
)

// unreadSSL returns what this connection has, or may have, unseen.
func unreadSSL(c *reporter.Connection) []string {
	if c.SSLMode.Or("") == "" {
		return nil
	}
	return []string{unreadCA, unreadCert}
}

// sslChange is what a plan or an apply does to the ssl settings.
type sslChange struct {
	sends   bool     // all of them are sent
	adopted []string // settings that an import left unread and that are configured now
	secrets framework.SecretChanges
}

// compareSSL finds out whether the settings have to be sent. What an import could
// not read is adopted: it is no reason to send them, as a key that is stored and
// not configured would be lost. Removing the key is no reason either. A block that
// is unknown as a whole compares as none: where there is one, it replaces.
func compareSSL(ctx context.Context, plan, state model, secrets framework.SecretChanges, private framework.PrivateStateReader) (sslChange, diag.Diagnostics) {
	change := sslChange{secrets: secrets}
	planned, diags := plan.ssl(ctx)
	prior, priorDiags := state.ssl(ctx)
	diags.Append(priorDiags...)
	unread, unreadDiags := framework.Unread(ctx, private)
	diags.Append(unreadDiags...)
	unconfirmed, unconfirmedDiags := framework.IsUnconfirmed(ctx, private)
	diags.Append(unconfirmedDiags...)
	change.sends = !planned.Mode.Equal(prior.Mode) || secrets.Of(sslKey).Sends() || unconfirmed
	for _, setting := range []struct {
		name           string
		planned, prior types.String
	}{{unreadCA, planned.CA, prior.CA}, {unreadCert, planned.Cert, prior.Cert}} {
		switch {
		case setting.planned.Equal(setting.prior):
		case setting.prior.IsNull() && slices.Contains(unread, setting.name):
			change.adopted = append(change.adopted, setting.name)
		default:
			change.sends = true
		}
	}
	return change, diags
}

// warnings tell what becomes of credentials that are no longer configured, and
// which settings are taken over unseen.
func (c sslChange) warnings(object string) diag.Diagnostics {
	diags := c.secrets.Warnings(object)
	if c.secrets.Of(sslKey).Hidden && c.sends {
		diags.AddAttributeError(path.Root("ssl").AtName("key_wo"), "The ssl settings cannot be sent without their key",
			fmt.Sprintf("The ssl settings of %s change, and the service replaces them as a whole. The plan has no value for ssl.key_wo, because ignore_changes covers it: the service would lose the key. Remove ssl.key_wo from ignore_changes.", object))
	}
	if c.secrets.Of(sslKey).Removed && c.sends {
		diags = slices.DeleteFunc(diags, func(d diag.Diagnostic) bool { return d.Equal(sslKey.RemovedWarning(object)) })
		diags.AddAttributeWarning(path.Root("ssl").AtName("key"), "The server loses the ssl.key of "+object,
			"The configuration no longer has ssl.key or ssl.key_wo, and the ssl settings are sent as a whole because something else in them changes.")
	}
	if len(c.adopted) > 0 && !c.sends {
		diags.Append(diag.WithPath(path.Root("ssl"), framework.AdoptionWarning(object, c.adopted)))
	}
	return diags
}
