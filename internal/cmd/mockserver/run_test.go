// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// serve runs the command until the test ends, and returns its origin.
func serve(t *testing.T, args ...string) (origin string, stop func() error, output *bytes.Buffer) {
	t.Helper()
	portfile := filepath.Join(t.TempDir(), "port")
	ctx, cancel := context.WithCancel(t.Context())
	output = &bytes.Buffer{}
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, append([]string{"-token", "omni_osk_test", "-portfile", portfile}, args...), output)
	}()
	stop = func() error {
		cancel()
		err := <-done
		done <- err
		return err
	}
	t.Cleanup(func() { _ = stop() })
	for {
		if addr, err := os.ReadFile(portfile); err == nil {
			return "http://" + strings.TrimSpace(string(addr)), stop, output
		}
		select {
		case err := <-done:
			t.Fatalf("the server ended: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func ask(t *testing.T, method, url, token, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

func TestServesOmniAndTheQuestions(t *testing.T) {
	t.Parallel()
	origin, stop, output := serve(t)
	if status, body := ask(t, "POST", origin+"/api/v1/connections", "omni_osk_test",
		`{"dialect":"motherduck","name":"m","passwordUnencrypted":"duck-secret"}`); status != 201 {
		t.Fatalf("create: %d %s", status, body)
	}
	for path, want := range map[string]string{
		"/api/v1/connection-environments":    `{"connectionEnvironments":[]}`,
		"/_mock/received?secret=duck-secret": `{"received":true}`,
		"/_mock/received?secret=other":       `{"received":false}`,
		"/_mock/requests":                    `"method":"POST","path":"/api/v1/connections","status":201`,
		"/_mock/route?base=x&value=y":        `{"connectionId":"","reason":"Connection with id x does not exist"}`,
	} {
		if status, body := ask(t, "GET", origin+path, "omni_osk_test", ""); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: got %d %s, want %s", path, status, body, want)
		}
		if strings.HasPrefix(path, "/_mock") {
			for _, token := range []string{"", "wrong"} {
				if status, _ := ask(t, "GET", origin+path, token, ""); status != 401 {
					t.Errorf("%s answers %d to the token %q", path, status, token)
				}
			}
		}
	}
	if status, _ := ask(t, "GET", origin+"/api/v1/_mock/requests", "omni_osk_test", ""); status != 404 {
		t.Errorf("the questions stand under the API: %d", status)
	}
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if want := "export OMNI_BASE_URL=" + origin + "\nexport OMNI_API_TOKEN=omni_osk_test\n# listening\n"; output.String() != want {
		t.Errorf("printed %q, want %q", output, want)
	}
}

func TestGeneration(t *testing.T) {
	t.Parallel()
	origin, stop, output := serve(t, "-generation", "guide-2025", "-addr", "localhost:0", "-requests-per-minute", "1", "-latency", "1ms")
	if status, body := ask(t, "GET", origin+"/api/unstable/connections", "omni_osk_test", ""); status != 200 {
		t.Errorf("got %d %s", status, body)
	}
	if status, _ := ask(t, "GET", origin+"/api/unstable/connections", "omni_osk_test", ""); status != 429 {
		t.Errorf("beyond the limit: %d", status)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(output.String(), "export OMNI_API_VERSION=unstable\n") {
		t.Errorf("printed %q", output)
	}
}

func TestReporterSwitches(t *testing.T) {
	t.Parallel()
	const connections = "/v1/management/connections"
	origin, stop, output := serve(t, "-system", "reporter", "-any-database=false", "-max-page-size", "50", "-guard-hosts")
	if status, body := ask(t, "GET", origin+connections+"?limit=51", "omni_osk_test", ""); status != 400 || !strings.Contains(body, "FET-0406") {
		t.Errorf("%d %s", status, body)
	}
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if strings.Contains(output.String(), "any-database") {
		t.Errorf("printed %q", output)
	}
}

func TestServesReporter(t *testing.T) {
	t.Parallel()
	const connections = "/v1/management/connections"
	for _, system := range []string{"reporter", "both"} {
		origin, stop, output := serve(t, "-system", system)
		if status, body := ask(t, "POST", origin+connections, "omni_osk_test", `{}`); status != 400 || !strings.Contains(body, "X-Product-Name") {
			t.Errorf("%s: create: %d %s", system, status, body)
		}
		for path, want := range map[string]string{
			connections:                     `"items":[]`,
			"/v1/data-sources":              `"midaz_onboarding"`,
			"/_mock/received?secret=secret": `{"received":false}`,
			"/_mock/requests":               `"method":"POST","path":"/v1/management/connections","status":400`,
		} {
			if status, body := ask(t, "GET", origin+path, "omni_osk_test", ""); status != 200 || !strings.Contains(body, want) {
				t.Errorf("%s: %s: got %d %s, want %s", system, path, status, body, want)
			}
		}
		if status, _ := ask(t, "GET", origin+connections, "wrong", ""); status != 401 {
			t.Errorf("%s: without the token: %d", system, status)
		}
		wantOmni := 404
		if system == "both" {
			wantOmni = 200
		}
		if status, _ := ask(t, "GET", origin+"/api/v1/connections", "omni_osk_test", ""); status != wantOmni {
			t.Errorf("%s: Omni answers %d", system, status)
		}
		if err := stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		want := "export REPORTER_BASE_URL=" + origin + "\nexport REPORTER_TOKEN=omni_osk_test\nexport REPORTER_PRODUCT_NAME=mock\n" +
			"# -any-database is on: every Reporter connection connects, which no real server's do\n# listening\n"
		if system == "both" {
			want = "export OMNI_BASE_URL=" + origin + "\nexport OMNI_API_TOKEN=omni_osk_test\n" + want
		}
		if output.String() != want {
			t.Errorf("printed %q, want %q", output, want)
		}
	}
}

func TestRefusedCommandLines(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-addr", "0.0.0.0:0"}, "not a loopback address"},
		{[]string{"-addr", ":0"}, "not a loopback address"},
		{[]string{"-addr", "[::]:0"}, "not a loopback address"},
		{[]string{"-addr", "192.168.1.1:0"}, "not a loopback address"},
		{[]string{"-addr", "example.com:0"}, "not a loopback address"},
		{[]string{"-addr", "127.0.0.1"}, "missing port"},
		{[]string{"-generation", "2027"}, "unknown generation"},
		{[]string{"-system", "all"}, "unknown system"},
		{[]string{"-latency", "-1s"}, "cannot be negative"},
		{[]string{"-max-page-size", "-1"}, "cannot be negative"},
		{[]string{"-nonsense"}, "not defined"},
		{[]string{"extra"}, "unexpected argument"},
		{[]string{"-portfile", "/nonexistent/port"}, "no such file"},
	} {
		err := run(t.Context(), test.args, io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: got %v, want %q", test.args, err, test.want)
		}
	}
	if err := run(t.Context(), []string{"-help"}, io.Discard); err != nil {
		t.Errorf("-help: %v", err)
	}
}

func TestUsersFlag(t *testing.T) {
	t.Parallel()
	cfg, err := parseFlags([]string{"-users", "ada@example.com=prod,eve@example.com", "-personal-token", "-schema-models"}, io.Discard)
	if err != nil || !cfg.options.PersonalToken || !cfg.options.BuildSchemaModels {
		t.Fatal(cfg, err)
	}
	omni := newMocks(cfg).omni
	ada, _ := omni.User("ada@example.com")
	eve, ok := omni.User("eve@example.com")
	if ada.Attributes["environment"] != "prod" || !ok || len(eve.Attributes) != 0 {
		t.Errorf("the users are %v", omni.Users())
	}
	for _, wrong := range []string{"ada", "a@example.com,A@example.com", "a@example.com="} {
		if _, err := parseFlags([]string{"-users", wrong}, io.Discard); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
}
