// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command compile compiles packages into Go's cache and says how far it is, for
// make targets that would be silent for minutes the first time.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

func main() {
	var c cli.Compilation
	flag.BoolVar(&c.Tests, "test", false, "the packages' tests, too")
	flag.Parse()
	c.Packages = flag.Args()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := cli.Compile(ctx, os.Stderr, c)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compile:", err)
		os.Exit(1)
	}
}
