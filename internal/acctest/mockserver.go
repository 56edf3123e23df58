// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

// ServeMock serves the mocks in a process of its own until the test ends, and
// returns the environment variables that name them, without the rate limits.
// The arguments are those of internal/cmd/mockserver.
func ServeMock(t testing.TB, arguments ...string) map[string]string {
	t.Helper()
	program, err := cli.MockServer()
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, program, arguments...)
}

// serve is ServeMock of a program that is built.
func serve(t testing.TB, program string, arguments ...string) map[string]string {
	t.Helper()
	process := exec.CommandContext(t.Context(), program, arguments...) //nolint:gosec // G204: it was just built
	process.Env = cli.CleanEnvironment()
	process.Cancel = func() error { return process.Process.Signal(os.Interrupt) }
	process.WaitDelay = time.Minute
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Wait() }) // the test's context has ended
	variables := map[string]string{"OMNI_MAX_REQUESTS_PER_MINUTE": "100000", "REPORTER_MAX_REQUESTS_PER_MINUTE": "100000"}
	lines := bufio.NewScanner(output)
	for lines.Scan() { // its last line says that it listens
		line := lines.Text()
		if line == "# listening" {
			return variables
		}
		if assignment, ok := strings.CutPrefix(line, "export "); ok {
			name, value, _ := strings.Cut(assignment, "=")
			variables[name] = value
		}
	}
	t.Fatalf("the mock server does not start: %v", lines.Err())
	return nil
}
