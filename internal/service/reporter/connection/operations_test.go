// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	const object, refused = "Reporter connection", "not allowed to do this"
	protocol.Operations{
		Host: server.Host, Config: config(), Changed: protocol.With(config(), map[string]any{"port": 5433}),
		Create: []string{"Cannot create " + object, refused},
		Read:   []string{"Cannot read " + object, refused},
		Update: []string{"Cannot change " + object, refused},
		Delete: []string{"Cannot delete " + object, refused},
	}.Require(p, typeName)
}
