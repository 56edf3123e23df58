// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package cli

import "context"

// lockFile does not lock here: builders that run at once each build under a name
// of their own, and the last rename wins.
func lockFile(context.Context, string) (unlock func(), err error) { return func() {}, nil }
