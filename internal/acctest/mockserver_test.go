// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
)

// A shell takes the place of the mock server. It sees nothing of the developer's
// environment, and is interrupted at the end of the test.
func TestServe(t *testing.T) {
	t.Setenv("OMNI_API_TOKEN", "the developer's")
	ended := filepath.Join(t.TempDir(), "ended")
	const script = `trap 'echo "interrupted, $1" >"$0"; exit' INT
echo "export OMNI_BASE_URL=http://127.0.0.1:1/?a=b"
echo "# comment"
echo "export TOKEN=$OMNI_API_TOKEN"
echo "# listening"
while :; do sleep 0.01; done`
	var got map[string]string
	if said := failtest.Run(t, func(t *failtest.T) { got = serve(t, "/bin/sh", "-c", script, ended, "last") }); said != "" {
		t.Error(said)
	}
	want := map[string]string{
		"OMNI_MAX_REQUESTS_PER_MINUTE": "100000", "REPORTER_MAX_REQUESTS_PER_MINUTE": "100000",
		"OMNI_BASE_URL": "http://127.0.0.1:1/?a=b", "TOKEN": "",
	}
	if !maps.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if content, err := os.ReadFile(ended); err != nil || string(content) != "interrupted, last\n" {
		t.Errorf("it ended with %q, %v", content, err)
	}
}

func TestServeThatDoesNotStart(t *testing.T) {
	t.Parallel()
	for want, program := range map[string][]string{
		"the mock server does not start": {"/bin/sh", "-c", "echo export A=b"},
		"no such file":                   {"/no/such/program"},
	} {
		if said := failtest.Run(t, func(t *failtest.T) { serve(t, program[0], program[1:]...) }); !strings.Contains(said, want) {
			t.Errorf("%q, want %q", said, want)
		}
	}
}

func TestServeMockThatIsNotBuilt(t *testing.T) {
	fakeGo(t)
	if said := failtest.Run(t, func(t *failtest.T) { ServeMock(t) }); !strings.Contains(said, "it does not compile") {
		t.Errorf("%q", said)
	}
}

// fakeGo is a go command that builds nothing, and says so of the mock server.
func fakeGo(t *testing.T) {
	t.Helper()
	path := program(t, "go", `case "$*" in *mockserver) echo it does not compile; exit 1;; esac`)
	t.Setenv("PATH", filepath.Dir(path)+string(os.PathListSeparator)+os.Getenv("PATH"))
}
