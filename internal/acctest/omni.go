// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// Omni is one acceptance test's world: a mock server, the provider that talks to
// it, and a record of what the provider says to either side.
type Omni struct {
	*omnimock.Server
	*stage
}

// StartOmni starts a mock server that ends with the test. Further lines go into
// the omni attribute of the provider block.
func StartOmni(t *testing.T, opts omnimock.Options, further ...string) *Omni {
	t.Helper()
	o := &Omni{Server: omnimock.Start(t, opts)}
	o.stage = &stage{reset: o.ResetRequests, writes: o.Writes, environment: map[string]string{
		"OMNI_BASE_URL": o.URL(), "OMNI_API_TOKEN": o.Token(), "OMNI_MAX_REQUESTS_PER_MINUTE": "100000",
	}}
	if opts.Generation == omnimock.Guide2025 {
		further = append(further, `api_version = "unstable"`)
		o.environment["OMNI_API_VERSION"] = "unstable"
	}
	o.block = OmniProvider(o.Server, further...)
	return o
}

// Writes returns the requests since the step began that could change something,
// such as
//
//	PATCH connections {"port":5433} 200
//
// in the order of arrival, without ids, and with the keys of the body sorted.
func (o *Omni) Writes() []string {
	var writes []string
	for _, r := range o.Requests() {
		if r.Method == http.MethodGet {
			continue
		}
		collection := strings.TrimPrefix(strings.TrimPrefix(r.Path, "/api/v1/"), "/api/unstable/")
		collection, _, _ = strings.Cut(collection, "/")
		writes = append(writes, write(r.Method, collection, r.Body, r.Status))
	}
	return writes
}

// Only returns the server's one connection of this name.
func (o *Omni) Only(t testing.TB, name string) omnimock.Connection {
	t.Helper()
	var found []omnimock.Connection
	for _, c := range o.Connections() {
		if c.Name() == name {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the server has %d connections named %q", len(found), name)
	}
	return found[0]
}

// Names returns the names of the server's connections, sorted.
func (o *Omni) Names() []string {
	names := map[string]bool{}
	for _, c := range o.Connections() {
		names[c.Name()] = true
	}
	return slices.Sorted(maps.Keys(names))
}
