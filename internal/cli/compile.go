// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package cli

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"
)

// Compilation is what Compile compiles.
type Compilation struct {
	Dir         string   // the module's; "" is the working directory
	Environment []string // in addition to the process's
	Tests       bool     // the packages' tests, too
	Packages    []string
}

// Compile compiles packages and all that they import into Go's cache, so that
// building them only has to link. It tells log how far it is: on a terminal in one
// line, elsewhere every few seconds. Where everything is compiled, it says nothing.
func Compile(ctx context.Context, log io.Writer, c Compilation) error {
	start := time.Now()
	// Without -export, list says what a build would compile, and compiles nothing.
	missing, _, err := c.list(ctx, log, "modules downloaded", isDownload,
		"-f", `{{if .Stale}}{{if ne .StaleReason "not installed but available in build cache"}}{{.ImportPath}}{{end}}{{end}}`)
	if err != nil || missing == 0 {
		return err
	}
	_, compiled, err := c.list(ctx, log, fmt.Sprintf("of %d packages compiled", missing), isPackage, "-v", "-export", "-f", "")
	if err == nil && compiled > 0 {
		_, _ = fmt.Fprintf(log, "cli: packages compiled: %d, in %s\n", compiled, time.Since(start).Round(time.Second))
	}
	return err
}

func isDownload(line string) bool { return strings.HasPrefix(line, "go: downloading ") }

// With -v, the go command prints the path of each package when it compiles it.
func isPackage(line string) bool { return !strings.ContainsAny(line, "#: \t") }

// list runs go list on the packages and all that they import. It returns how many lines
// were listed, and how many of those on the other stream counted as steps.
func (c Compilation) list(ctx context.Context, log io.Writer, what string, isStep func(string) bool, arguments ...string) (listed, steps int, err error) {
	arguments = append([]string{"list", "-deps", fmt.Sprintf("-test=%t", c.Tests)}, arguments...)
	command := exec.CommandContext(ctx, "go", append(arguments, c.Packages...)...) //nolint:gosec // G204: the arguments are ours
	command.Dir, command.Env = c.Dir, append(os.Environ(), c.Environment...)
	Isolate(command)
	var output bytes.Buffer
	command.Stdout = &output
	messages, err := command.StderrPipe()
	if err != nil {
		return 0, 0, err
	}
	if err := command.Start(); err != nil {
		return 0, 0, err
	}
	done := progress{what: what}
	stop := showProgress(log, done.String)
	var others bytes.Buffer
	for scanner := bufio.NewScanner(messages); scanner.Scan(); {
		if line := scanner.Text(); isStep(line) {
			done.steps.Add(1)
		} else {
			others.WriteString(line + "\n")
		}
	}
	err = command.Wait()
	stop()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		err = fmt.Errorf("compiling %s: %w\n%s", strings.Join(c.Packages, " "), err, tail(others.Bytes(), 20))
	}
	return len(bytes.Fields(output.Bytes())), int(done.steps.Load()), err
}

// progress is how far a go list is.
type progress struct {
	steps atomic.Int64
	what  string // the steps are
}

func (p *progress) String() string { return fmt.Sprintf("cli: %d %s", p.steps.Load(), p.what) }

// showProgress prints a text again and again until it is stopped.
func showProgress(log io.Writer, text func() string) (stop func()) {
	pause, before, after := 5*time.Second, "", "\n"
	if isTerminal(log) {
		pause, before, after = 200*time.Millisecond, "\r\x1b[K", "" // always in the same line
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(pause)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				_, _ = fmt.Fprint(log, before, text(), after)
			case <-done:
				_, _ = fmt.Fprint(log, before)
				return
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
