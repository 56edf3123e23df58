// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package cli

import "os/exec"

// Isolate lets a command whose context has ended be killed, which is the
// default.
func Isolate(command *exec.Cmd) { command.WaitDelay = stopDelay }

// EndGroup does nothing where there are no process groups.
func EndGroup(*exec.Cmd) {}
