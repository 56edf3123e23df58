// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// maxNoopRequests is how many requests a plan without changes takes at most,
// whatever the size.
const maxNoopRequests = 3

// maxApplyRequests is how many an apply takes at most. Each connection is created
// and each environment given values, in requests of their own. Associating
// environments and reading back are shared, by ten where the rate limit makes all
// wait, and by a few less where it does not. That takes many operations at once, which
// a small estate does not have.
func maxApplyRequests(size int, isLimited bool) int {
	atLimit := 23*size/10 + 5
	switch {
	case size < sharingSize:
		return 4*size + 8
	case isLimited:
		return atLimit
	default:
		return 11 * atLimit / 10
	}
}

// sharingSize is the size from which sharing is judged.
const sharingSize = 100

// row is a line of the tables of all estates.
type row struct {
	size    int
	command string
	real    cost
	floor   cost
}

// limitedRow is a line of the table of the rate limit.
type limitedRow struct {
	what    string
	size    int
	command string
	cost    cost
}

// bench measures, and keeps the results.
type bench struct {
	options    options
	workshop   *workshop
	progress   io.Writer
	started    time.Time
	loadBefore string

	startUp []startUp
	rows    []row
	limited []limitedRow
	failed  []string // expectations that do not hold
}

// measure measures everything.
func (b *bench) measure(ctx context.Context) error {
	for _, p := range []plugin{b.workshop.real, b.workshop.floor} {
		s, err := measureStartUp(ctx, p)
		if err != nil {
			return err
		}
		b.startUp = append(b.startUp, s)
	}
	for _, size := range b.options.sizes {
		if err := b.estates(ctx, size); err != nil {
			return err
		}
	}
	if err := b.hashedEstate(ctx); err != nil || b.options.limit == 0 {
		return err
	}
	return b.limitedEstate(ctx)
}

// estates takes an estate through its life on the floor and on the provider.
func (b *bench) estates(ctx context.Context, size int) error {
	floor, err := b.newEstate(b.workshop.floor, size, 0)
	if err != nil {
		return err
	}
	defer floor.close()
	estate, err := b.newEstate(b.workshop.real, size, 0)
	if err != nil {
		return err
	}
	defer estate.close()

	for _, command := range []string{apply, noop, destroy} {
		r := row{size: size, command: command}
		if r.floor, r.real, err = b.compare(ctx, floor, estate, command); err != nil {
			return err
		}
		b.rows = append(b.rows, r)
		if command == noop && size == b.largest() && b.options.limit > 0 {
			if err := b.noopWithLimit(ctx, estate, r.real); err != nil {
				return err
			}
		}
	}
	b.expect(len(estate.server.Connections()) == 0, "destroy of %d leaves nothing on the server", size)
	return nil
}

// hashedEstate plans an estate whose secrets have no version: every plan hashes each
// of them.
func (b *bench) hashedEstate(ctx context.Context) error {
	floor, err := b.newEstate(b.workshop.floor, b.largest(), 0)
	if err != nil {
		return err
	}
	defer floor.close()
	estate, err := b.newEstate(b.workshop.real, b.largest(), 0)
	if err != nil {
		return err
	}
	defer estate.close()
	floor.hashed, estate.hashed = true, true
	if _, _, err := b.compare(ctx, floor, estate, apply); err != nil {
		return err
	}
	r := row{size: b.largest(), command: noop + ", no versions"}
	r.floor, r.real, err = b.compare(ctx, floor, estate, noop)
	b.rows = append(b.rows, r)
	return err
}

// noopRuns is how often a no-op plan runs on either side; the middle one counts.
// What else the machine does then matters less.
const noopRuns = 5

