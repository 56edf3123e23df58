// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/release"
)

// source is the provider's in required_providers, without a host.
const source = "dataconn/dataconn"

// RegistryHost is where the CLI looks for a provider whose source names no host.
func (c CLI) RegistryHost() string {
	if c.Kind == Tofu {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}

// DevOverrides is a CLI configuration that runs the provider in a folder. It
// needs no init, and no lock file; init itself fails with most CLIs.
func DevOverrides(dir string) string {
	var overrides strings.Builder
	for _, address := range release.Addresses() {
		_, _ = fmt.Fprintf(&overrides, "    %q = %q\n", address, filepath.ToSlash(dir))
	}
	return installation("dev_overrides", overrides.String())
}

// FilesystemMirror is a CLI configuration that installs providers from a folder
// and from nowhere else.
func FilesystemMirror(dir string) string {
	return installation("filesystem_mirror", fmt.Sprintf("    path = %q\n", filepath.ToSlash(dir)))
}

// NetworkMirror is a CLI configuration that installs providers from a server of
// the provider network mirror protocol and from nowhere else.
func NetworkMirror(url string) string {
	return installation("network_mirror", fmt.Sprintf("    url = %q\n", url))
}

func installation(method, arguments string) string {
	return "provider_installation {\n  " + method + " {\n" + arguments + "  }\n}\n"
}

// RequiredProvider is the block that a configuration needs to use the provider,
// of this version or, where it is "", of any.
func RequiredProvider(version string) string {
	constraint := ""
	if version != "" {
		constraint = fmt.Sprintf("      version = %q\n", version)
	}
	return "terraform {\n  required_providers {\n    dataconn = {\n      source = \"" + source + "\"\n" + constraint + "    }\n  }\n}\n"
}
