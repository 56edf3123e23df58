// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// The systems that can be served.
const (
	systemOmni     = "omni"
	systemReporter = "reporter"
	systemBoth     = "both"
)

// mocks are the servers of the systems; one of them may be nil.
type mocks struct {
	omni     *omnimock.Server
	reporter *reportermock.Server
	token    string // of all
}

// mock is what the two have in common.
type mock interface {
	http.Handler
	Requests() []host.Request
	ReceivedSecret(secret string) bool
	Close()
}

func newMocks(cfg config) mocks {
	m := mocks{token: cfg.options.Token}
	if cfg.system != systemReporter {
		m.omni = omnimock.New(cfg.options)
		for _, u := range cfg.users {
			m.omni.AddUser(u)
		}
		m.token = m.omni.Token()
	}
	if cfg.system != systemOmni {
		opts := cfg.reporter
		opts.Auth, opts.Token = reportermock.StaticToken, m.token
		opts.RequestsPerMinute, opts.Latency = cfg.options.RequestsPerMinute, cfg.options.Latency
		opts.DataSources = []reportermock.DataSource{{ID: "midaz_onboarding", ExternalName: "onboarding", Type: "postgresql"}}
		m.reporter = reportermock.New(opts)
		m.token = m.reporter.Token()
	}
	return m
}

func (m mocks) all() []mock {
	var all []mock
	if m.omni != nil {
		all = append(all, m.omni)
	}
	if m.reporter != nil {
		all = append(all, m.reporter)
	}
	return all
}

// close ends what hangs.
func (m mocks) close() {
	for _, one := range m.all() {
		one.Close()
	}
}

// exports writes the environment of the provider as shell commands.
func (m mocks) exports(w io.Writer, addr string, cfg config) error {
	var lines string
	if m.omni != nil {
		lines += fmt.Sprintf("export OMNI_BASE_URL=http://%s\nexport OMNI_API_TOKEN=%s\n", addr, m.token)
		if cfg.options.Generation == omnimock.Guide2025 {
			// That server stands under the older prefix, which the provider is told.
			lines += "export OMNI_API_VERSION=unstable\n"
		}
	}
	if m.reporter != nil {
		lines += fmt.Sprintf("export REPORTER_BASE_URL=http://%s\nexport REPORTER_TOKEN=%s\nexport REPORTER_PRODUCT_NAME=mock\n", addr, m.token)
		if cfg.reporter.AnyDatabase {
			lines += "# -any-database is on: every Reporter connection connects, which no real server's do\n"
		}
	}
	_, err := io.WriteString(w, lines+listening+"\n")
	return err
}

// listening is the last line, a comment for a shell.
const listening = "# listening"
