// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package main

import "os/exec"

// isolate lets a canceled command be killed, which is the default.
func isolate(command *exec.Cmd) { command.WaitDelay = stopDelay }

func endGroup(*exec.Cmd) {}
