// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// near are names that a careless sweep would take.
func near(name string) []string {
	return []string{
		"tf-acc", "tf-acc-", "tf-acc-abc", "tf-acc-production", "tf-acc-productioncopy", "my-" + name, name + "_", name + " ", name + "-Base", name + "-a-b", name + "x",
		strings.ToUpper(name), strings.ReplaceAll(name, "-", "_"), "Production",
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	omni := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	reporter := reportermock.Start(t, reportermock.Options{Auth: reportermock.StaticToken})
	ours := live.NewName()
	connection := func(name string) string {
		return omni.AddConnection(map[string]any{"name": name, "dialect": "postgres"})
	}
	base, other := connection(ours), connection(ours+"-prod")
	omni.AddEnvironment(base, other, "prod")
	reporter.Add(reportermock.Connection{ConfigName: ours}, "p")
	kept := 0
	for _, name := range near(ours) {
		connection(name)
		reporter.Add(reportermock.Connection{ConfigName: name}, "p")
		kept++
	}
	theirs := connection("theirs")
	omni.AddEnvironment(theirs, connection("theirs too"), "prod")
	kept += 2

	sweep := func(arguments ...string) string {
		t.Helper()
		var out bytes.Buffer
		err := run(t.Context(), arguments, func(name string) string {
			return map[string]string{
				"OMNI_BASE_URL": omni.URL(), "OMNI_API_TOKEN": omni.Token(), "OMNI_MAX_REQUESTS_PER_MINUTE": "100000",
				"REPORTER_BASE_URL": reporter.URL(), "REPORTER_TOKEN": reporter.Token(), "REPORTER_MAX_REQUESTS_PER_MINUTE": "100000",
			}[name]
		}, &out)
		if err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	listed := sweep()
	for _, want := range []string{"omni at " + omni.URL() + ": 3 left", "environment " + ours + "-prod", "connection " + ours + " (", "reporter at " + reporter.URL() + ": 1 left", "-yes"} {
		if !strings.Contains(listed, want) {
			t.Errorf("%q is missing in\n%s", want, listed)
		}
	}
	for _, r := range append(omni.Requests(), reporter.Requests()...) {
		if r.Method != "GET" {
			t.Errorf("%s %s was sent to list", r.Method, r.Path)
		}
	}

	if deleted := sweep("-yes"); strings.Count(deleted, "  deleted ") != 4 {
		t.Errorf("deleted:\n%s", deleted)
	}
	if n := len(omni.Connections()); n != kept {
		t.Errorf("%d connections are left, want %d", n, kept)
	}
	if n := len(omni.Environments()); n != 1 {
		t.Errorf("%d environments are left, want theirs", n)
	}
	if n := len(reporter.Connections()); n != len(near(ours)) {
		t.Errorf("%d Reporter connections are left, want %d", n, len(near(ours)))
	}
	if again := sweep("-yes"); strings.Contains(again, "deleted ") {
		t.Errorf("a second sweep:\n%s", again)
	}
}

// One refusal does not keep the others.
func TestSweepGoesOn(t *testing.T) {
	t.Parallel()
	omni := omnimock.Start(t, omnimock.Options{})
	refused := omni.AddConnection(map[string]any{"name": live.NewName(), "dialect": "postgres"})
	omni.AddConnection(map[string]any{"name": live.NewName(), "dialect": "postgres"})
	omni.Forbid("DELETE", "/api/v1/connections/"+refused)
	err := run(t.Context(), []string{"-yes"}, func(name string) string {
		return map[string]string{"OMNI_BASE_URL": omni.URL(), "OMNI_API_TOKEN": omni.Token()}[name]
	}, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "refused to delete") || len(omni.Connections()) != 1 {
		t.Errorf("%v, %d left", err, len(omni.Connections()))
	}
}
