// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// site is a system with one connection in a configuration, for a real CLI.
type site struct {
	*host.Host
	session *acctest.Session
	// config has a connection of this port.
	config func(port int) string
	// has lists the connections as "id port".
	has func() []string
}

func sites() map[string]func(t *testing.T) site {
	return map[string]func(t *testing.T) site{
		"omni": func(t *testing.T) site {
			t.Helper()
			o := acctest.StartOmni(t, omnimock.Options{})
			return site{o.Host, o.Session(t), func(port int) string {
				return o.Config(acctest.Resource("dataconn_omni_connection", "one", acctest.Attributes{
					"name": "one", "dialect": "postgres", "host": "h", "port": port, "database": "d", "username": "u", "password": "p", "deletion_protection": false,
				}))
			}, func() (all []string) {
				for _, c := range o.Connections() {
					all = append(all, fmt.Sprint(c.ID, " ", c.Settings["port"]))
				}
				return all
			}}
		},
		"reporter": func(t *testing.T) site {
			t.Helper()
			r := acctest.StartReporter(t, reportermock.Options{Auth: reportermock.ClientCredentials})
			return site{r.Host, r.Session(t), func(port int) string {
				return r.Config(acctest.Resource("dataconn_reporter_connection", "one", acctest.Attributes{
					"config_name": "one", "type": "POSTGRESQL", "host": "h", "port": port, "database_name": "d", "user_name": "u", "password": "p",
				}))
			}, func() (all []string) {
				for _, c := range r.Connections() {
					all = append(all, fmt.Sprint(c.ID, " ", c.Port))
				}
				return all
			}}
		},
	}
}

// A dozen of the faults through a real CLI, which is what core makes of them.
func TestFaultsWithCLI(t *testing.T) {
	t.Parallel()
	const token = "/v1/login/oauth/access_token"
	for name, c := range map[string]struct {
		fault fault.Fault
		fails bool
	}{
		"omni/create/reset after":       {fault.Fault{Method: http.MethodPost, Reset: true, Apply: true}, false},
		"omni/create/500 before":        {fault.InternalError().On(http.MethodPost, ""), true},
		"omni/create/no read-back":      {fault.BadGateway().On(http.MethodGet, "/api/v1/connections/*").Repeat(fault.Forever), false},
		"omni/update/cut off":           {fault.Fault{Method: http.MethodPatch, Truncate: true}, false},
		"omni/update/not carried out":   {fault.NoSuccess().On(http.MethodPatch, ""), true},
		"omni/refresh/login page":       {fault.NotJSON().On(http.MethodGet, "/api/v1/connections"), true},
		"omni/destroy/another 404":      {fault.Answer(404, `{"detail":"Not Found","status":404}`).On(http.MethodDelete, ""), true},
		"omni/destroy/gone":             {fault.Answer(410, `{"detail":"Gone","status":410}`).Applied().On(http.MethodDelete, ""), false},
		"reporter/create/empty after":   {fault.EmptyBody().Applied().On(http.MethodPost, "/v1/management/connections"), false},
		"reporter/create/no token":      {fault.Answer(401, `{"message":"no"}`).On(http.MethodPost, token).Repeat(fault.Forever), true},
		"reporter/update/429":           {fault.RateLimitedFor(time.Second).On(http.MethodPatch, ""), false},
		"reporter/update/conflict":      {fault.Answer(409, `{"title":"Conflict"}`).On(http.MethodPatch, ""), true},
		"reporter/refresh/gone list":    {fault.Answer(403, `Forbidden`).On(http.MethodGet, ""), true},
		"reporter/destroy/not done":     {fault.NoSuccess().On(http.MethodDelete, ""), true},
		"reporter/destroy/odd but done": {fault.WrongShape().Applied().On(http.MethodDelete, ""), false},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			parts := strings.Split(name, "/")
			testFaultWithCLI(t, sites()[parts[0]](t), parts[1], c.fault, c.fails)
		})
	}
}

func testFaultWithCLI(t *testing.T, s site, operation string, f fault.Fault, fails bool) {
	t.Helper()
	port := 1
	s.session.Write(s.config(port))
	if operation != "create" {
		s.session.Run("apply", "-auto-approve")
	}
	apply := []string{"apply", "-auto-approve"}
	command := apply
	switch operation {
	case "update":
		port = 2
		s.session.Write(s.config(port))
	case "refresh":
		command = []string{"plan"}
	case "destroy":
		apply = []string{"destroy", "-auto-approve"}
		command = apply
	}
	before := s.has()
	s.Faults().Add(f)
	run := s.session.Run
	if fails {
		run = s.session.Fail
	}
	output := run(command...)
	if s.Faults().Pending() > 0 {
		t.Fatalf("the fault did not happen:\n%s", output)
	}
	s.Faults().Clear()
	if fails && fmt.Sprint(s.has()) != fmt.Sprint(before) {
		t.Errorf("the server had %v and has %v, after\n%s", before, s.has(), output)
	}

	s.session.Run(apply...)
	if operation == "destroy" {
		if left := s.has(); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		return
	}
	s.session.Run("plan", "-detailed-exitcode")
	var state struct {
		Resources []struct {
			Instances []struct {
				Status     string
				Attributes struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal([]byte(s.session.Read("terraform.tfstate")), &state); err != nil || len(state.Resources) != 1 {
		t.Fatalf("the state has %+v, %v", state, err)
	}
	instance := state.Resources[0].Instances[0]
	if has := s.has(); len(has) != 1 || has[0] != fmt.Sprint(instance.Attributes.ID, " ", port) || instance.Status != "" {
		t.Errorf("the server has %v, the state %+v", has, instance)
	}
}
