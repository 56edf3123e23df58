// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command profiled is the provider, each of whose processes writes a CPU profile into
// the folder that BENCH_CPUPROFILES names.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime/pprof"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// version is set as main.version of the provider is.
var version = "dev"

func main() {
	if err := provider.SilenceUnreadLogs(); err != nil {
		log.Fatal(err)
	}
	stop, err := startProfile(os.Getenv("BENCH_CPUPROFILES"))
	if err != nil {
		log.Fatal(err)
	}
	err = providerserver.Serve(context.Background(), provider.New(provider.Options{Version: version}), providerserver.ServeOpts{
		Address: "registry.terraform.io/dataconn/dataconn",
	})
	if err := errors.Join(err, stop()); err != nil {
		log.Fatal(err)
	}
}

// startProfile begins a profile in the folder, or none where there is no folder.
func startProfile(folder string) (stop func() error, err error) {
	if folder == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(filepath.Join(folder, fmt.Sprintf("cpu-%d.pprof", os.Getpid()))) //nolint:gosec // G304: the benchmark's own folder
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, nil
}
