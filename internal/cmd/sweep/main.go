// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command sweep lists what interrupted runs of make test-live and make conformance
// left on the servers that the environment names, and deletes it with -yes. It
// takes nothing for a leftover but what has exactly such a name: tf-acc-<random>.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sweep:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("sweep", flag.ContinueOnError)
	flags.SetOutput(out)
	yes := flags.Bool("yes", false, "delete what is listed")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	targets, err := live.Targets(getenv)
	if err != nil {
		return err
	}
	var failed []error
	for _, target := range targets {
		if err := sweep(ctx, target, *yes, out); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", target.System, err))
		}
	}
	return errors.Join(failed...)
}

// sweep goes on where one deletion, or one list, is refused.
func sweep(ctx context.Context, target live.Target, yes bool, out io.Writer) error {
	server, err := live.Connect(ctx, target)
	if err != nil {
		return err
	}
	defer server.Close()
	leftovers, err := server.Leftovers(ctx)
	if err != nil && len(leftovers) == 0 {
		return err
	}
	_, _ = fmt.Fprintf(out, "%s at %s: %d left by runs\n", target.System, target.Origin, len(leftovers))
	failed := []error{err}
	for _, l := range leftovers {
		if !yes {
			_, _ = fmt.Fprintf(out, "  %s\n", l)
			continue
		}
		if err := server.Remove(ctx, l); err != nil {
			failed = append(failed, err)
			continue
		}
		_, _ = fmt.Fprintf(out, "  deleted %s\n", l)
	}
	if !yes && len(leftovers) > 0 {
		_, _ = fmt.Fprintln(out, "nothing was deleted: make sweep SWEEPARGS=-yes deletes them")
	}
	return errors.Join(failed...)
}
