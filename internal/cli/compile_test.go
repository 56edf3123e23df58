// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/m\n")
	// Nothing is imported, not to compile the standard library into the new cache.
	write("m.go", "package m\n")
	c := Compilation{Dir: dir, Packages: []string{"."}, Environment: []string{"GOCACHE=" + filepath.Join(dir, "cache"), "GOWORK=off", "GOFLAGS="}}
	var log bytes.Buffer
	if err := Compile(t.Context(), &log, c); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(log.String(), "cli: packages compiled: 1, in ") {
		t.Errorf("the first time it says %q", log.String())
	}
	log.Reset()
	if err := Compile(t.Context(), &log, c); err != nil || log.Len() > 0 {
		t.Errorf("the second time: %v, %q", err, log.String())
	}
	write("m.go", "package m\n\nvar x int = true\n")
	if err := Compile(t.Context(), &log, c); err == nil || !strings.Contains(err.Error(), "m.go:3:13: cannot use true") {
		t.Errorf("what does not compile: %v", err)
	}
	c.Packages = []string{"./missing"}
	if err := Compile(t.Context(), &log, c); err == nil || !strings.Contains(err.Error(), "missing: ") {
		t.Errorf("what is not there: %v", err)
	}
}
