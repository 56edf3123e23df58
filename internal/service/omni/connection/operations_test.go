// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	config := protocol.With(leastOf("exasol"), map[string]any{"deletion_protection": false})
	const object = `Omni connection "n"`
	protocol.Operations{
		Host: s.Host, Config: config, Changed: protocol.With(config, map[string]any{"host": "other"}),
		Create: []string{"Cannot create " + object, "it needs the admin role"},
		Read:   []string{"Cannot read " + object, "it needs the admin role, or at least Restricted Querier on the connection"},
		Update: []string{"Cannot change " + object, "it needs Connection Admin on the connection"},
		Delete: []string{"Cannot delete " + object, "it needs Connection Admin on the connection"},
	}.Require(protocolProvider(t, s), connectionType)
}
