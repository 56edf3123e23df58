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
	const object = "Reporter connection"
	needs := func(action string) string {
		return "not allowed to do this: it needs the action " + action + " on the resource connections."
	}
	protocol.Operations{
		Host: server.Host, Config: config(), Changed: protocol.With(config(), map[string]any{"port": 5433}),
		Create: []string{"Cannot create " + object, needs("post")},
		Read:   []string{"Cannot read " + object, needs("get")},
		Update: []string{"Cannot change " + object, needs("patch")},
		Delete: []string{"Cannot delete " + object, needs("delete")},
	}.Require(p, typeName)
}
