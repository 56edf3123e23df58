// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// many are connections of a system in the state, and the server that they are on.
type many struct {
	server    *host.Host
	resources []*protocol.Resource
}

// manyConnections makes one connection, and puts it into the state under many
// ids.
func manyConnections(t *testing.T, system string, now func() time.Time, size int) many {
	t.Helper()
	options := protocol.Options()
	options.Now = now
	p := protocol.New(t, options)
	m := many{}
	var provider, config object
	id := "00000000-0000-4000-8000-%012d"
	switch system {
	case "omni":
		s := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
		m.server, provider = s.Host, protocol.OmniConfig(s)
		config = object{"name": "a", "dialect": "exasol", "host": "h", "password": "p"}
	case "reporter":
		s := reportermock.Start(t, reportermock.Options{Auth: reportermock.StaticToken})
		m.server, provider = s.Host, protocol.ReporterConfig(s)
		config = object{"config_name": "abc", "type": "POSTGRESQL", "host": "h", "port": 5432, "database_name": "d", "user_name": "u", "password": "p"}
		id = "019abcde-0000-7000-8000-%012d" // all of one month
	}
	p.Configure(protocol.With(provider, object{"max_retries": 1})).RequireOK(t)
	typeName := "dataconn_" + system + "_connection"
	first := p.Resource(typeName)
	first.Apply(config).RequireOK(t)
	for n := range size {
		r := p.Resource(typeName)
		r.Edit(protocol.With(first.State(), object{"id": fmt.Sprintf(id, n)}))
		m.resources = append(m.resources, r)
	}
	p.Restart()
	m.server.ResetRequests()
	return m
}

// A server that does not answer is waited for once, whatever there is to read:
// the first error says it all, the others in a line that is the same for each.
func TestServerThatIsDownIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	const size = 200
	for _, system := range []string{"omni", "reporter"} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			var seconds atomic.Int64
			now := func() time.Time { return time.Unix(seconds.Load(), 0) }
			m := manyConnections(t, system, now, size)
			m.server.Faults().Add(fault.Answer(503, `{"message":"down for maintenance"}`).Repeat(fault.Forever))
			messages := map[string]int{}
			refresh := func(r *protocol.Resource) {
				for _, d := range r.Refresh().Errors() {
					messages[d.Summary+"\n"+d.Detail]++
				}
			}
			for i, r := range m.resources {
				refresh(r)
				want := 3 // two attempts, and one by the next resource
				if i == 0 {
					want = 2
				}
				if got := len(m.server.Requests()); got != want {
					t.Fatalf("%d requests after %d resources, want %d", got, i+1, want)
				}
			}
			if len(messages) != 2 {
				t.Errorf("%d different messages, want two:\n%v", len(messages), messages)
			}
			for message, times := range messages {
				if times > 1 && (times != size-1 || !strings.HasPrefix(message, "No answer from ") || !strings.Contains(message, "no usable answer since 00:00:00 UTC, when GET /") || strings.Count(message, "\n") != 1) {
					t.Errorf("%d times %s", times, message)
				}
			}

			seconds.Add(10) // is it back? not yet
			refresh(m.resources[0])
			refresh(m.resources[1])
			if got := len(m.server.Requests()); got != 4 {
				t.Errorf("%d requests ten seconds later, want 4", got)
			}
			m.server.Faults().Clear()
			seconds.Add(10)
			for _, r := range m.resources[:2] { // the ids are invented, and the server says so
				r.Refresh().RequireOK(t)
			}
		})
	}
}

// So it is when many resources ask at the same time.
func TestServerThatIsDownIsWaitedForOnceByAll(t *testing.T) {
	t.Parallel()
	at := time.Now()
	for system, limit := range map[string]int{
		"omni":     2 + 1,     // one list, and the probe
		"reporter": 2 + 2 + 1, // one connection and one list, and the probe
	} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			m := manyConnections(t, system, func() time.Time { return at }, 200)
			m.server.Faults().Add(fault.Fault{Reset: true}.Repeat(fault.Forever))
			var mu sync.Mutex
			var errors []*tfprotov6.Diagnostic
			inParallel(m.resources, func(r *protocol.Resource) {
				diags := r.Refresh().Errors()
				mu.Lock()
				defer mu.Unlock()
				errors = append(errors, diags...)
			})
			if got := len(m.server.Requests()); got < 3 || got > limit {
				t.Errorf("%d requests, want 3 to %d", got, limit)
			}
			short := 0
			for _, d := range errors {
				if strings.HasPrefix(d.Summary, "No answer from ") {
					short++
				}
			}
			if len(errors) != 200 || short < 200-parallelism {
				t.Errorf("%d errors, %d of them short", len(errors), short)
			}
		})
	}
}
