// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package cli finds the Terraform or OpenTofu that the tests, the demo and the
// benchmark drive, builds one where there is none, and runs programs so that
// they end when they are told to.
package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// PathVariable names the environment variable that picks the CLI.
// terraform-plugin-testing reads it too.
const PathVariable = "TF_ACC_TERRAFORM_PATH"

// The kinds of CLI.
const (
	Terraform = "terraform"
	Tofu      = "tofu"
)

// Oldest are the minor versions that a CLI of version 1 must have: for the
// provider at all, and for its write-only arguments, which most tests use.
const (
	OldestMinor    = 5
	WriteOnlyMinor = 11
)

// installPage says how to install OpenTofu.
const installPage = "https://opentofu.org/docs/intro/install/"

// stopDelay is how long a program may take to end after it was told to.
const stopDelay = 15 * time.Second

// CLI is a command line that can run the acceptance tests.
type CLI struct {
	Path    string // absolute
	Kind    string // Terraform or Tofu
	Version string // such as 1.12.6
}

// String is what the tests print.
func (c CLI) String() string { return fmt.Sprintf("%s %s (%s)", c.Kind, c.Version, c.Path) }

// Find returns the first of: the CLI that PathVariable names, terraform on
// PATH, tofu on PATH, and OpenTofu built from internal/tools/tofu. A CLI on PATH
// that does not run or has no write-only arguments is passed over; log receives
// the reason.
func Find(ctx context.Context, log io.Writer) (CLI, error) {
	if path := os.Getenv(PathVariable); path != "" {
		cli, err := inspect(ctx, path)
		if err != nil {
			return CLI{}, fmt.Errorf("%s: %w", PathVariable, err)
		}
		return cli, nil
	}
	for _, name := range []string{Terraform, Tofu} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		cli, err := inspect(ctx, path)
		if err == nil && !cli.HasWriteOnly() {
			err = fmt.Errorf("%s is too old: the tests need version 1.%d or newer", cli, WriteOnlyMinor)
		}
		if err == nil {
			return cli, nil
		}
		if ctx.Err() != nil {
			return CLI{}, ctx.Err()
		}
		_, _ = fmt.Fprintf(log, "cli: passing over %s on PATH: %v\n", name, err)
	}
	return BuildTofu(ctx, log)
}

// BuildTofu returns the OpenTofu that internal/tools/tofu pins, out of the user's
// cache folder. Where it is not there yet, it is built, which takes minutes.
func BuildTofu(ctx context.Context, log io.Writer) (CLI, error) {
	root, err := ModuleRoot()
	if err != nil {
		return CLI{}, err
	}
	tools := filepath.Join(root, "internal", "tools", "tofu")
	version, err := requiredVersion(filepath.Join(tools, "go.mod"), "github.com/opentofu/opentofu")
	if err != nil {
		return CLI{}, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return CLI{}, fmt.Errorf("no folder to keep OpenTofu in: %w", err)
	}
	cache = filepath.Join(cache, "terraform-provider-dataconn")
	target := filepath.Join(cache, "tofu-"+version+executableSuffix())
	if cli, err := inspect(ctx, target); err == nil {
		return cli, nil
	}

	if err := os.MkdirAll(cache, 0o750); err != nil {
		return CLI{}, err
	}
	// Several test binaries start at once: one builds, the others wait for it.
	unlock, err := lockFile(ctx, target+".lock")
	if err != nil {
		return CLI{}, fmt.Errorf("waiting for another build of OpenTofu: %w", err)
	}
	defer unlock()
	if cli, err := inspect(ctx, target); err == nil {
		return cli, nil
	}

	_, _ = fmt.Fprintf(log, "cli: building OpenTofu %s into %s: 3 to 10 minutes and %s of disk, once.\n"+
		"cli: To have a CLI in a minute instead, press Ctrl-C and run: brew install opentofu. Without Homebrew: %s\n",
		version, cache, "3 GB", installPage)
	start := time.Now()
	if err := buildTofu(ctx, log, tools, target); err != nil {
		return CLI{}, err
	}
	_, _ = fmt.Fprintf(log, "cli: built OpenTofu %s in %s\n", version, time.Since(start).Round(time.Second))
	return inspect(ctx, target)
}

