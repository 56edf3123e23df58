// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"bufio"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// program is one that does what a shell script says. No process starts while it is
// written: it would have the file open, and until it has not, nobody can run it.
func program(t *testing.T, name, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the program is a shell script")
	}
	path := filepath.Join(t.TempDir(), name)
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// developersEnvironment sets what setEnvironment sets or takes away, so that it is
// restored after the test.
func developersEnvironment(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"TF_ACC", cli.PathVariable, "TF_ACC_PROVIDER_HOST", "TF_ACC_PROVIDER_NAMESPACE", "TF_CLI_CONFIG_FILE", "CHECKPOINT_DISABLE",
		"TF_LOG", "TF_ACC_LOG", "TF_ACC_LOG_PATH", "TF_ACC_TEMP_DIR", "TF_ACC_PERSIST_WORKING_DIR", "TF_ACC_TERRAFORM_VERSION", "OMNI_API_TOKEN", "REPORTER_TOKEN", "DATACONN_MAX_RETRIES",
	} {
		t.Setenv(name, "the developer's")
	}
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); cli.IsRead(name) {
			t.Setenv(name, value)
		}
	}
}

func TestSetEnvironment(t *testing.T) {
	developersEnvironment(t)
	if err := setEnvironment(cli.CLI{Path: "/bin/tofu", Kind: cli.Tofu, Version: "1.12.6"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"TF_ACC":                     "1",
		cli.PathVariable:             "/bin/tofu",
		"TF_ACC_PROVIDER_HOST":       "registry.opentofu.org",
		"TF_ACC_PROVIDER_NAMESPACE":  "dataconn",
		"TF_CLI_CONFIG_FILE":         os.DevNull,
		"CHECKPOINT_DISABLE":         "1",
		"TF_ACC_LOG":                 "the developer's",
		"TF_ACC_LOG_PATH":            "the developer's",
		"TF_ACC_TEMP_DIR":            "the developer's",
		"TF_ACC_PERSIST_WORKING_DIR": "the developer's",
		"TF_LOG":                     "",
		"TF_ACC_TERRAFORM_VERSION":   "",
		"OMNI_API_TOKEN":             "",
		"REPORTER_TOKEN":             "",
		"DATACONN_MAX_RETRIES":       "",
	} {
		if got := os.Getenv(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestSetEnvironmentSaysWhatItCannotSet(t *testing.T) {
	developersEnvironment(t)
	if err := setEnvironment(cli.CLI{Path: "a\x00b"}); err == nil {
		t.Error("a path that no variable can have was set")
	}
}

// tests is a testing.M.
type tests func() int

func (m tests) Run() int { return m() }

// What is said names the CLI, or why there is none; the tests see the environment that
// is made for them, and one of their goroutines that stays is a failure.
func TestRun(t *testing.T) {
	developersEnvironment(t)
	useCLI(t, cli.CLI{})
	path := program(t, "tofu", "echo OpenTofu v1.11.6")
	end, ended := make(chan struct{}), make(chan struct{})
	for name, c := range map[string]struct {
		path string
		body tests
		want int
		said string
	}{
		"passes": {path, func() int {
			if os.Getenv("TF_ACC") != "1" || command.Path != path || command.Kind != cli.Tofu {
				t.Errorf("TF_ACC=%s, %s", os.Getenv("TF_ACC"), command)
			}
			return 0
		}, 0, "acctest: tofu 1.11.6 (" + path + ")\n"},
		"fails":  {path, func() int { return 3 }, 3, "acctest: tofu 1.11.6 (" + path + ")\n"},
		"no CLI": {path + "x", func() int { t.Error("run without a CLI"); return 0 }, 1, "acctest: TF_ACC_TERRAFORM_PATH: "},
	} {
		t.Setenv(cli.PathVariable, c.path)
		t.Setenv("TF_ACC", "")
		var log strings.Builder
		if code := run(c.body, &log); code != c.want || !strings.HasPrefix(log.String(), c.said) || strings.Count(log.String(), "\n") != 1 {
			t.Errorf("%s: %d, said %q", name, code, log.String())
		}
	}
	t.Setenv(cli.PathVariable, path)
	var log strings.Builder
	code := run(tests(func() int { go func() { defer close(ended); <-end }(); return 0 }), &log)
	if _, leak, _ := strings.Cut(log.String(), "\n"); code != 1 || !strings.HasPrefix(leak, "acctest: found unexpected goroutines") {
		t.Errorf("with a goroutine that stays: %d, said %q", code, log.String())
	}
	close(end)
	<-ended
}

// To list tests or to fuzz takes no CLI.
func TestRunWithoutCLI(t *testing.T) {
	developersEnvironment(t)
	t.Setenv(cli.PathVariable, "/no/such/cli")
	for name, value := range map[string]string{"test.list": ".", "test.fuzz": "FuzzX", "test.fuzzworker": "true"} {
		f := flag.Lookup(name)
		before := f.Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		code := run(tests(func() int { return 5 }), &log)
		if err := flag.Set(name, before); err != nil {
			t.Fatal(err)
		}
		if code != 5 || log.Len() > 0 {
			t.Errorf("-%s: %d, said %q", name, code, log.String())
		}
	}
}

func TestIsSet(t *testing.T) {
	for _, name := range []string{"test.list", "test.fuzz", "nosuch"} {
		if isSet(name) {
			t.Errorf("%s is set", name)
		}
	}
}

func TestFindLeak(t *testing.T) {
	if err := findLeak(); err != nil {
		t.Fatalf("before: %v", err)
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() { defer close(ended); <-end }()
	if err := findLeak(); err == nil {
		t.Error("a goroutine that stays is not reported")
	}
	close(end)
	<-ended
}

// A connection that is kept for the next request is no leak.
func TestIdleConnectionIsNoLeak(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	answered := make(chan error, 1)
	go func() {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String(), http.NoBody)
		if err != nil {
			answered <- err
			return
		}
		response, err := transport.RoundTrip(request)
		if err == nil {
			err = response.Body.Close()
		}
		answered <- err
	}()
	connection, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if _, err := http.ReadRequest(bufio.NewReader(connection)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, "HTTP/1.1 204 No Content\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	if err := findLeak(); err != nil {
		t.Error(err)
	}
}
