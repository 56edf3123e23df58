// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"testing"
	"testing/synctest"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

func secretToken(server *omnimock.Server) secret.String { return secret.New(server.Token()) }

// differs is a create that wants something else than what there is.
func differs(*omni.Environment) bool { return false }

// inMemory runs a test in a bubble, where no wait takes time, with a server in it.
func inMemory(t *testing.T, options omnimock.Options, test func(t *testing.T, server *omnimock.Server)) {
	t.Helper()
	options.InMemory = true
	synctest.Test(t, func(t *testing.T) { test(t, omnimock.Start(t, options)) })
}
