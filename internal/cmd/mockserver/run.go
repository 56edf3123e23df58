// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// shutdownGrace is how long requests may go on after a signal.
const shutdownGrace = 2 * time.Second

// config is the command line.
type config struct {
	addr     string
	system   string
	portfile string
	options  omnimock.Options
	reporter reportermock.Options // beyond what Omni's say for both
	users    []omnimock.User
}

// addUsers reads the value of -users.
func (c *config) addUsers(text string) error {
	for one := range strings.SplitSeq(text, ",") {
		address, value, hasValue := strings.Cut(one, "=")
		isTaken := slices.ContainsFunc(c.users, func(u omnimock.User) bool { return strings.EqualFold(u.UserName, address) })
		if !strings.Contains(address, "@") || isTaken || hasValue && value == "" {
			return fmt.Errorf("%q is no address, one that is there already, or has an empty value", one)
		}
		u := omnimock.User{UserName: address}
		if hasValue {
			u.Attributes = map[string]any{"environment": value}
		}
		c.users = append(c.users, u)
	}
	return nil
}

// run serves until the context ends. It prints the addresses and the token as
// shell exports once it listens.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	cfg, err := parseFlags(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	listener, err := listenLoopback(ctx, cfg.addr)
	if err != nil {
		return err
	}
	mocks := newMocks(cfg)
	server := &http.Server{
		Handler:           mocks.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	if err := announce(cfg, mocks, listener.Addr().String(), stdout); err != nil {
		listener.Close()
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	mocks.close()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return server.Close()
	}
	return nil
}

func parseFlags(args []string, output io.Writer) (config, error) {
	var cfg config
	generations := map[string]omnimock.Generation{
		"current":     omnimock.Current,
		"narrow-2026": omnimock.Narrow2026,
		"guide-2025":  omnimock.Guide2025,
	}
	flags := flag.NewFlagSet("mockserver", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&cfg.addr, "addr", "127.0.0.1:0", "loopback `address` to listen on; port 0 takes a free one")
	flags.StringVar(&cfg.system, "system", systemOmni, "what to serve: omni, reporter, or both on one address")
	flags.BoolVar(&cfg.reporter.AnyDatabase, "any-database", true, "have every Reporter connection reach a database; none does without")
	flags.IntVar(&cfg.reporter.MaxPageSize, "max-page-size", 0, "largest page of Reporter's lists, 0 for 100")
	flags.BoolVar(&cfg.reporter.GuardHosts, "guard-hosts", false, "have Reporter refuse hosts that are not public")
	generation := flags.String("generation", "current", "age of the Omni server: current, narrow-2026 or guide-2025")
	flags.BoolVar(&cfg.options.EnvironmentList, "environment-list", true, "have Omni answer GET /connection-environments, as its newest reference says; =false for a server without it")
	flags.BoolVar(&cfg.options.BuildSchemaModels, "schema-models", false, "have Omni register and refresh the schema model of every connection by itself, which a real one does not")
	flags.BoolVar(&cfg.options.PersonalToken, "personal-token", false, "have the API key be one of a person, which Omni's SCIM API refuses")
	flags.Func("users", "Omni's users, as `address=value,...` with values of the user attribute environment; a bare address has none", cfg.addUsers)
	flags.StringVar(&cfg.options.Token, "token", "", "API `key` to accept (default a random one)")
	flags.IntVar(&cfg.options.RequestsPerMinute, "requests-per-minute", 0, "rate limit, 0 for none")
	flags.DurationVar(&cfg.options.Latency, "latency", 0, "time to wait before each answer")
	flags.StringVar(&cfg.portfile, "portfile", "", "`file` that gets host:port once the server listens")
	if err := flags.Parse(args); err != nil {
		return cfg, err
	}
	if flags.NArg() > 0 {
		return cfg, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if cfg.system != systemOmni && cfg.system != systemReporter && cfg.system != systemBoth {
		return cfg, fmt.Errorf("unknown system %q: want omni, reporter or both", cfg.system)
	}
	var ok bool
	if cfg.options.Generation, ok = generations[*generation]; !ok {
		return cfg, fmt.Errorf("unknown generation %q: want current, narrow-2026 or guide-2025", *generation)
	}
	if cfg.options.RequestsPerMinute < 0 || cfg.options.Latency < 0 || cfg.reporter.MaxPageSize < 0 {
		return cfg, errors.New("-requests-per-minute, -latency and -max-page-size cannot be negative")
	}
	return cfg, nil
}

// listenLoopback refuses what other machines could reach: the mock keeps the
// secrets it receives in memory and answers questions about them.
func listenLoopback(ctx context.Context, addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("-addr: %w", err)
	}
	if host == "localhost" {
		host = "127.0.0.1" // a name could resolve to anything
	}
	ip := net.ParseIP(host)
	if ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("-addr: %q is not a loopback address; use 127.0.0.1, [::1] or localhost", host)
	}
	var listen net.ListenConfig
	return listen.Listen(ctx, "tcp", net.JoinHostPort(host, port))
}

func announce(cfg config, mocks mocks, addr string, stdout io.Writer) error {
	if err := mocks.exports(stdout, addr, cfg); err != nil {
		return err
	}
	if cfg.portfile == "" {
		return nil
	}
	// Renamed into place, so that whoever waits for the file finds it complete.
	if err := os.WriteFile(cfg.portfile+".tmp", []byte(addr+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(cfg.portfile+".tmp", cfg.portfile)
}
