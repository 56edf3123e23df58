// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// mistake is what a person does wrong, or meets, and what it says to them.
type mistake struct {
	omni     omnimock.Options
	provider object // of the omni block
	do       func(t *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics
	want     []string
}

const nowhere = "550e8400-e29b-41d4-a716-446655440000"

func anyConnection(s *omnimock.Server) string {
	return s.AddConnection(map[string]any{"name": "Analytics", "dialect": "postgres", "host": "h", "port": 1, "database": "d", "username": "u"})
}

func omniConnectionConfig(changes object) object {
	return protocol.With(object{"name": "n", "dialect": "postgres", "host": "h", "port": 1, "database": "d", "username": "u", "password": "p"}, changes)
}

// Each message says what happened, on which object, and what to do.
func TestMessages(t *testing.T) {
	t.Parallel()
	apply := func(kind string, config object) func(*testing.T, *protocol.Provider, *omnimock.Server) protocol.Diagnostics {
		return func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
			return p.Resource(kind).Apply(config)
		}
	}
	validate := func(config object) func(*testing.T, *protocol.Provider, *omnimock.Server) protocol.Diagnostics {
		return func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
			return p.Resource("dataconn_omni_connection").Validate(config)
		}
	}
	imports := func(kind, id string) func(*testing.T, *protocol.Provider, *omnimock.Server) protocol.Diagnostics {
		return func(_ *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
			return p.Resource(kind).Import(id)
		}
	}
	for name, m := range map[string]mistake{
		"a value in use": {
			omni: omnimock.Options{EnvironmentList: true},
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				base, one, two := anyConnection(s), anyConnection(s), anyConnection(s)
				s.AddEnvironment(base, one, "prod")
				return p.Resource("dataconn_omni_connection_environment").Apply(object{"base_connection_id": base, "connection_id": two, "user_attribute_values": []string{"prod"}, "timeouts": object{"create": "1s"}})
			},
		},
		"https to an http port": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				p.Restart()
				p.Configure(object{"omni": object{"base_url": strings.Replace(s.URL(), "http:", "https:", 1), "api_token": s.Token()}, "max_retries": 0}).RequireNone(t)
				return p.Resource("dataconn_omni_connection").Import(nowhere)
			},
		},
		"http to an https port": {
			do: func(t *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				s := omnimock.Start(t, omnimock.Options{TLS: true})
				p.Configure(object{"omni": object{"base_url": strings.Replace(s.URL(), "https:", "http:", 1), "api_token": s.Token()}, "max_retries": 0})
				return p.Resource("dataconn_omni_connection").Import(nowhere)
			},
		},
		"an unknown base": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				return p.Resource("dataconn_omni_connection_environment").Apply(object{"base_connection_id": nowhere, "connection_id": anyConnection(s), "user_attribute_values": []string{"prod"}})
			},
		},
		"a wrong api_version": {
			provider: object{"api_version": "unstable"},
			do:       apply("dataconn_omni_connection", omniConnectionConfig(nil)),
		},
		"a wrong path": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				p.Restart()
				p.Configure(object{"omni": object{"base_url": s.URL() + "/omni", "api_token": s.Token()}})
				return p.Resource("dataconn_omni_connection").Apply(omniConnectionConfig(nil))
			},
		},
		"two associations of a pair, no list": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				base, one := anyConnection(s), anyConnection(s)
				s.AddEnvironment(base, one, "prod")
				return p.Resource("dataconn_omni_connection_environment").Apply(object{"base_connection_id": base, "connection_id": one, "user_attribute_values": []string{"dev"}, "timeouts": object{"create": "1s"}})
			},
		},
		"timeouts": {do: validate(omniConnectionConfig(object{"timeouts": object{"create": "10 minutes"}}))},
		"timeouts at apply": {do: apply("dataconn_omni_connection", omniConnectionConfig(object{"timeouts": object{"create": "10 minutes"}}))},
		"a long rate limit": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				s.Faults().Add(fault.RateLimitedFor(time.Hour).Repeat(fault.Forever))
				return p.Resource("dataconn_omni_connection").Apply(omniConnectionConfig(object{"timeouts": object{"create": "1m"}}))
			},
		},
		"null secret":  {do: apply("dataconn_omni_connection", omniConnectionConfig(object{"password": nil}))},
		"empty secret": {do: validate(omniConnectionConfig(object{"password": ""}))},
		"empty write-only secret": {do: validate(omniConnectionConfig(object{"password": nil, "password_wo": ""}))},
		"null with a version": {do: apply("dataconn_omni_connection", omniConnectionConfig(object{"password": nil, "password_wo_version": 1}))},
		"login page": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				s.Faults().Add(fault.Fault{Status: http.StatusOK, Body: "<!doctype html><title>Sign in</title>", Header: http.Header{"Content-Type": {"text/html"}}}.Repeat(fault.Forever))
				return p.Resource("dataconn_omni_connection").Import(nowhere)
			},
		},
		"a server that cannot delete": {
			omni:     omnimock.Options{Generation: omnimock.Guide2025},
			provider: object{"api_version": "unstable"},
			do: func(t *testing.T, p *protocol.Provider, _ *omnimock.Server) protocol.Diagnostics {
				r := p.Resource("dataconn_omni_connection")
				r.Apply(omniConnectionConfig(object{"deletion_protection": false})).RequireOK(t)
				return r.Destroy()
			},
		},
		"dbt environment without dbt": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				return p.Resource("dataconn_omni_dbt_environment").Apply(object{"connection_id": anyConnection(s), "name": "prod", "target_schema": "s"})
			},
		},
		"a route without a list": {
			do: func(_ *testing.T, p *protocol.Provider, s *omnimock.Server) protocol.Diagnostics {
				base := anyConnection(s)
				p.Resource("dataconn_omni_environment_user_attribute").Apply(object{"connection_id": base, "attribute_name": "environment", "default_values": []string{"dev"}})
				_, diags := p.ReadDataSource("dataconn_omni_environment_route", object{"base_connection_id": base, "value": "prod"})
				return diags
			},
		},
		"import of a connection that is not there": {do: imports("dataconn_omni_connection", nowhere)},
		"import of an environment that is not there": {omni: omnimock.Options{EnvironmentList: true}, do: imports("dataconn_omni_connection_environment", nowhere)},
		"import of a binding that is not there": {do: imports("dataconn_omni_environment_user_attribute", nowhere)},
		"oracle": {do: validate(object{"name": "n", "dialect": "oracle", "password": "p", "host": "h", "port": 1, "database": "d", "accepts_license": true})},
		"both passwords": {do: validate(omniConnectionConfig(object{"password_wo": "q"}))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := omnimock.Start(t, m.omni)
			p := protocol.New(t, protocol.Options())
			config := protocol.OmniConfig(s)
			omni := config["omni"].(object)
			config["omni"] = protocol.With(omni, m.provider)
			if !strings.Contains(name, "https port") { p.Configure(config).RequireNone(t) }
			diags := m.do(t, p, s)
			t.Logf("%s", diags)
			diags.RequireError(t, m.want...)
		})
	}
	_ = net.ErrClosed
	_ = reportermock.Options{}
}
