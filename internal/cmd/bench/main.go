// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command bench measures the provider with a real Terraform or OpenTofu, and a
// server in memory that takes its time over each answer. It applies, plans and
// destroys estates of several sizes and prints Markdown: how many requests of which
// kind the server got, wall time, and memory. Beside it stands the floor,
// the same resources with the same values on a provider that sends no request.
//
// Times are printed, not judged: they depend on the machine. What does not is
// how many requests an estate costs; the exit code is 1 if that is more than it
// has to be.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	options, err := parseFlags(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = run(ctx, options, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	sizes       []int         // connections of the estates
	latency     time.Duration // of each answer
	limit       int           // requests a minute that the limited server allows; 0 leaves it out
	limitedSize int           // connections of the estate on the limited server
	out         string        // file for the result, "" for none
	profiles    string        // folder for CPU profiles of the provider's processes, "" for none
}

func parseFlags(args []string, output io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(output)
	sizes := flags.String("n", "10,100,1000", "`sizes` of the estates, in connections")
	flags.DurationVar(&o.latency, "latency", 50*time.Millisecond, "time that the server takes for each answer")
	flags.IntVar(&o.limit, "limit", 60, "requests a minute that the limited server allows; 0 leaves that part out")
	flags.IntVar(&o.limitedSize, "limit-n", 100, "`size` of the estate on the limited server")
	flags.StringVar(&o.out, "out", "", "`file` that gets the result too")
	flags.StringVar(&o.profiles, "cpuprofiles", "", "`folder` that gets a CPU profile of each process of the provider, for go tool pprof; what they cost is in the times")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	for text := range strings.SplitSeq(*sizes, ",") {
		size, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || size < minSize {
			return o, fmt.Errorf("-n: %q is not a number from %d up", text, minSize)
		}
		o.sizes = append(o.sizes, size)
	}
	if o.latency < 0 || o.limit < 0 || o.limitedSize < minSize {
		return o, fmt.Errorf("-latency and -limit cannot be negative, nor -limit-n below %d", minSize)
	}
	return o, nil
}

// run measures and prints. What is measured by then is printed even if
// something fails.
func run(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	w, err := newWorkshop(ctx, o.profiles, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.remove()) }()

	b := &bench{options: o, workshop: w, progress: stderr, started: time.Now(), loadBefore: loadAverage()}
	err = b.measure(ctx)
	result := b.markdown()
	_, _ = fmt.Fprint(stdout, result)
	if o.out != "" {
		err = errors.Join(err, os.WriteFile(o.out, []byte(result), 0o600))
	}
	return errors.Join(err, b.verdict())
}
