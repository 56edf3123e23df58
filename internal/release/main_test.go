// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
)

func TestMain(m *testing.M) { acctest.Main(m) }
