// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// isolate gives a command a process group of its own. Ctrl-C in a terminal then
// reaches the demo alone, which tells the command once: a CLI that hears it
// twice ends without stopping its provider.
func isolate(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = stopDelay
}

// endGroup ends what a command that has ended left running.
func endGroup(command *exec.Cmd) {
	if command.Process != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // usually there is nothing left
	}
}
