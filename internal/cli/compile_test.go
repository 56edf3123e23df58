// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
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

// Progress counts what is downloaded and compiled, and nothing else that is printed.
func TestCompileCounts(t *testing.T) {
	runs := fakeGo(t, `case "$*" in
*-export*) printf 'a/one\n# a/two\na/two\nvet: x\n' >&2 ;;
*) echo 'go: downloading a v1.0.0' >&2; printf 'a/one\na/two\na/three\n' ;;
esac
`)
	var log bytes.Buffer
	if err := Compile(t.Context(), &log, Compilation{Tests: true, Packages: []string{"./a", "./b"}}); err != nil || !strings.HasPrefix(log.String(), "cli: packages compiled: 2, in ") {
		t.Errorf("%v, %q", err, log.String())
	}
	all := runs()
	if len(all) != 2 || !strings.Contains(all[0], " list -deps -test=true -f ") || !strings.HasSuffix(all[1], " list -deps -test=true -v -export -f  ./a ./b") {
		t.Errorf("%q", all)
	}
	done := progress{what: "of 3 packages compiled"}
	if done.steps.Add(2); done.String() != "cli: 2 of 3 packages compiled" {
		t.Errorf("%q", done.String())
	}
	for line, want := range map[string]bool{"go: downloading a v1.0.0": true, "go: finding a": false} {
		if isDownload(line) != want {
			t.Errorf("%q is a download: %t", line, !want)
		}
	}

	log.Reset()
	runs = fakeGo(t, "echo only this; exit 1")
	if err := Compile(t.Context(), &log, Compilation{Packages: []string{"./a", "./b"}}); err == nil || err.Error() != "compiling ./a ./b: exit status 1\n" || len(runs()) != 1 {
		t.Errorf("%v after %q", err, runs())
	}
	fakeGo(t, printsThirty+" >&2; exit 1")
	if err := Compile(t.Context(), &log, Compilation{Packages: []string{"./a"}}); err == nil || err.Error() != "compiling ./a: exit status 1\n"+lastOfThirty(20) {
		t.Errorf("%v", err)
	}
	for script, fails := range map[string]bool{
		"echo a/one": false, // another process has compiled it meanwhile
		"echo a/one; case \"$*\" in *-export*) echo a/one >&2; exit 1 ;; esac": true,
	} {
		fakeGo(t, script)
		if err := Compile(t.Context(), &log, Compilation{}); (err != nil) != fails || log.Len() > 0 {
			t.Errorf("%s: %v, %q", script, err, log.String())
		}
	}
	t.Setenv("PATH", t.TempDir())
	if err := Compile(t.Context(), &log, Compilation{}); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// Progress is a line every five seconds, and on a terminal one that changes.
func TestShowProgress(t *testing.T) {
	t.Parallel()
	terminal, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		shown := 0
		text := func() string { shown++; return fmt.Sprintf("step %d", shown) }
		stop := showProgress(&log, text)
		time.Sleep(11 * time.Second)
		if stop(); log.String() != "step 1\nstep 2\n" {
			t.Errorf("%q", log.String())
		}
		stop = showProgress(writerFunc(func(text []byte) (int, error) { time.Sleep(time.Second); return len(text), nil }), text)
		began := time.Now()
		if stop(); time.Since(began) != time.Second {
			t.Error("after it was stopped it still prints")
		}
		if !isTerminal(terminal) {
			t.Skip("the terminal is dumb")
		}
		shown = 0
		stop = showProgress(terminal, text)
		time.Sleep(1100 * time.Millisecond)
		if stop(); shown != 5 {
			t.Errorf("shown %d times", shown)
		}
	})
}

func TestIsTerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	device, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TERM", "xterm")
	if !isTerminal(device) || isTerminal(file) || isTerminal(&bytes.Buffer{}) {
		t.Error("a terminal is a device")
	}
	t.Setenv("TERM", "dumb")
	if isTerminal(device) {
		t.Error("a dumb terminal cannot change a line")
	}
	for _, f := range []*os.File{file, device} {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if isTerminal(f) {
			t.Error("a closed file is a terminal")
		}
	}
}
