// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// magicCookie is how a CLI tells a provider that it is one.
const magicCookie = "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"

// startUps is how often a provider is started; the median counts.
const startUps = 21

// startUp is what the start of a provider's process takes, until it tells the
// CLI where it listens.
type startUp struct {
	plugin string
	median time.Duration
	memory int64 // resident by then; 0 where it cannot be measured
	size   int64 // of the executable
}

func measureStartUp(ctx context.Context, p plugin) (startUp, error) {
	file, err := os.Stat(p.path)
	if err != nil {
		return startUp{}, err
	}
	s := startUp{plugin: p.name, size: file.Size()}
	times := make([]time.Duration, startUps)
	for i := range times {
		if times[i], s.memory, err = handshake(ctx, p.path); err != nil {
			return s, fmt.Errorf("starting %s: %w", p.name, err)
		}
	}
	slices.Sort(times)
	s.median = times[len(times)/2]
	return s, nil
}

// handshake starts a provider as a CLI does, waits for its first line, and ends
// it.
func handshake(ctx context.Context, path string) (took time.Duration, rss int64, err error) {
	process := exec.CommandContext(ctx, path)
	process.Env = append(os.Environ(), magicCookie, "PLUGIN_PROTOCOL_VERSIONS=6")
	output, err := process.StdoutPipe()
	if err != nil {
		return 0, 0, err
	}
	started := time.Now()
	if err := process.Start(); err != nil {
		return 0, 0, err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	took, rss = time.Since(started), resident(process.Process.Pid)
	_ = process.Process.Kill() // or it has ended
	_ = process.Wait()         // which says that it was killed
	if err != nil {
		return 0, 0, err
	}
	// <core protocol>|<protocol>|unix|<address>|grpc|<certificate>
	fields := strings.Split(line, "|")
	const network, address, kind = 2, 3, 4
	if len(fields) <= kind || fields[kind] != "grpc" {
		return 0, 0, fmt.Errorf("it said %q, not where it listens", line)
	}
	if fields[network] == "unix" {
		err = os.Remove(fields[address]) // what is killed cannot clean up
	}
	return took, rss, err
}
