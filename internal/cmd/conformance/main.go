// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command conformance asks a server of Omni or Reporter what the references leave
// open, asks the mock of this repository the same, and prints where the two
// differ. The environment names the servers, as it does for the provider.
//
//	OMNI_BASE_URL=... OMNI_API_TOKEN=... go run ./internal/cmd/conformance -json report.json
//
// Everything that it makes is named tf-acc-<random>, on hosts of reserved domains,
// and deleted again; -read-only makes nothing. It ends with 1 if anything differs,
// and with 2 if it could not ask.
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
	differs, err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted:
		fmt.Fprintln(os.Stderr, "conformance: interrupted; what it had made is deleted again, and make sweep lists what is not")
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(2)
	case differs:
		os.Exit(1)
	}
}
