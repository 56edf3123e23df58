// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/conformance"
	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// options are the command line.
type options struct {
	readOnly   bool
	json       string // file for the report, "" for none
	user       string
	generation string // of the Omni mock; "" finds out
}

func parseFlags(args []string, output io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.BoolVar(&o.readOnly, "read-only", false, "send GETs alone, and leave out what they cannot tell")
	flags.StringVar(&o.json, "json", "", "`file` for the report, to be attached to an issue: it has no address, id, name or secret")
	flags.StringVar(&o.user, "user", "", "`e-mail` of an Omni user whose attributes may be set and cleared; none are without")
	flags.StringVar(&o.generation, "generation", "", "Omni `server` to compare with: current, narrow-2026 or guide-2025 (default: the one that it looks like)")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, nil
}

// run asks every server that the environment names.
func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) (differs bool, err error) {
	o, err := parseFlags(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	targets, err := live.Targets(getenv)
	if err != nil {
		return false, err
	}
	var reports []conformance.Report
	for _, target := range targets {
		report, err := compare(ctx, target, o, out)
		if err != nil {
			return false, fmt.Errorf("%s: %w", target.System, err)
		}
		report.WriteTable(out)
		reports = append(reports, report)
		differs = differs || report.Count(conformance.Different) > 0
	}
	if o.json == "" {
		return differs, nil
	}
	file, err := os.Create(o.json)
	if err != nil {
		return differs, err
	}
	return differs, errors.Join(conformance.WriteJSON(file, reports), file.Close())
}

// compare asks the mock first, which tells how many requests it takes.
func compare(ctx context.Context, target live.Target, o options, out io.Writer) (conformance.Report, error) {
	report := conformance.Report{System: target.System, Provider: cli.ProviderVersion}
	server, err := live.Connect(ctx, target)
	if err != nil {
		return report, err
	}
	defer server.Close()
	server.ReadOnly = o.readOnly
	mock, likeness, err := startMock(ctx, server, o)
	if err != nil {
		return report, err
	}
	defer mock.stop()
	report.Mock = likeness

	ofMock, err := conformance.Ask(ctx, mock.server, o.user, func(conformance.Point) {})
	if err != nil {
		return report, err
	}
	_, _ = fmt.Fprintf(out, "%s at %s, compared with the mock set to %v: about %d requests, %s at %d a minute\n",
		target.System, target.Origin, likeness, mock.server.Sent, minutes(mock.server.Sent, target.PerMinute), target.PerMinute)
	byServer, err := conformance.Ask(ctx, server, o.user, func(p conformance.Point) { _, _ = fmt.Fprintf(out, "asking %s\n", p.ID) })
	report.Requests, report.Rows = server.Sent, conformance.Compare(target.System, ofMock, byServer)
	if len(byServer.Left) > 0 {
		_, _ = fmt.Fprintf(out, "left on the server, because it refused to delete it:\n  %s\nmake sweep looks for such things again\n", strings.Join(byServer.Left, "\n  "))
	}
	return report, err
}

// minutes is how long so many requests take.
func minutes(requests, perMinute int) time.Duration {
	return (time.Duration(requests) * time.Minute / time.Duration(perMinute)).Round(time.Second)
}
