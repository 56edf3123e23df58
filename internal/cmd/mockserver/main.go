// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command mockserver serves the in-memory servers, of Omni, of Reporter or of
// both, on a loopback address: for trying the provider without an instance.
//
// It keeps running; start it in the background and read the export lines that it
// prints, or wait for its -portfile.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mockserver:", err)
		os.Exit(1)
	}
}
