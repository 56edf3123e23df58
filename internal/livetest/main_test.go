// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package livetest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

var (
	useLive  = flag.Bool("live", false, "run against the servers that the environment names, instead of the mock server")
	liveUser = flag.String("user", "", "`e-mail` of an Omni user who may have values of an attribute that the run makes and deletes; none has without")
)

// named are the servers of the shell, and its variables: acctest.Main takes them
// away from the tests.
var (
	named []live.Target
	shell = map[string]string{}
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *useLive {
		if err := prepareLive(); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, "test-live:", err)
			os.Exit(1)
		}
	}
	acctest.Main(m)
}

// prepareLive says what will happen.
func prepareLive() error {
	var err error
	if named, err = live.Targets(os.Getenv); err != nil {
		return err
	}
	for _, name := range []string{"REPORTER_TOKEN", "REPORTER_AUTH_URL", "REPORTER_CLIENT_ID", "REPORTER_CLIENT_SECRET", "OMNI_API_VERSION"} {
		shell[name] = os.Getenv(name)
	}
	for _, target := range named {
		most := announced[target.System]
		fmt.Printf("test-live: %s at %s: at most %d requests, which take %s at %d a minute\n", target.System, target.Origin, most,
			(time.Duration(most) * time.Minute / time.Duration(target.PerMinute)).Round(time.Minute), target.PerMinute)
	}
	tests, err := needMock()
	if err != nil {
		return err
	}
	fmt.Printf("test-live: left out are %d acceptance tests that need the mock's own controls (faults, vault, edits by others, generations): %v\n", len(tests), tests)
	return nil
}

// watchInterruption has a run that is interrupted say what it left, until the test
// ends.
func watchInterruption(t *testing.T) {
	t.Helper()
	interrupted, over := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(interrupted, os.Interrupt)
	ctx := t.Context()
	go func() {
		defer close(over)
		select {
		case <-ctx.Done():
			return
		case <-interrupted:
		}
		fmt.Println("test-live: interrupted; no request passes from now on")
		door.Lock()
		for _, target := range named {
			report(target)
		}
		os.Exit(1)
	}()
	t.Cleanup(func() {
		signal.Stop(interrupted)
		<-over
	})
}

func TestWatchInterruptionEnds(t *testing.T) {
	t.Run("watched", func(t *testing.T) { watchInterruption(t) }) // a goroutine that stays would fail the package
}

// report prints what runs have left on a server.
func report(target live.Target) {
	leftovers, err := leftoversOf(context.Background(), target)
	if err != nil {
		fmt.Printf("test-live: %s: what was left cannot be listed: %v\n", target.System, err)
		return
	}
	for _, l := range leftovers {
		fmt.Printf("test-live: left on %s: %s\n", target.System, l)
	}
	fmt.Printf("test-live: %d things are left on %s; make sweep SWEEPARGS=-yes deletes them\n", len(leftovers), target.System)
}

func leftoversOf(ctx context.Context, target live.Target) ([]live.Leftover, error) {
	server, err := live.Connect(ctx, target)
	if err != nil {
		return nil, err
	}
	defer server.Close()
	return server.Leftovers(ctx)
}
