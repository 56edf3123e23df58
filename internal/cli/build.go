// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/dataconn/terraform-provider-dataconn/internal/release"
)

// Module is the path of the provider's module, and that of its package.
const Module = "github.com/dataconn/terraform-provider-dataconn"

// ProviderVersion is what a provider that Build built calls itself.
const ProviderVersion = "0.1.0"

// Build builds a main package of the module whose source is in a folder, with
// the flags of a release. Further environment variables may be set.
func Build(ctx context.Context, sourceDir, target, packagePath string, environment ...string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags=grpcnotrace", //nolint:gosec // G204: the arguments are a test's
		"-ldflags=-s -w -X main.version="+ProviderVersion, "-o", target, packagePath)
	command.Dir = sourceDir
	command.Env = append(append(os.Environ(), environment...), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	Isolate(command)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", packagePath, err, tail(output, 20))
	}
	return nil
}

// Provider returns the path of the provider, built from the source around the
// working directory: once in a process, and anew only where the source has
// changed. The folder has nothing else in it, as DevOverrides wants it.
func Provider() (string, error) { return provider() }

// MockServer is Provider for the program that serves the mocks.
func MockServer() (string, error) { return mockServer() }

var (
	provider   = builtOnce("provider", release.Name, Module)
	mockServer = builtOnce("mockserver", "mockserver", Module+"/internal/cmd/mockserver")
)

// builtOnce builds a main package into a folder of bin.
func builtOnce(folder, name, packagePath string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		root, err := ModuleRoot()
		if err != nil {
			return "", err
		}
		dir := filepath.Join(root, "bin", folder)
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return "", err
		}
		// Several test binaries start at once.
		unlock, err := lockFile(context.Background(), dir+".lock")
		if err != nil {
			return "", err
		}
		defer unlock()
		target := filepath.Join(dir, name+executableSuffix())
		return target, Build(context.Background(), root, target, packagePath)
	})
}

// BuildMirror builds the provider into a folder that the CLI can use as a
// FilesystemMirror. The working directory is inside the provider's source.
func (c CLI) BuildMirror(ctx context.Context, dir string) error {
	root, err := ModuleRoot()
	if err != nil {
		return err
	}
	target := filepath.Join(dir, c.RegistryHost(), filepath.FromSlash(source), ProviderVersion, runtime.GOOS+"_"+runtime.GOARCH,
		release.Name+"_v"+ProviderVersion+executableSuffix())
	return Build(ctx, root, target, Module)
}
