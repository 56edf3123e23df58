// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"net/url"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

func TestNormalizeBaseURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://example.com":               "https://example.com",
		"  https://example.com/\n":          "https://example.com",
		"https://example.com///":            "https://example.com",
		"HTTPS://Example.COM/Api/":          "https://example.com/Api",
		"http://localhost:8080":             "http://localhost:8080",
		"http://localhost:65535":            "http://localhost:65535",
		"http://127.0.0.1:1/a/b":            "http://127.0.0.1:1/a/b",
		"https://example.com/login/omni":    "https://example.com/login/omni",
		"https://[2001:DB8::1]:443/":        "https://[2001:db8::1]:443",
		"https://my_host.internal/x%2Fy":    "https://my_host.internal/x%2Fy",
		"https://xn--bcher-kva.example/api": "https://xn--bcher-kva.example/api",
	} {
		if got, err := NormalizeBaseURL(raw); err != nil || got != want {
			t.Errorf("NormalizeBaseURL(%q) = %q, %v, want %q", raw, got, err, want)
		}
	}
	for raw, reason := range map[string]string{
		"":                               "empty",
		" \n":                            "empty",
		"example.com":                    "begin with https://",
		"localhost:8080":                 "begin with https://",
		"ftp://example.com":              "begin with https://",
		"https:example.com":              "begin with https://",
		"https://":                       "no host",
		"https://:443":                   "no host",
		"https:///path":                  "no host",
		"https://example.com:":           "no port",
		"https://example.com:0":          "port",
		"https://example.com:99999":      "port",
		"https://example.com:65536":      "port",
		`"https://example.com"`:          "quotation marks",
		"https://example.com:http":       "not a valid URL",
		"https://user:hunter2@host":      "user name or password",
		"https://hunter2@host":           "user name or password",
		"hunter2:hunter2@host":           "begin with https://",
		"https://user:hunter2%zz@host":   "not a valid URL",
		"https://example.com?x=hunter2":  "query",
		"https://example.com?":           "query",
		"https://example.com/#hunter2":   "fragment",
		"https://example.com/\x00":       "control",
		"https://exa\nmple.com":          "control",
		"https://exa mple.com":           "not a valid URL",
		"https://ex<a>mple.com":          "character",
		"https://bücher.example":         "xn--",
		"https://[::1%25eth0]":           "IPv6",
		"https://[zz]":                   "valid",
		"https://example.com/../x":       "segments",
		"https://example.com/a//b":       "segments",
		"https://example.com/%2e%2e/x":   "segments",
		"https://example.com/a/%2e%2e/x": "segments",
		"https://example.com/a%5C..%5Cx": "segments",
		"https://example.com/Login/":     "ends in /login",
		"https://example.com/home":       "ends in /home",
		"https://example.com/signin":     "ends in /signin",
		"https://example.com/sign-in":    "ends in /sign-in",
		"https://example.com/logout":     "ends in /logout",
		"https://example.com/dashboards": "ends in /dashboards",
		"https://example.com/index.html": "ends in /index.html",
	} {
		got, err := NormalizeBaseURL(raw)
		if err == nil {
			t.Errorf("NormalizeBaseURL(%q) = %q, want an error", raw, got)
			continue
		}
		wantText(t, err.Error(), reason, "https://example.com")
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("NormalizeBaseURL(%q) repeats the password: %v", raw, err)
		}
	}
}

func FuzzNormalizeBaseURL(f *testing.F) {
	for _, seed := range []string{
		"https://example.com", " HTTP://[::1]:80/api// ", "https://u:p@h/", "https://h?q#f", "https://h/%2e%2e/", "//h", "https://%41",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		normalized, err := NormalizeBaseURL(raw)
		if err != nil {
			return
		}
		u, err := url.Parse(normalized)
		if err != nil {
			t.Fatalf("%q: result %q does not parse: %v", raw, normalized, err)
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
			u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(normalized, "/") {
			t.Errorf("%q: result %q is not a base URL", raw, normalized)
		}
		if again, err := NormalizeBaseURL(normalized); err != nil || again != normalized {
			t.Errorf("%q: result %q becomes %q, %v", raw, normalized, again, err)
		}
	})
}

func TestIsPlainHTTP(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"http://example.com":        true,
		"HTTP://10.0.0.1:80":        true,
		"http://localhost.evil.com": true,
		"https://example.com":       false,
		"http://localhost:8080":     false,
		"http://a.localhost":        false,
		"http://127.0.0.53":         false,
		"http://[::1]:80":           false,
		"":                          false,
	} {
		if got := IsPlainHTTP(address); got != want {
			t.Errorf("IsPlainHTTP(%q) = %t, want %t", address, got, want)
		}
	}
}

func TestCleanToken(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                  "",
		"hunter2":           "hunter2",
		" \thunter2\r\n":    "hunter2",
		"hunter2 with gaps": "hunter2 with gaps",
		`"`:                 `"`, // is not in quotation marks
		`"hunter2`:          `"hunter2`,
	} {
		if got, err := CleanToken(secret.New(raw)); err != nil || got.Reveal() != want {
			t.Errorf("CleanToken(%q) = %q, %v, want %q", raw, got.Reveal(), err, want)
		}
	}
	for _, raw := range []string{"hunter2\nhunter2", "hunter2\x00x", "hunter2\x7fx", "hunter2–x", "hunter2\xff", "Bearer hunter2", " bearer hunter2 x", `"hunter2"`, "'hunter2'", `""`, "$hunter2"} {
		got, err := CleanToken(secret.New(raw))
		if err == nil || !got.IsEmpty() {
			t.Errorf("CleanToken(%q) gave no error", raw)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("CleanToken(%q) repeats the token: %v", raw, err)
		}
	}
}
