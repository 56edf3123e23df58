// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

func TestTimezone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Argentina/ComodRivadavia", "Etc/GMT+1", "GB-Eire", "America/Port_of_Spain", "Asia/Kolkata", "EST5EDT"} {
		if diags := validate(t, base.Timezone(), types.StringValue(name)); len(diags) > 0 {
			t.Errorf("%s: %v", name, diags)
		}
	}
	for _, name := range []string{
		"", "Local", "local", "utc", "europe/berlin", "Mars/Base", "Europe/", "/Europe/Berlin", "Europe//Berlin", "../Europe/Berlin", "Europe/../UTC", "posix/Europe/Berlin", "right/UTC", "posixrules",
		"localtime", "PST", "UTC+1", "Europe/Berlin ", "Europe\\Berlin", "Europe", "\x00", strings.Repeat("A", 10000), "NONE",
	} {
		if diags := validate(t, base.Timezone(), types.StringValue(name)); !diags.HasError() || !strings.Contains(diags[0].Detail(), `"Europe/Berlin"`) {
			t.Errorf("%.40q: %v", name, diags)
		}
	}
	if diags := validate(t, base.Timezone("NONE"), types.StringValue("NONE")); len(diags) > 0 {
		t.Errorf("refuses another word of the server: %v", diags)
	}
	if diags := validate(t, base.Timezone("NONE"), types.StringValue("none")); !diags.HasError() || !strings.Contains(diags[0].Detail(), `such as "UTC" or "Europe/Berlin" or "NONE"; case matters`) {
		t.Errorf("does not name the other word: %v", diags)
	}
}
