// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

// terraform runs the CLI in one folder. Nothing of the developer's shell counts
// there but PATH, the home folder and the like.
type terraform struct {
	path, name  string
	dir         string
	environment map[string]string // what the CLI and the provider read
	variables   map[string]string // input variables
}

// result is what came of a command that ran to its end.
type result struct {
	code   int
	output string
}

// run runs a command and prints it. A failure to run, not a failure of the
// command, is an error.
func (t *terraform) run(ctx context.Context, r *report, args ...string) (result, error) {
	r.note("$ %s %s", t.name, strings.Join(args, " "))
	output := &bytes.Buffer{}
	command := exec.CommandContext(ctx, t.path, args...) //nolint:gosec // G204: the CLI that was found, with our arguments
	command.Dir = t.dir
	command.Env = t.environ(os.Environ())
	command.Stdout = output
	if r.verbose {
		command.Stdout = io.MultiWriter(output, &lines{report: r})
	}
	command.Stderr = command.Stdout
	cli.Isolate(command)
	err := command.Run()
	cli.EndGroup(command)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		return result{}, fmt.Errorf("%s %s: %w", t.name, args[0], errors.Join(ctx.Err(), err))
	}
	return result{command.ProcessState.ExitCode(), output.String()}, nil
}

// must is run for a command that has to end with one of the codes.
func (t *terraform) must(ctx context.Context, r *report, code int, args ...string) (result, error) {
	done, err := t.run(ctx, r, args...)
	if err == nil && done.code != code {
		err = fmt.Errorf("%s %s ended with %d, not %d:\n%s", t.name, args[0], done.code, code, tail(done.output))
	}
	return done, err
}

// expectSummary looks for the line in which the CLI sums up what it did.
func (r *report) expectSummary(done result, line string) {
	if !strings.Contains(done.output, line) {
		r.note("%s", tail(done.output))
	}
	r.expect(strings.Contains(done.output, line), "%s", line)
}

// ours are the prefixes of the variables that the CLI or the provider reads.
var ours = []string{"TF_", "TOFU_", "OMNI_", "REPORTER_", "DATACONN_"}

// environ is the shell's environment without what would change the outcome, and
// with what this run sets.
func (t *terraform) environ(shell []string) []string {
	var all []string
	for _, entry := range shell {
		if name, _, _ := strings.Cut(entry, "="); !hasAnyPrefix(name, ours) {
			all = append(all, entry)
		}
	}
	all = append(all, "TF_INPUT=0", "TF_IN_AUTOMATION=1", "TF_CLI_ARGS=-no-color", "CHECKPOINT_DISABLE=1")
	for name, value := range t.environment {
		all = append(all, name+"="+value)
	}
	for name, value := range t.variables {
		all = append(all, "TF_VAR_"+name+"="+value)
	}
	return all
}

func hasAnyPrefix(text string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(strings.ToUpper(text), prefix) {
			return true
		}
	}
	return false
}

const tailLines = 40

// tail returns the last lines of a command's output.
func tail(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}

// withStderr adds what a failed command printed.
func withStderr(err error) error {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w\n%s", err, tail(string(exit.Stderr)))
	}
	return err
}

// lines prints another program's output as notes of the step, without a prefix
// that its lines have.
type lines struct {
	report *report
	drop   string
	rest   string // of a line that has not ended yet
}

func (l *lines) Write(text []byte) (int, error) {
	for line := range strings.Lines(l.rest + string(text)) {
		whole, ended := strings.CutSuffix(line, "\n")
		if !ended {
			l.rest = line
			return len(text), nil
		}
		l.report.note("| %s", strings.TrimPrefix(strings.TrimRight(whole, "\r"), l.drop))
	}
	l.rest = ""
	return len(text), nil
}
