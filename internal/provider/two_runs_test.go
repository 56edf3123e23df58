// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// Two runs of one configuration, and no lock. The create of the second does not
// reach the server, which shows the connection of the first, with every setting
// that the second sent. It must not have two owners.
func TestTwoRunsOfOneConfiguration(t *testing.T) {
	t.Parallel()
	t.Run("Omni", func(t *testing.T) {
		t.Parallel()
		clock := &serverClock{}
		s := omnimock.Start(t, omnimock.Options{Now: clock.now})
		both := twoRuns{t, clock, s.Host, protocol.OmniConfig(s), "dataconn_omni_connection", func(name string) object {
			return object{"name": name, "dialect": "exasol", "host": "db.example.com", "password": "p", "deletion_protection": false}
		}}
		both.oneAfterTheOther(t)
		both.atOnce(t)
		both.oneIsSlower(t)
	})
	t.Run("Reporter", func(t *testing.T) {
		t.Parallel()
		clock := &serverClock{}
		s := reportermock.Start(t, reportermock.Options{Now: clock.now})
		both := twoRuns{t, clock, s.Host, protocol.ReporterConfig(s), "dataconn_reporter_connection", func(name string) object {
			return object{"config_name": name, "type": "POSTGRESQL", "host": "db.example.com", "port": 5432, "database_name": "d", "user_name": "u", "password": "p"}
		}}
		both.oneAfterTheOther(t)
	})
}

type twoRuns struct {
	t        *testing.T
	clock    *serverClock
	server   *host.Host
	block    object
	typeName string
	config   func(name string) object
}

func (b twoRuns) run() *protocol.Provider {
	p := protocol.New(b.t, protocol.Options())
	p.Configure(b.block).RequireOK(b.t)
	return p
}

// create makes a connection of the name in one run, and returns its id.
func (b twoRuns) create(p *protocol.Provider, name string) string {
	r := p.Resource(b.typeName)
	r.Apply(b.config(name)).RequireOK(b.t)
	return r.Text("id")
}

// isRefused loses a create of the name without a trace, and wants an error that names
// the connection of the other run.
func (b twoRuns) isRefused(p *protocol.Provider, name, others string) {
	b.server.Faults().Add(fault.Fault{Reset: true}.On(http.MethodPost, ""))
	r := p.Resource(b.typeName)
	r.Apply(b.config(name)).RequireError(b.t, "could be somebody else's", others, "import")
	if r.Exists() {
		b.t.Errorf("%s has two owners", others)
	}
}

// oneAfterTheOther: the connection is dated before the second run sent anything.
func (b twoRuns) oneAfterTheOther(t *testing.T) {
	t.Helper()
	second := b.run()
	b.create(second, "reads-the-list")
	b.clock.behind.Store(int64(10 * time.Second))
	others := b.create(b.run(), "sales")
	b.clock.behind.Store(0)
	b.isRefused(second, "sales", others)
}

// atOnce: the date tells nothing, but what the second run has made already is there
// twice.
func (b twoRuns) atOnce(t *testing.T) {
	t.Helper()
	first, second := b.run(), b.run()
	b.create(second, "twice")
	b.create(first, "twice")
	b.isRefused(second, "stock", b.create(first, "stock"))
}

// oneIsSlower: at the first look nothing shows, and at the second what the other run
// has made meanwhile.
func (b twoRuns) oneIsSlower(t *testing.T) {
	t.Helper()
	first, second := b.run(), b.run()
	b.create(second, "by-both")
	others := b.create(first, "by-one")
	b.server.Faults().Add(fault.Fault{Hook: func() { b.create(first, "by-both") }}.On(http.MethodGet, "/api/v1/connections").After(1))
	b.isRefused(second, "by-one", others)
	if b.server.Faults().Pending() > 0 {
		t.Error("there was no second look")
	}
}

// serverClock is a clock that can be put back.
type serverClock struct{ behind atomic.Int64 }

func (c *serverClock) now() time.Time { return time.Now().Add(-time.Duration(c.behind.Load())) }