// compare runs a command on both sides, in turns where it can be repeated. What the
// server fills in at an apply is what the floor fills in then.
func (b *bench) compare(ctx context.Context, floor, estate *estate, command string) (onFloor, onReal cost, err error) {
	runs := 1
	if command == noop {
		runs = noopRuns
	}
	var floors, reals []cost
	for range runs {
		c, err := b.run(ctx, estate, command, unlimited)
		if err != nil {
			return cost{}, cost{}, err
		}
		b.judge(estate.size, command, unlimited, c)
		reals = append(reals, c)
		if command == apply {
			if err := estate.teach(floor); err != nil {
				return cost{}, cost{}, err
			}
		}
		if c, err = b.run(ctx, floor, command, unlimited); err != nil {
			return cost{}, cost{}, err
		}
		b.expect(c.requests.total() == 0, "%s of %d on the floor sends nothing (it sent %d)", command, floor.size, c.requests.total())
		floors = append(floors, c)
	}
	return middle(floors), middle(reals), nil
}

// middle returns the cost whose wall time is the median.
func middle(costs []cost) cost {
	slices.SortFunc(costs, func(a, b cost) int { return cmp.Compare(a.wall, b.wall) })
	return costs[len(costs)/2]
}

// noopWithLimit plans the same estate again, with the provider's own limit on:
// a plan that needs so few requests does not feel it.
func (b *bench) noopWithLimit(ctx context.Context, e *estate, without cost) error {
	with, err := b.run(ctx, e, noop, b.options.limit)
	if err != nil {
		return err
	}
	b.limited = append(b.limited,
		limitedRow{"none", e.size, noop, without},
		limitedRow{fmt.Sprintf("provider: %d", b.options.limit), e.size, noop, with})
	b.judge(e.size, noop, b.options.limit, with)
	return nil
}

// limitedEstate applies and plans on a server that refuses what is beyond its
// limit, with a provider that keeps to the same limit.
func (b *bench) limitedEstate(ctx context.Context) error {
	e, err := b.newEstate(b.workshop.real, b.options.limitedSize, b.options.limit)
	if err != nil {
		return err
	}
	defer e.close()
	for _, command := range []string{apply, noop} {
		c, err := b.run(ctx, e, command, b.options.limit)
		if err != nil {
			return err
		}
		b.limited = append(b.limited, limitedRow{fmt.Sprintf("provider and server: %d", b.options.limit), e.size, command, c})
		b.judge(e.size, command, b.options.limit, c)
	}
	return nil
}

func (b *bench) newEstate(p plugin, size, serverLimit int) (*estate, error) {
	return b.workshop.newEstate(p, size, omnimock.Options{
		EnvironmentList: true, Latency: b.options.latency, RequestsPerMinute: serverLimit, UserAttributes: []string{"tenant"},
	})
}

// run runs a command and says so.
func (b *bench) run(ctx context.Context, e *estate, command string, perMinute int) (cost, error) {
	_, _ = fmt.Fprintf(b.progress, "bench: %4d connections, %-8s  %-9s ... ", e.size, e.plugin.name, command)
	c, err := e.run(ctx, command, perMinute)
	_, _ = fmt.Fprintf(b.progress, "%s, %d requests\n", seconds(c.wall), c.requests.total())
	return c, err
}

func (b *bench) largest() int {
	largest := 0
	for _, size := range b.options.sizes {
		largest = max(largest, size)
	}
	return largest
}

// judge compares the number of requests with what is expected.
func (b *bench) judge(size int, command string, perMinute int, c cost) {
	got := c.requests.total()
	switch command {
	case noop:
		b.expect(got <= maxNoopRequests, "a no-op plan of %d takes at most %d requests (it took %d)", size, maxNoopRequests, got)
	case apply:
		most := maxApplyRequests(size, perMinute != unlimited)
		b.expect(got <= most, "an apply of %d takes at most %d requests (it took %d)", size, most, got)
	}
}

func (b *bench) expect(holds bool, format string, args ...any) {
	if !holds {
		b.failed = append(b.failed, fmt.Sprintf(format, args...))
	}
}

// verdict returns what did not hold.
func (b *bench) verdict() error {
	if len(b.failed) == 0 {
		return nil
	}
	return errors.New("this does not hold:\n  - " + strings.Join(b.failed, "\n  - "))
}