// buildTofu builds beside target and renames, so that a build that is cut off
// leaves nothing that looks like a CLI.
func buildTofu(ctx context.Context, log io.Writer, tools, target string) error {
	const program = "github.com/opentofu/opentofu/cmd/tofu"
	part := fmt.Sprintf("%s.%d", target, os.Getpid())
	defer func() { _ = os.Remove(part) }() // nothing to remove after the rename

	environment := []string{"GOWORK=off", "GOFLAGS=-mod=readonly -trimpath", "CGO_ENABLED=0", "GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH}
	err := Compile(ctx, log, Compilation{Dir: tools, Environment: environment, Packages: []string{program}})
	if err == nil {
		_, _ = fmt.Fprintln(log, "cli: linking OpenTofu")
		// OpenTofu calls itself a development build unless this variable says no.
		build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", //nolint:gosec // G204: every argument is ours
			"-ldflags=-s -w -X github.com/opentofu/opentofu/version.dev=no", "-o", part, program)
		build.Dir, build.Env = tools, append(os.Environ(), environment...)
		Isolate(build)
		var output []byte
		if output, err = build.CombinedOutput(); err != nil {
			err = fmt.Errorf("%w\n%s", err, tail(output, 20))
		}
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("building OpenTofu from %s: %w\nInstall Terraform or OpenTofu (%s), or name one in %s", tools, err, installPage, PathVariable)
	}
	return os.Rename(part, target)
}

var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)`)

// inspect asks the CLI what it is. It reads the text, not `version -json`, whose
// keys are the same for both kinds.
func inspect(ctx context.Context, path string) (CLI, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return CLI{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	version := exec.CommandContext(ctx, path, "version") //nolint:gosec // G204: the developer chose the program
	version.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull)
	Isolate(version)
	output, err := version.Output()
	if err != nil {
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && len(exit.Stderr) > 0 {
			err = fmt.Errorf("%w: %s", err, tail(exit.Stderr, 5))
		}
		return CLI{}, fmt.Errorf("%s version: %w", path, err)
	}
	return parseVersion(path, output)
}

func parseVersion(path string, output []byte) (CLI, error) {
	match := versionLine.FindSubmatch(output)
	if match == nil {
		return CLI{}, fmt.Errorf("%s is neither Terraform nor OpenTofu: its version command printed %q", path, tail(output, 3))
	}
	cli := CLI{Path: path, Kind: Terraform, Version: string(match[2])}
	if string(match[1]) == "OpenTofu" {
		cli.Kind = Tofu
	}
	if _, _, err := cli.version(); err != nil {
		return CLI{}, fmt.Errorf("%s: version %q: %w", path, cli.Version, err)
	}
	if !cli.IsAtLeast(1, OldestMinor) {
		return CLI{}, fmt.Errorf("%s is too old: the provider needs version 1.%d or newer", cli, OldestMinor)
	}
	return cli, nil
}

func (c CLI) version() (major, minor int, err error) {
	_, err = fmt.Sscanf(c.Version, "%d.%d.", &major, &minor)
	return major, minor, err
}

// HasWriteOnly reports whether the CLI has write-only arguments.
func (c CLI) HasWriteOnly() bool { return c.IsAtLeast(1, WriteOnlyMinor) }

// IsAtLeast compares the version.
func (c CLI) IsAtLeast(major, minor int) bool {
	haveMajor, haveMinor, err := c.version()
	return err == nil && (haveMajor > major || haveMajor == major && haveMinor >= minor)
}

// ModuleRoot returns the folder of the provider's source. The go command runs
// tests in their package's folder, so it is that folder or one above it;
// runtime.Caller would not do, for -trimpath takes the folders away.
func ModuleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "internal", "tools", "tofu", "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not inside the provider's source, which pins the OpenTofu to build", start)
		}
	}
}

// requiredVersion returns the version of module in a go.mod file.
func requiredVersion(file, module string) (string, error) {
	content, err := os.ReadFile(file) //nolint:gosec // G304: a file of this repository
	if err != nil {
		return "", err
	}
	for scanner := bufio.NewScanner(bytes.NewReader(content)); scanner.Scan(); {
		fields := strings.Fields(strings.TrimPrefix(scanner.Text(), "require "))
		if len(fields) >= 2 && fields[0] == module {
			return fields[1], nil
		}
	}
	return "", fmt.Errorf("%s does not require %s", file, module)
}

func executableSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// tail returns the last lines of a command's output.
func tail(output []byte, lines int) string {
	all := strings.Split(strings.TrimSpace(string(output)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
