// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// parallelism is Terraform's own default.
const parallelism = 10

// inParallel runs as many at a time as Terraform does.
func inParallel[T any](items []T, run func(T)) {
	var group sync.WaitGroup
	slots := make(chan struct{}, parallelism)
	for _, item := range items {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			run(item)
		})
	}
	group.Wait()
}

// estate is a server with connections, all but the first an environment of the
// first, which is bound to a user attribute; and the same in Terraform.
type estate struct {
	server    *omnimock.Server
	provider  *protocol.Provider
	resources []managed
}

type managed struct {
	*protocol.Resource
	config object
}

func newEstate(t *testing.T, size int) estate {
	t.Helper()
	e := estate{server: omnimock.Start(t, omnimock.Options{EnvironmentList: true})}
	e.provider = configured(t, e.server, object{}, nil)
	template := e.provider.Resource("dataconn_omni_connection")
	var ids []string
	for n := range size {
		config := object{"name": fmt.Sprintf("connection %d", n), "dialect": "exasol", "host": "h"}
		id := e.server.AddConnection(config)
		ids = append(ids, id)
		if n == 0 {
			e.server.EditConnection(id, func(settings map[string]any) {
				settings["userAttributeNameForConnectionEnvironments"] = "env"
			})
			template.Import(id).RequireOK(t)
		}
		c := e.provider.Resource("dataconn_omni_connection")
		c.Edit(protocol.With(template.State(), object{"id": id, "name": config["name"]}))
		e.resources = append(e.resources, managed{c, config})
		if n > 0 {
			config := object{"base_connection_id": ids[0], "connection_id": id, "user_attribute_values": []string{fmt.Sprint(n)}}
			environment := e.provider.Resource("dataconn_omni_connection_environment")
			environment.Edit(protocol.With(config, object{"id": e.server.AddEnvironment(ids[0], id, fmt.Sprint(n))}))
			e.resources = append(e.resources, managed{environment, config})
		}
	}
	config := object{"connection_id": ids[0], "attribute_name": "env"}
	binding := e.provider.Resource("dataconn_omni_environment_user_attribute")
	binding.Edit(config)
	e.resources = append(e.resources, managed{binding, config})
	return e
}

func (e estate) requireRequests(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, r := range e.server.Requests() {
		got = append(got, r.Method+" "+strings.TrimPrefix(r.Path, "/api/v1/"))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d requests, want %d:\n%s", len(got), len(want), strings.Join(got[:min(len(got), 20)], "\n"))
	}
}

// A refresh and a plan in which nothing changes take a request a collection,
// whatever there is in it.
func TestRefreshTakesAFixedNumberOfRequests(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 10, 300} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			e := newEstate(t, size)
			e.provider.Configure(protocol.OmniConfig(e.server)).RequireNone(t) // a new process, so to speak: nothing is remembered
			e.server.ResetRequests()
			inParallel(e.resources, func(r managed) {
				if diags := r.Refresh(); len(diags) > 0 {
					t.Errorf("%s", diags)
				}
				if plan := r.Plan(r.config); !plan.IsEmpty() {
					t.Errorf("%s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
				}
			})
			want := []string{"GET connection-environments", "GET connections"}
			if size == 1 {
				want = want[1:] // there is no environment to read
			}
			e.requireRequests(t, want...)
		})
	}
}

// A plan of new objects reads what it has to look at once, too.
func TestPlanOfNewEnvironmentsTakesOneList(t *testing.T) {
	t.Parallel()
	e := newEstate(t, 10)
	base := e.resources[0].Text("id")
	for _, r := range e.resources[1:] {
		if id, ok := r.config["connection_id"]; ok && id != base {
			e.server.RemoveEnvironment(r.Text("id"))
		}
	}
	e.provider.Configure(protocol.OmniConfig(e.server)).RequireNone(t)
	e.server.ResetRequests()
	inParallel(e.resources, func(r managed) {
		if _, isEnvironment := r.config["base_connection_id"]; !isEnvironment {
			return
		}
		plan := e.provider.Resource("dataconn_omni_connection_environment").Plan(r.config)
		if plan.HasError() || plan.Action != protocol.Create {
			t.Errorf("%s: %s", plan.Action, plan.Diagnostics)
		}
	})
	e.requireRequests(t, "GET connections")
}

// Ten connections that are created at the same time: a list before, a POST each,
// and no more reads after than there would be one by one.
func TestCreatesShareTheirReads(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	p := configured(t, s, object{}, nil)
	var resources []managed
	for n := range parallelism {
		resources = append(resources, managed{p.Resource("dataconn_omni_connection"), object{"name": fmt.Sprint(n), "dialect": "exasol", "host": "h", "password": "p"}})
	}
	inParallel(resources, func(r managed) {
		if diags := r.Apply(r.config); len(diags) > 0 {
			t.Errorf("%s", diags)
		}
	})
	if got := s.CountRequests("POST", ""); got != parallelism {
		t.Errorf("%d creates", got)
	}
	if got := s.CountRequests("GET", ""); got > 1+parallelism {
		t.Errorf("%d reads", got)
	}
}

// The guide's figures of a list: what one connection takes of it, and how many fit
// into what is read, whose limit the HTTP client's tests hold.
func TestGuideOfListSizes(t *testing.T) {
	t.Parallel()
	const connections, limit = 100, 32 << 20
	s := omnimock.Start(t, omnimock.Options{})
	for n := range connections {
		s.AddConnection(object{"name": fmt.Sprintf("Analytics %d", n), "dialect": "postgres", "host": "db.example.com", "port": 5432, "database": "analytics", "username": "omni"})
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/api/v1/connections", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.Token())
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	list, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status, err)
	}
	size := len(list) / connections
	requireFile(t, "templates/guides/performance.md.tmpl", "A connection takes some "+fmt.Sprintf("%.1f kB", float64(size)/1000))
	requireFile(t, "templates/guides/performance.md.tmpl", "lists of up to 32 MiB, which is about 25,000 connections")
	if fit := limit / size; fit < 25_000 || fit > 28_000 {
		t.Errorf("%d connections of %d bytes fit into 32 MiB", fit, size)
	}
}
