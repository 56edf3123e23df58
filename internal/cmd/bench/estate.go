// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// minSize is the smallest estate: a base connection and one environment.
const minSize = 2

// unlimited stands for no rate limit in the provider's configuration.
const unlimited = 1_000_000

// configuration is an estate of var.connections: the first is the base of all
// others. Two things that take a CLI quadratic time, whatever the provider, are
// avoided: a for_each over a set, and a reference to one instance of a counted
// resource, for which it decodes all of them. The local is evaluated once.
const configuration = `
terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

provider "dataconn" {}

variable "connections" {
  type = number
}

variable "password" {
  type      = string
  ephemeral = true
  sensitive = true
}

variable "versions" {
  type = bool
}

resource "dataconn_omni_connection" "each" {
  count = var.connections

  name                = "Connection ${count.index}"
  dialect             = "postgres"
  host                = "db${count.index}.example.com"
  port                = 5432
  database            = "analytics"
  username            = "omni"
  password_wo         = var.password
  password_wo_version = var.versions ? 1 : null
  include_schemas     = ["public", "sales"]
  deletion_protection = false
}

locals {
  ids = dataconn_omni_connection.each[*].id
}

resource "dataconn_omni_connection_environment" "each" {
  count = var.connections - 1

  base_connection_id    = local.ids[0]
  connection_id         = local.ids[count.index + 1]
  user_attribute_values = ["tenant-${count.index + 1}"]
}

resource "dataconn_omni_environment_user_attribute" "base" {
  connection_id  = local.ids[0]
  attribute_name = "tenant"
  default_values = ["tenant-0"]
}
`

// estate is a folder with the configuration, a provider, and a server of its
// own. The floor has a server too, which then gets no request.
type estate struct {
	dir    string
	cli    cli.CLI
	plugin plugin
	size   int
	hashed bool // its secrets have no version, so that a hash tells whether they changed
	server *omnimock.Server
	close  func()
	url    string
}

func (w *workshop) newEstate(p plugin, size int, server omnimock.Options) (*estate, error) {
	dir, err := os.MkdirTemp(w.dir, "estate-")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(configuration), 0o600); err != nil {
		return nil, err
	}
	mock := omnimock.New(server)
	listening := httptest.NewServer(mock)
	shut := func() {
		mock.Close()
		listening.Close()
	}
	return &estate{dir: dir, cli: w.cli, plugin: p, size: size, server: mock, close: shut, url: listening.URL}, nil
}

// valuesFile is where the floor finds what it gives attributes whose values a plan does
// not know, by the type of the resource.
const valuesFile = "values.json"

// teach lets the floor fill in what the server has filled in here, in the first resource
// of each type, so that both states carry the same values.
func (e *estate) teach(floor *estate) error {
	encoded, err := os.ReadFile(filepath.Join(e.dir, "terraform.tfstate"))
	if err != nil {
		return err
	}
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct{ Attributes json.RawMessage }
		}
	}
	if err := json.Unmarshal(encoded, &state); err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	values := map[string]json.RawMessage{}
	for _, r := range state.Resources {
		values[r.Type] = r.Instances[0].Attributes
	}
	if encoded, err = json.Marshal(values); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(floor.dir, valuesFile), encoded, 0o600)
}

// cost is what one command took.
type cost struct {
	wall     time.Duration
	cpu      time.Duration // of the CLI and its providers; a busy machine changes it little
	memory   memory
	requests requests
}

// The commands, as the tables call them.
const (
	apply   = "apply"
	noop    = "no-op plan"
	destroy = "destroy"
)

var arguments = map[string][]string{
	apply:   {"apply", "-auto-approve"},
	noop:    {"plan", "-detailed-exitcode"}, // 2 if there is anything to do
	destroy: {"destroy", "-auto-approve"},
}

// run runs a command. The provider keeps to perMinute requests. A command that
// ends with another code than 0, as a plan that is not empty does, or with a
// warning is an error.
func (e *estate) run(ctx context.Context, command string, perMinute int) (cost, error) {
	var output bytes.Buffer
	w := cli.Workspace{CLI: e.cli, Dir: e.dir, Environment: cli.CleanEnvironment(e.settings(perMinute)...)}
	process := w.Command(ctx, arguments[command]...)
	process.Stdout, process.Stderr = &output, &output
	e.server.ResetRequests()

	started := time.Now()
	if err := process.Start(); err != nil {
		return cost{}, err
	}
	peak := watch(process.Process.Pid)
	err := process.Wait()
	c := cost{wall: time.Since(started), memory: peak(), requests: countRequests(e.server.Requests())}
	c.cpu = process.ProcessState.UserTime() + process.ProcessState.SystemTime()
	cli.EndGroup(process)
	if ctx.Err() != nil {
		return c, fmt.Errorf("stopped during %s", command)
	}
	if err != nil {
		return c, fmt.Errorf("%s of %d connections, %s: %w\n%s", command, e.size, e.plugin.name, err, cli.Tail(output.String()))
	}
	if warning := findWarning(output.String()); warning != "" {
		return c, fmt.Errorf("%s of %d connections, %s: %s", command, e.size, e.plugin.name, warning)
	}
	return c, nil
}

// findWarning returns the first warning that a command printed, but for that
// about the way in which the provider is installed here.
func findWarning(output string) string {
	for line := range strings.Lines(output) {
		if _, warning, ok := strings.Cut(line, "Warning: "); ok && !strings.Contains(warning, "development overrides") {
			return "Warning: " + strings.TrimSpace(warning)
		}
	}
	return ""
}

// settings are the environment variables of a run.
func (e *estate) settings(perMinute int) []string {
	return []string{
		"TF_VAR_versions=" + strconv.FormatBool(!e.hashed),
		"BENCH_CPUPROFILES=" + e.plugin.profiles,           // read by the profiled provider
		"BENCH_VALUES=" + filepath.Join(e.dir, valuesFile), // read by the floor
		"TF_CLI_CONFIG_FILE=" + e.plugin.cliConfig,
		"TF_VAR_connections=" + strconv.Itoa(e.size),
		"TF_VAR_password=benchmark-password",
		"OMNI_BASE_URL=" + e.url,
		"OMNI_API_TOKEN=" + e.server.Token(),
		"OMNI_MAX_REQUESTS_PER_MINUTE=" + strconv.Itoa(perMinute),
	}
}
