// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

func secretToken(server *omnimock.Server) secret.String { return secret.New(server.Token()) }

// differs is a create that wants something else than what there is.
func differs(*omni.Environment) bool { return false }
