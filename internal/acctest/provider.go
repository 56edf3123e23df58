// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// Providers are factories for terraform-plugin-testing, which then runs the
// provider in the test's own process.
func Providers() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"dataconn": providerserver.NewProtocol6WithError(provider.New(protocol.Options())()),
	}
}

// OmniProvider is the provider block for a mock server, without the rate limit;
// further lines go into the block's omni attribute.
func OmniProvider(s *omnimock.Server, further ...string) string {
	return fmt.Sprintf(`
provider "dataconn" {
  omni = {
    base_url                = %q
    api_token               = %q
    max_requests_per_minute = 100000
    %s
  }
}
`, s.URL(), s.Token(), strings.Join(further, "\n    "))
}
