// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import "github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"

// ReporterConfig is the provider block for a mock server, without the rate limit
// and with whatever the server wants for authentication.
func ReporterConfig(s *reportermock.Server) map[string]any {
	block := map[string]any{"base_url": s.URL(), "product_name": "Sales", "max_requests_per_minute": 100000}
	switch {
	case s.ClientID() != "":
		block["auth_url"], block["client_id"], block["client_secret"] = s.AuthURL(), s.ClientID(), s.ClientSecret()
	case s.Token() != "":
		block["token"] = s.Token()
	}
	return map[string]any{"reporter": block}
}
