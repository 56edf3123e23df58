// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command findcli prints the path of the Terraform or OpenTofu that the
// acceptance tests use, and builds OpenTofu where there is none.
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
	tofu := flag.Bool("tofu", false, "the OpenTofu that internal/tools/tofu pins, whatever is on PATH")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	find := cli.Find
	if *tofu {
		find = cli.BuildTofu
	}
	found, err := find(ctx, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "findcli:", err)
		os.Exit(1)
	}
	fmt.Println(found.Path)
}
