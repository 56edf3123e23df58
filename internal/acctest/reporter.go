// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// Product is the product of the provider blocks for Reporter.
const Product = "Sales"

// Reporter is as [Omni], for the other system.
type Reporter struct {
	*reportermock.Server
	*stage
}

// StartReporter starts a mock server that ends with the test. Further lines go
// into the reporter attribute of the provider block.
func StartReporter(t *testing.T, opts reportermock.Options, further ...string) *Reporter {
	t.Helper()
	r := &Reporter{Server: reportermock.Start(t, opts)}
	r.stage = &stage{reset: r.ResetRequests, writes: r.Writes, environment: map[string]string{
		"REPORTER_BASE_URL": r.URL(), "REPORTER_PRODUCT_NAME": Product, "REPORTER_MAX_REQUESTS_PER_MINUTE": "100000",
	}}
	if r.ClientID() != "" {
		r.environment["REPORTER_AUTH_URL"] = r.AuthURL()
		r.environment["REPORTER_CLIENT_ID"], r.environment["REPORTER_CLIENT_SECRET"] = r.ClientID(), r.ClientSecret()
	} else {
		r.environment["REPORTER_TOKEN"] = r.Token()
	}
	r.block = ReporterProvider(r.Server, further...)
	return r
}

// ReporterProvider is the provider block for a mock server, without the rate
// limit and with whatever the server wants for authentication; further lines go
// into the block's reporter attribute.
func ReporterProvider(s *reportermock.Server, further ...string) string {
	switch {
	case s.ClientID() != "":
		further = append(further, fmt.Sprintf("auth_url = %q", s.AuthURL()),
			fmt.Sprintf("client_id = %q", s.ClientID()), fmt.Sprintf("client_secret = %q", s.ClientSecret()))
	case s.Token() != "":
		further = append(further, fmt.Sprintf("token = %q", s.Token()))
	}
	return fmt.Sprintf(`
provider "dataconn" {
  reporter = {
    base_url                = %q
    product_name            = %q
    max_requests_per_minute = 100000
    %s
  }
}
`, s.URL(), Product, strings.Join(further, "\n    "))
}

// Writes returns the requests since the step began that could change something,
// such as
//
//	PATCH connections {"port":5433} 200
//
// in the order of arrival, without ids, and with the keys of the body sorted.
func (r *Reporter) Writes() []string {
	var writes []string
	for _, request := range r.Requests() {
		if request.Method == http.MethodGet || strings.Contains(request.Path, "/login/") {
			continue
		}
		var parts []string
		for part := range strings.SplitSeq(strings.TrimPrefix(request.Path, "/v1/management/"), "/") {
			if _, err := uuid.Parse(part); err != nil {
				parts = append(parts, part)
			}
		}
		writes = append(writes, write(request.Method, strings.Join(parts, "/"), request.Body, request.Status))
	}
	return writes
}

// Only returns the server's one connection of this name.
func (r *Reporter) Only(t testing.TB, name string) reportermock.Connection {
	t.Helper()
	var found []reportermock.Connection
	for _, c := range r.Connections() {
		if c.ConfigName == name {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the server has %d connections named %q", len(found), name)
	}
	return found[0]
}
