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
	"syscall"
	"testing"
	"time"
)

// writerFunc is a writer.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(text []byte) (int, error) { return f(text) }

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

func TestIsolate(t *testing.T) {
	t.Parallel()
	command := exec.Command("go") // never started
	Isolate(command)
	if command.WaitDelay != 15*time.Second || !command.SysProcAttr.Setpgid {
		t.Errorf("%+v", command)
	}
	EndGroup(command) // nothing to end
}
