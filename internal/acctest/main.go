// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package acctest holds what the acceptance tests of all entities share. Those
// tests drive a real command line, Terraform or OpenTofu, against the mocks.
package acctest

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

// command is the CLI of this process, which Main has found.
var command cli.CLI

// Main is the TestMain of an acceptance package. It finds the CLI, says which
// one it is, gives the tests an environment in which nothing of the developer's
// shell or home folder counts, and runs them. Nothing is skipped for want of
// TF_ACC. A goroutine that outlives the tests fails them.
func Main(m *testing.M) {
	flag.Parse()
	os.Exit(run(m, os.Stderr))
}

// run is Main without its end.
func run(m interface{ Run() int }, log io.Writer) (code int) {
	if isSet("test.list") || isSet("test.fuzz") || isSet("test.fuzzworker") {
		return m.Run() // no CLI needed
	}
	var err error
	command, err = cli.Find(context.Background(), log)
	if err == nil {
		err = setEnvironment(command)
	}
	if err != nil {
		_, _ = fmt.Fprintln(log, "acctest:", err)
		return 1
	}
	_, _ = fmt.Fprintln(log, "acctest:", command)
	code = m.Run()
	if code == 0 {
		if err := findLeak(); err != nil {
			_, _ = fmt.Fprintln(log, "acctest:", err)
			code = 1
		}
	}
	return code
}

// HasWriteOnly reports whether the CLI has write-only arguments.
func HasWriteOnly() bool { return command.HasWriteOnly() }

// HasIdentity reports whether the CLI imports by identity.
func HasIdentity() bool { return command.IsAtLeast(1, 12) }

// RequireWriteOnly skips the test where the CLI has no write-only arguments.
func RequireWriteOnly(t testing.TB) {
	t.Helper()
	if !HasWriteOnly() {
		t.Skipf("this uses write-only arguments, which %s does not have", command)
	}
}

// findLeak reports goroutines that outlive the tests. Idle connections are kept
// on purpose, and end by themselves.
func findLeak() error {
	runtime.GC() // go-plugin's readers end when the pipes that it dropped are collected
	return goleak.Find(
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreAnyFunction("net/http.(*http2ClientConn).readLoop"),
	)
}

func isSet(name string) bool {
	f := flag.Lookup(name)
	return f != nil && f.Value.String() != f.DefValue
}

// debugVariables are those of terraform-plugin-testing that do not change what a
// test sees, only what it leaves behind for its developer.
var debugVariables = []string{"TF_ACC_LOG", "TF_ACC_LOG_PATH", "TF_ACC_TEMP_DIR", "TF_ACC_PERSIST_WORKING_DIR"}

func setEnvironment(c cli.CLI) error {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if cli.IsRead(name) && !slices.Contains(debugVariables, name) {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	for name, value := range map[string]string{
		"TF_ACC":                    "1",
		cli.PathVariable:            c.Path,
		"TF_ACC_PROVIDER_HOST":      c.RegistryHost(),
		"TF_ACC_PROVIDER_NAMESPACE": "dataconn",
		"TF_CLI_CONFIG_FILE":        os.DevNull,
		"CHECKPOINT_DISABLE":        "1",
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}
