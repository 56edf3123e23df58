// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A command whose context ends is told so, and may end by itself; what it started does
// not outlive it.
func TestCommandsEnd(t *testing.T) {
	t.Parallel()
	w := workspace(t, `exec 3>alive
trap 'echo interrupted; exit 7' INT
sleep 60 >/dev/null 2>&1 &
echo started
wait
`)
	alive := filepath.Join(w.Dir, "alive")
	if err := syscall.Mkfifo(alive, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(alive, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	w.Echo = writerFunc(func(text []byte) (int, error) {
		cancel()
		return len(text), nil
	})
	result, err := w.Run(ctx, "apply")
	if !errors.Is(err, context.Canceled) || result.Output != "started\ninterrupted\n" {
		t.Errorf("%q, %v", result.Output, err)
	}
	// It ends when nobody has it open for writing any more.
	if err := reader.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(reader); err != nil {
		t.Errorf("what the command started still runs: %v", err)
	}
}

// A build that is told to end has not failed: it says nothing of what it printed.
func TestBuildTofuEnds(t *testing.T) {
	for _, step := range []string{"list", "build"} {
		running := filepath.Join(t.TempDir(), "running")
		if err := syscall.Mkfifo(running, 0o600); err != nil {
			t.Fatal(err)
		}
		fakeGo(t, `[ "$1" = `+step+` ] || exit 0
echo half done
: >`+running+`
exec sleep 60
`)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer cancel()
			_, _ = os.ReadFile(running) // until the step has begun
		}()
		err := buildTofu(ctx, io.Discard, t.TempDir(), filepath.Join(t.TempDir(), "tofu"))
		if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "half done") {
			t.Errorf("%s: %v", step, err)
		}
	}
}

// Who waits for a lock has it as soon as it is free, half a second later at most. Not
// beside other tests: a process that they start has the file open until it runs.
func TestLockFileWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "lock")
		unlock, err := lockFile(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		time.AfterFunc(700*time.Millisecond, unlock)
		again, err := lockFile(t.Context(), path)
		if err != nil || time.Since(began) != time.Second {
			t.Fatalf("%v after %s", err, time.Since(began))
		}
		again()
	})
}

// A folder that was removed is in no source.
func TestModuleRootOfARemovedFolder(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := ModuleRoot(); got != "" || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTryLock(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if locked, err := tryLock(file); err != nil || !locked {
		t.Errorf("%t, %v", locked, err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if locked, err := tryLock(file); !errors.Is(err, syscall.EBADF) || locked || err.Error() != "lock "+file.Name()+": bad file descriptor" {
		t.Errorf("%t, %v", locked, err)
	}
}

func TestIsolate(t *testing.T) {
	t.Parallel()
	command := exec.Command("go") // never started
	Isolate(command)
	if command.WaitDelay != 15*time.Second || !command.SysProcAttr.Setpgid {
		t.Errorf("%+v", command)
	}
	EndGroup(command) // nothing to end
}
