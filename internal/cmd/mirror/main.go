// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command mirror lays the archives of a release out as a provider mirror, for
// machines that reach no registry.
//
//	go run ./internal/cmd/mirror dist /srv/mirror
package main

import (
	"fmt"
	"os"

	"github.com/dataconn/terraform-provider-dataconn/internal/release"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: mirror FOLDER-WITH-ZIPS MIRROR")
		os.Exit(2)
	}
	archives, err := release.Archives(os.Args[1])
	if err == nil {
		err = release.Mirror(os.Args[2], archives)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mirror:", err)
		os.Exit(1)
	}
	fmt.Printf("%d archives in %s\n", len(archives), os.Args[2])
}
