// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// echoing is the failure of a server that repeats secrets that it was sent, wherever
// the failure leaves room for it.
func echoing(f fault.Fault, secrets ...string) fault.Fault {
	echo := echoOf(asIs, secrets...)
	switch {
	case f.Redirect != "":
		f.Redirect += "/" + url.PathEscape(echo) + "?" + url.Values{"echo": {echo}}.Encode()
	case f.Endless:
		return f
	case f.Body == "":
	case strings.HasPrefix(f.Body, "<"):
		f.Body = "<html><title>" + echo + "</title></html>"
	default:
		body, _ := json.Marshal(object{"success": false, "error": echo, "detail": echo, "message": echo, "title": echo, "code": echo, "fields": object{"password": echo, "host": echo}})
		f.Body = string(body)
	}
	if f.Status != 0 || f.Redirect != "" {
		f.Header = f.Header.Clone()
		if f.Header == nil {
			f.Header = http.Header{}
		}
		f.Header.Set("X-Request-Id", echoOf(url.PathEscape, secrets...))
		f.Header.Set("Www-Authenticate", "Bearer error_description="+echoOf(url.PathEscape, secrets...))
	}
	return f
}

// privateKeys are made once: they cost more than all else here.
var privateKeys = func() func(t *testing.T) []string {
	var once sync.Once
	var keys []string
	return func(t *testing.T) []string {
		t.Helper()
		once.Do(func() {
			for range 3 {
				keys = append(keys, randomKey(t))
			}
		})
		return keys
	}
}()

// In whatever way a request with secrets fails, and whatever of it comes back, no
// secret gets out; nor do the provider's own.
func TestCanariesInEveryFault(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T){}
	for cage, c := range cages() {
		for _, suffix := range []string{"", "_wo"} {
			for failure, f := range failures("http://127.0.0.1:9") {
				if failure == refused || failure == strangers {
					continue // nothing is sent
				}
				tests[strings.ReplaceAll(cage+suffix+"/"+failure, " ", "_")] = func(t *testing.T) {
					protocol.InBubble(t, func(t *testing.T) { testCanaryInFault(t, cmp.Or(c.typeName, cage), c, suffix, f) })
				}
			}
		}
	}
	atOnce(t, 2*runtime.GOMAXPROCS(0), tests)
}

func testCanaryInFault(t *testing.T, typeName string, c caged, suffix string, f fault.Fault) {
	t.Helper()
	s, provider := c.start(t)
	j := &journal{}
	secrets := map[string]string{} // what must not be seen, by its value: where it may stand
	var sent []string              // those of the newest configuration, and the provider's own
	for system, block := range provider {
		for name, value := range inner(object{system: block}, system) {
			if name == "api_token" || name == "client_secret" || name == "token" {
				secrets[value.(string)] = ""
				sent = append(sent, value.(string))
			}
		}
	}
	own := len(sent)
	fill := func(config object, version int) object {
		sent = sent[:own] // what a process did not send it cannot know
		for name, random := range c.secrets {
			var value string
			if name == "private_key" {
				value = privateKeys(t)[version]
			} else {
				value = random(t)
			}
			sent = append(sent, value)
			config = protocol.With(config, c.attribute(name+suffix, value))
			if suffix == "" {
				secrets[value] = c.place(name)
			} else {
				secrets[value] = ""
				config = protocol.With(config, c.attribute(name+"_wo_version", version))
			}
		}
		return config
	}
	p := protocol.NewDialing(t, s)
	p.LogTo(j)
	configure := func(changes object) {
		j.diagnostics(p.Configure(protocol.With(provider, protocol.With(object{"max_retries": 0}, changes)))).RequireOK(t)
	}
	r := p.Resource(typeName)
	apply := func(config object) protocol.Diagnostics {
		plan := r.Plan(config)
		j.plan(t, plan)
		plan.RequireOK(t)
		diags := j.diagnostics(plan.Apply())
		j.resource(t, r)
		return diags
	}
	// Each request fails once, and the run after it does not.
	for i, request := range c.requests {
		route, isNew := strings.CutPrefix(request, "new ")
		method, path, _ := strings.Cut(route, " ")
		if isNew && r.Exists() {
			j.diagnostics(r.Destroy()).RequireOK(t)
		}
		config := fill(c.config, i)
		if i%2 == 1 {
			config = protocol.With(config, c.change)
		}
		changes := object{} // a new configuration also fetches a new token
		if f.Hang || f.Endless {
			changes["request_timeout"] = "5s"
		}
		configure(changes)
		echoed := sent
		if (call{path: path}).isToken() {
			echoed = sent[:own] // it is sent nothing else
		}
		s.Faults().Add(echoing(f, echoed...).On(method, path))
		apply(config)
		if s.Faults().Pending() > 0 && !f.Hang {
			t.Errorf("%s was not sent", request)
		}
		s.Faults().Clear()
		configure(nil)
		apply(config).RequireOK(t)
	}
	j.diagnostics(r.Destroy()).RequireOK(t)
	if !strings.Contains(j.log.String(), "HTTP request") {
		t.Error("the log was not captured")
	}
	for value, own := range secrets {
		j.search(t, fmt.Sprintf("%.12s…", value), value, own)
	}
}

