// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command sbom writes the software bill of materials of an archive or of an
// executable, as CycloneDX. The release runs it for each archive.
//
// cyclonedx-gomod (v1.9.0) would do this too, but it puts the time of its run into
// every document and has no option against that, so two builds of one release would
// differ; and it reads executables, not archives.
//
//	go run ./internal/cmd/sbom FILE DOCUMENT
package main

import (
	"fmt"
	"os"

	"github.com/dataconn/terraform-provider-dataconn/internal/release"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: sbom FILE DOCUMENT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(file, document string) error {
	content, err := os.ReadFile(file) //nolint:gosec // G304, G703: the user's choice
	if err != nil {
		return err
	}
	text, err := release.BOM(file, content)
	if err != nil {
		return err
	}
	return os.WriteFile(document, text, 0o644) //nolint:gosec // G306, G703: it is for everyone
}
