// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The server refuses an empty address of the identity provider: null clears it.
func TestClearedAddresses(t *testing.T) {
	t.Parallel()
	prior := Settings{ExternalOAuthAuthorizationURL: types.StringValue("https://a"), ExternalOAuthTokenURL: types.StringValue("https://b"), Host: types.StringValue("h")}
	empty := Settings{ExternalOAuthAuthorizationURL: types.StringValue(""), ExternalOAuthTokenURL: types.StringValue(""), Host: types.StringValue("")}
	if sent, want := encode(t, empty.changes(prior)), map[string]any{"externalOauthAuthorizationUrl": nil, "externalOauthTokenUrl": nil, "host": ""}; !reflect.DeepEqual(sent, want) {
		t.Errorf("sent is %v", sent)
	}
	if sent := encode(t, prior.changes(prior)); len(sent) > 0 {
		t.Errorf("of no change %v is sent", sent)
	}
}

// What only a create takes replaces the connection when it changes, and when it may;
// what an import left unread may be adopted instead.
func TestCreateOnlyChanges(t *testing.T) {
	t.Parallel()
	text, unknown, null := types.StringValue, types.StringUnknown(), types.StringNull()
	for name, c := range map[string]struct {
		plan, state types.String // of the audience
		unread      []string
		adopted     []string
		want        []string
	}{
		"the same":             {text("a"), text("a"), createOnlyKeys, nil, nil},
		"another":              {text("b"), text("a"), createOnlyKeys, nil, []string{"wif_audience"}},
		"removed":              {null, text("a"), nil, nil, []string{"wif_audience"}},
		"new":                  {text("a"), null, nil, nil, []string{"wif_audience"}},
		"adopted":              {text("a"), null, createOnlyKeys, []string{wifAudienceKey}, nil},
		"soon":                 {unknown, text("a"), createOnlyKeys, nil, []string{"wif_audience"}},
		"soon, none before":    {unknown, null, nil, nil, []string{"wif_audience"}},
		"soon, unread before":  {unknown, null, createOnlyKeys, nil, nil},
		"soon, another unread": {unknown, null, []string{wifServiceAccountEmailKey}, nil, []string{"wif_audience"}},
	} {
		got := model{WIFAudience: c.plan}.createOnlyChanges(model{WIFAudience: c.state}, c.unread, c.adopted)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
