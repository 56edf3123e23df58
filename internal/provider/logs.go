// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"slices"
	"strings"
)

// SilenceUnreadLogs turns off the logs of the protocol and the framework unless
// one of the TF_LOG variables asks for logs. Without it both write everything
// down, message by message, for a CLI that throws it away: about a fifth of the
// provider's CPU time in a large plan.
func SilenceUnreadLogs() error {
	isWanted := func(variable string) bool { return strings.HasPrefix(variable, "TF_LOG") }
	if slices.ContainsFunc(os.Environ(), isWanted) {
		return nil
	}
	return os.Setenv("TF_LOG_SDK", "off")
}
