// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// Resources that have a new address and no moved block are deleted and created in
// one run, in whichever order.
func TestNewAddressesWithoutMoved(t *testing.T) {
	const count = 12
	named := func(address string) string {
		var blocks strings.Builder
		for i := range count {
			blocks.WriteString(acctest.Resource(typeName, fmt.Sprintf("%s_%d", address, i), minimal(attributes{"config_name": fmt.Sprintf("name-%d", i)})))
		}
		return blocks.String()
	}
	server := acctest.StartReporter(t, reportermock.Options{})
	var before []reportermock.Connection
	server.Run(t,
		resource.TestStep{Config: server.Config(named("old"))},
		resource.TestStep{
			PreConfig: func() { before = server.Connections() },
			Config:    server.Config(named("new")),
		},
	)
	if len(before) != count || len(server.Connections()) != 0 {
		t.Errorf("%d connections, and in the end %d", len(before), len(server.Connections()))
	}
}
