// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// The dataconn provider for Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, for a CLI to attach to: under a debugger, for instance")
	address := flag.String("address", "registry.terraform.io/dataconn/dataconn",
		"with -debug, where the CLI expects the provider; for OpenTofu registry.opentofu.org/dataconn/dataconn")
	flag.Parse()

	if err := provider.SilenceUnreadLogs(); err != nil {
		log.Fatal(err)
	}
	err := providerserver.Serve(context.Background(), provider.New(provider.Options{Version: version}), providerserver.ServeOpts{
		Address: *address,
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
