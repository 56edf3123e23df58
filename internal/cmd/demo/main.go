// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command demo shows the provider at work, with a real Terraform or OpenTofu and
// a server in memory: apply, an empty second plan, routing, a rotation of the
// password, the protection against deletion, destroy. It needs no account, and
// no network once Go has the modules.
//
// Each step says what it expects and whether that holds. The exit code is 1 if
// anything did not. Whatever happens, nothing is left behind but caches.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	verbose := flag.Bool("v", false, "print all that the CLI prints")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "demo: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	// A closed terminal and a closed pipe are reasons to stop too, not to drop all.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	err := demonstrate(ctx, os.Stdout, *verbose)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// part is what the demo shows of one system.
type part interface {
	steps() []step
	requests() int   // that its server got so far
	traffic() string // the same in words
	close() error    // stops its server
}

// demonstrate runs the steps and says what came of it.
func demonstrate(ctx context.Context, out io.Writer, verbose bool) error {
	started := time.Now()
	r := &report{out: out, verbose: verbose}
	w, err := newWorkshop()
	if err != nil {
		return err
	}
	parts := []part{newOmniPart(w), newReporterPart(w)}

	r.print("The provider at work, against servers in memory. Nothing outside this machine is touched.")
	if !verbose {
		r.print("With -v you see all that the CLI prints: make demo DEMOARGS=-v")
	}
	err = show(ctx, r, w, parts)
	r.print("")
	r.print("%s in all", time.Since(started).Round(100*time.Millisecond))
	for _, p := range parts {
		r.print("%s", p.traffic())
	}
	if err != nil {
		return errors.Join(err, r.verdict())
	}
	r.print("the servers are stopped, %s is removed", w.dir)
	if err := r.verdict(); err != nil {
		return err
	}
	r.print("all %d expectations hold", r.held)
	return nil
}

// show runs the steps, and cleans up whatever happens.
func show(ctx context.Context, r *report, w *workshop, parts []part) (err error) {
	defer func() {
		for _, p := range parts {
			err = errors.Join(err, p.close())
		}
		err = errors.Join(err, w.remove())
	}()
	steps := w.steps()
	for _, p := range parts {
		steps = append(steps, p.steps()...)
	}
	return r.run(ctx, steps, func() int {
		n := 0
		for _, p := range parts {
			n += p.requests()
		}
		return n
	})
}
