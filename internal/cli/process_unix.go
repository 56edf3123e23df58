// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package cli

import (
	"os"
	"os/exec"
	"syscall"
)

// Isolate gives a command a process group of its own. Ctrl-C in a terminal then
// reaches this program alone, which tells the command once: a CLI that hears it
// twice ends without stopping its provider. When the command's context ends, it
// is interrupted, and killed if it has not ended a while later.
func Isolate(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = stopDelay
}

// EndGroup ends what an isolated command that has ended left running.
func EndGroup(command *exec.Cmd) {
	if command.Process != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // usually there is nothing left
	}
}
