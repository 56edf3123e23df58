// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// Workspace is a folder in which a CLI runs.
type Workspace struct {
	CLI         CLI
	Dir         string
	Environment []string  // all of it: see CleanEnvironment
	Echo        io.Writer // gets what a command prints as well; may be nil
}

// Result is what came of a command that ran to its end.
type Result struct {
	Code   int
	Output string // of both streams
}

// Command is a command of the CLI that has not been started.
func (w *Workspace) Command(ctx context.Context, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, w.CLI.Path, arguments...) //nolint:gosec // G204: the developer chose the program
	command.Dir, command.Env = w.Dir, w.Environment
	Isolate(command)
	return command
}

// Run runs a command to its end. That the command fails is no error; that it
// could not be run, or that the context ended, is one.
func (w *Workspace) Run(ctx context.Context, arguments ...string) (Result, error) {
	var output bytes.Buffer
	command := w.Command(ctx, arguments...)
	command.Stdout = &output
	if w.Echo != nil {
		command.Stdout = io.MultiWriter(&output, w.Echo)
	}
	command.Stderr = command.Stdout
	err := command.Run()
	EndGroup(command)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		return Result{Output: output.String()}, fmt.Errorf("%s %s: %w", w.CLI.Kind, arguments[0], errors.Join(ctx.Err(), err))
	}
	return Result{command.ProcessState.ExitCode(), output.String()}, nil
}

// Must is Run for a command that has to succeed; else the error has the end of
// what it printed.
func (w *Workspace) Must(ctx context.Context, arguments ...string) (string, error) {
	result, err := w.Run(ctx, arguments...)
	if result.Code != 0 {
		err = fmt.Errorf("%s %s ended with %d:\n%s", w.CLI.Kind, arguments[0], result.Code, Tail(result.Output))
	}
	return result.Output, err
}

// Tail returns the last lines of what a command printed, for a message.
func Tail(output string) string { return tail([]byte(output), 40) }
