// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// The attribute is the provider's alone, and says what is sent.
func TestSecretsSentAtAttribute(t *testing.T) {
	t.Parallel()
	a := SecretsSentAtAttribute("the password", "sends it")
	if !a.IsComputed() || a.IsOptional() || a.IsRequired() || !strings.Contains(a.GetMarkdownDescription(), "last sent the password") || !strings.Contains(a.GetMarkdownDescription(), "a plan that sends it.") {
		t.Errorf("%+v", a)
	}
}

// What the plan has known stays. What it left open is now where secrets were sent,
// and else what it was before: null for a new object.
func TestSentAt(t *testing.T) {
	t.Parallel()
	value := secret.New("a")
	sent := SecretChanges{{Secret{Name: "a"}, SecretChange{Value: &value}}}
	prior, null, unknown := types.StringValue("2026-01-02T03:04:05Z"), types.StringNull(), types.StringUnknown()
	for _, c := range []struct {
		changes              SecretChanges
		planned, prior, want types.String
	}{
		{sent, prior, null, prior},
		{sent, null, prior, null},
		{nil, unknown, prior, prior},
		{nil, unknown, null, null},
	} {
		if got := c.changes.SentAt(c.planned, c.prior); !got.Equal(c.want) {
			t.Errorf("%v, %v after %v: %v", c.changes, c.planned, c.prior, got)
		}
	}
	before := time.Now().Add(-time.Second)
	if at, err := time.Parse("2006-01-02T15:04:05Z", sent.SentAt(unknown, prior).ValueString()); err != nil || at.Before(before) || at.After(time.Now()) {
		t.Errorf("%v, %v", at, err)
	}
}
