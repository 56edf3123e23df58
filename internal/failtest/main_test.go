// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package failtest_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
