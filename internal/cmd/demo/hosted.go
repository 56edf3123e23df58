// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// hosted is the server of a part, and the folder that a CLI works in against it.
type hosted struct {
	workshop *workshop
	system   string
	host     *host.Host // nil until it is started
	stop     []func()
	tf       *terraform
}

// Cleanup makes the part what the mocks want of a test.
func (h *hosted) Cleanup(f func()) { h.stop = append(h.stop, f) }

// use takes over a started server, and prepares a copy of a guide's example.
func (h *hosted) use(server *host.Host, guide string, environment, variables map[string]string) error {
	h.host = server
	dir, err := h.workshop.copyExample(guide)
	if err != nil {
		return err
	}
	environment["TF_CLI_CONFIG_FILE"] = h.workshop.cliConfig()
	h.tf = &terraform{cli: h.workshop.cli, dir: dir, environment: environment, variables: variables}
	return nil
}

// close stops the server and makes sure that it is.
func (h *hosted) close() error {
	for _, f := range slices.Backward(h.stop) {
		f()
	}
	if h.host == nil {
		return nil
	}
	dialer := net.Dialer{Timeout: time.Second}
	connection, err := dialer.Dial("tcp", strings.TrimPrefix(h.host.URL(), "http://"))
	if err == nil {
		_ = connection.Close()
		return fmt.Errorf("the %s server still listens", h.system)
	}
	return nil
}

// since returns the requests of a method after the first n.
func (h *hosted) since(n int, methods ...string) []host.Request {
	return slices.DeleteFunc(h.host.Requests()[n:], func(r host.Request) bool { return !slices.Contains(methods, r.Method) })
}

func (h *hosted) writesSince(n int) []host.Request {
	return h.since(n, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete)
}

// requests is how many requests the server got.
func (h *hosted) requests() int {
	if h.host == nil {
		return 0
	}
	return len(h.host.Requests())
}

// traffic counts the requests by method.
func (h *hosted) traffic() string {
	if h.requests() == 0 {
		return fmt.Sprintf("no requests to the %s server", h.system)
	}
	counts := map[string]int{}
	for _, r := range h.host.Requests() {
		counts[r.Method]++
	}
	var parts []string
	for _, method := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[method], method))
	}
	return fmt.Sprintf("%d requests to the %s server (%s)", h.requests(), h.system, strings.Join(parts, ", "))
}

// expectNoSecret looks for secrets in all that the CLI wrote, and proves that
// the search finds what is there.
func (h *hosted) expectNoSecret(r *report, present string, secrets ...string) error {
	holding, read, err := holders(h.tf.dir, secrets...)
	if err != nil {
		return err
	}
	r.expect(read > 0 && len(holding) == 0, "none of %d files holds a password, neither plain nor base64 encoded%s", read, strings.Join(append([]string{""}, holding...), " "))
	if present == "" {
		return nil
	}
	state, err := os.ReadFile(filepath.Join(h.tf.dir, "terraform.tfstate"))
	if err != nil {
		return errors.Join(errors.New("the state cannot be read"), err)
	}
	r.expect(holds(string(state), present), "the same search does find the database's host name in the state")
	return nil
}
