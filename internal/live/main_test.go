// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// theProxy leads to other machines in these tests, which reach none. Go reads the
// variables once.
const theProxy = "http://proxy.example.com:3128"

func TestMain(m *testing.M) {
	for variable, value := range map[string]string{"HTTP_PROXY": theProxy, "NO_PROXY": ""} {
		if err := os.Setenv(variable, value); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}
