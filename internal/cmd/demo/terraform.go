// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

// terraform runs the CLI in one folder. Nothing of the developer's shell counts
// there but PATH, the home folder and the like.
type terraform struct {
	cli         cli.CLI
	dir         string
	environment map[string]string // what the CLI and the provider read
	variables   map[string]string // input variables
}

// run runs a command and prints it. A failure to run, not a failure of the
// command, is an error.
func (t *terraform) run(ctx context.Context, r *report, args ...string) (cli.Result, error) {
	r.note("$ %s %s", t.cli.Kind, strings.Join(args, " "))
	w := cli.Workspace{CLI: t.cli, Dir: t.dir, Environment: cli.CleanEnvironment(t.settings()...)}
	if r.verbose {
		w.Echo = &lines{report: r}
	}
	return w.Run(ctx, args...)
}

// must is run for a command that has to end with this code.
func (t *terraform) must(ctx context.Context, r *report, code int, args ...string) (cli.Result, error) {
	done, err := t.run(ctx, r, args...)
	if err == nil && done.Code != code {
		err = fmt.Errorf("%s %s ended with %d, not %d:\n%s", t.cli.Kind, args[0], done.Code, code, cli.Tail(done.Output))
	}
	return done, err
}

// settings are the environment variables of this run.
func (t *terraform) settings() []string {
	var all []string
	for name, value := range t.environment {
		all = append(all, name+"="+value)
	}
	for name, value := range t.variables {
		all = append(all, "TF_VAR_"+name+"="+value)
	}
	return all
}

// expectSummary looks for the line in which the CLI sums up what it did.
func (r *report) expectSummary(done cli.Result, line string) {
	found := strings.Contains(done.Output, line)
	if !found {
		r.note("%s", cli.Tail(done.Output))
	}
	r.expect(found, "%s", line)
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