// What is refused before anything is sent is not repeated in the refusal.
func TestCanariesInValidation(t *testing.T) {
	t.Parallel()
	const canary = "canary-in-what-is-refused"
	snowflake := cages()["dataconn_omni_connection"].config
	dbt := cages()["dataconn_omni_connection_dbt"].config
	environment := cages()["dataconn_omni_dbt_environment"].config
	reporter := cages()["dataconn_reporter_connection"].config
	for name, c := range map[string]struct {
		typeName string
		config   object
	}{
		"a service account that is no JSON": {"dataconn_omni_connection", object{"name": "n", "dialect": "bigquery", "region": "us", "password": canary}},
		"one that is, with holes":           {"dataconn_omni_connection", object{"name": "n", "dialect": "bigquery", "region": "us", "password": `{"private_key":"` + canary + `"}`}},
		"both forms of a password":          {"dataconn_omni_connection", protocol.With(snowflake, object{"password": canary, "password_wo": canary})},
		"both forms of a key":               {"dataconn_omni_connection", protocol.With(snowflake, object{"private_key": canary, "private_key_wo": canary})},
		"both forms of a client secret":     {"dataconn_omni_connection", protocol.With(snowflake, object{"oauth_client_secret": canary, "oauth_client_secret_wo": canary})},
		"both forms of a token":             {"dataconn_omni_connection_dbt", protocol.With(dbt, object{"token": canary, "token_wo": canary})},
		"an ssh key's method with a token":  {"dataconn_omni_connection_dbt", protocol.With(dbt, object{"auth_method": "ssh", "token": canary})},
		"both forms of a variable":          {"dataconn_omni_dbt_environment", protocol.With(environment, object{"variables": object{"A": object{"secret": canary, "secret_wo": canary}}})},
		"a plain and a secret variable":     {"dataconn_omni_dbt_environment", protocol.With(environment, object{"variables": object{"A": object{"value": "v", "secret": canary}}})},
		"both forms, Reporter":              {"dataconn_reporter_connection", protocol.With(reporter, object{"password": canary, "password_wo": canary})},
		"both forms in the ssl block":       {"dataconn_reporter_connection", protocol.With(reporter, object{"ssl": object{"key": canary, "key_wo": canary}})},
		"an ssl mode of another type":       {"dataconn_reporter_connection", protocol.With(reporter, object{"password": canary, "ssl": object{"mode": "PREFERRED", "key": canary}})},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			j := &journal{}
			p := protocol.New(t, protocol.Options())
			p.LogTo(j)
			j.diagnostics(p.Resource(c.typeName).Validate(c.config)).RequireError(t)
			j.search(t, "the canary", canary, "")
		})
	}
	for name, config := range map[string]object{
		"an API token of two lines":      {"omni": object{"base_url": "https://a.example", "api_token": canary + "\nsecond"}},
		"a password in Omni's address":   {"omni": object{"base_url": "https://user:" + canary + "@a.example", "api_token": "t"}},
		"a token in Omni's address":      {"omni": object{"base_url": "https://a.example/?token=" + canary, "api_token": "t"}},
		"a token of two lines":           {"reporter": object{"base_url": "https://a.example", "token": canary + "\x00"}},
		"a password in Reporter's":       {"reporter": object{"base_url": "https://u:" + canary + "@a.example"}},
		"a password in the auth address": {"reporter": object{"base_url": "https://a.example", "auth_url": "https://u:" + canary + "@a.example", "client_id": "c", "client_secret": canary}},
		"half of the credentials":        {"reporter": object{"base_url": "https://a.example", "client_secret": canary}},
		"a key as the certificate":       {"ca_certificate": "-----BEGIN PRIVATE KEY-----\n" + canary + "\n-----END PRIVATE KEY-----"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			j := &journal{}
			p := protocol.New(t, protocol.Options())
			p.LogTo(j)
			diags := append(j.diagnostics(p.ValidateProvider(config)), j.diagnostics(p.Configure(config))...)
			diags.RequireError(t)
			j.search(t, "the canary", canary, "")
		})
	}
}
