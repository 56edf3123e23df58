// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

func TestScrub(t *testing.T) {
	t.Parallel()
	scrub := scrubber(&live.Server{Target: live.Target{Origin: "https://omni.acme-data.tech:8443", Token: "t0ken"}}, "ada@acme-data.tech")
	for text, want := range map[string]string{
		"Connection with id 550E8400-e29b-41d4-a716-446655440000 does not exist": "Connection with id <id> does not exist",
		"tf-acc-abcdefghij2345-prod and TF_ACC_ABCDEFGHIJ2345":                   "<name>-prod and <name>",
		"https://omni.acme-data.tech:8443/api, on OMNI.acme-data.tech":           "<server>/api, on <server>",
		"node db-7.acme-data.tech:5432 failed":                                   "node <server> failed",
		"asked for by ada@acme-data.tech, not by bob@acme-data.tech":             "asked for by <user>, not by <address>",
		"see https://status.vendor.tech/x?y=1 or mail help@vendor.tech.":         "see <address> or mail <address>",
		"10.20.30.40:5432 refused, and 10.20.30.41. [fe80::1] too":               "<host> refused, and <host>. [<host>] too",
		"proxy-1.corp.internal and acme.omniapp.co said no":                      "<host> and <host> said no",
		"Bearer t0ken, omni_osk_abc123, " + password:                             "Bearer <secret>, <secret>, <secret>",
		"variables.0.value: Required; DB.example.com; at 10:30:00":               "variables.0.value: Required; DB.example.com; at 10:30:00",
	} {
		if got := scrub(text); got != want {
			t.Errorf("%q became\n%q, not\n%q", text, got, want)
		}
	}
}

func TestScrubAddress(t *testing.T) {
	t.Parallel()
	for origin, text := range map[string]string{"http://127.0.0.1:8080": "127.0.0.1:8080", "http://[::1]:8080": "[::1]:8080", "http://localhost:8080": "localhost", "http://acme.co": "Acme.co", "acme": "acme", "http://a b": "http://a b"} {
		if got := scrubber(&live.Server{Target: live.Target{Origin: origin}}, "")("at " + text + " now"); got != "at <server> now" {
			t.Errorf("%s: %q", origin, got)
		}
	}
	// A host may be all of its domain, and then others are below it.
	scrub := scrubber(&live.Server{Target: live.Target{Origin: "https://acme-data.tech"}}, "")
	if got := scrub("db-7.acme-data.tech and acme-data.tech"); got != "<server> and <server>" {
		t.Error(got)
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{"Missing Token": "Missing Token", "\n<!DOCTYPE html><title>Sign in to Acme</title>": "HTML", "": ""} {
		if got := excerpt([]byte(body)); got != want {
			t.Errorf("%q: %q", body, got)
		}
	}
}
