// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package release_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
	"github.com/dataconn/terraform-provider-dataconn/internal/release"
)

// A create is ended by force at each of its points, with the real CLI and the
// provider as it is released, each in a process of its own. What SECURITY.md
// promises for it is tested here.

// patience is for what only a broken program does not do in time.
const patience = 2 * time.Minute

// run is a session with a configuration for a server, and the processes in it.
type run struct {
	*acctest.Session
	*host.Host
	t       *testing.T
	plugin  string          // the folder of its provider
	outputs strings.Builder // of the commands so far
}

func newRun(t *testing.T, h *host.Host, config string) *run {
	t.Helper()
	// A copy of its own, so that killProvider finds no other.
	dir := t.TempDir()
	executable := must(os.ReadFile(must(cli.Provider())))
	if err := os.WriteFile(filepath.Join(dir, release.Name), executable, 0o700); err != nil {
		t.Fatal(err)
	}
	r := &run{Session: acctest.NewSession(t, cli.DevOverrides(dir)), Host: h, t: t, plugin: dir}
	r.Setenv("TF_LOG", "TRACE")
	r.Setenv("TF_LOG_PATH", filepath.Join(r.Dir, "trace.log"))
	r.Write(config)
	return r
}

// process is a CLI that runs, with its provider in the same process group.
type process struct {
	*exec.Cmd
	r     *run
	ended chan struct{}

	mu     sync.Mutex
	output bytes.Buffer
	heard  *sync.Cond // of mu, on output and on the end
}

// Write takes the output.
func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.heard.Broadcast()
	return p.output.Write(text)
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

func (r *run) start(arguments ...string) *process {
	r.t.Helper()
	p := &process{r: r, ended: make(chan struct{}), Cmd: r.Command(arguments...)}
	p.heard = sync.NewCond(&p.mu)
	p.Stdout, p.Stderr = p, p
	p.WaitDelay = patience
	if err := p.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func() {
		_ = p.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		close(p.ended)
		p.heard.Broadcast()
	}()
	r.t.Cleanup(func() {
		select {
		case <-p.ended:
		default:
			_ = syscall.Kill(-p.Process.Pid, syscall.SIGKILL)
			<-p.ended
		}
	})
	return p
}

// wait waits for the end, and returns the output.
func (p *process) wait() string {
	p.r.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.r.t.Fatalf("the CLI does not end:\n%s", p.text())
	}
	p.r.outputs.WriteString(p.text())
	return p.text()
}

// says waits for a text of the output.
func (p *process) says(text string) {
	p.r.t.Helper()
	timer := time.AfterFunc(patience, p.heard.Broadcast)
	defer timer.Stop()
	began := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !strings.Contains(p.output.String(), text) {
		select {
		case <-p.ended:
			p.r.t.Fatalf("the CLI never said %q:\n%s", text, &p.output)
		default:
		}
		if time.Since(began) >= patience {
			p.r.t.Fatalf("the CLI does not say %q:\n%s", text, &p.output)
		}
		p.heard.Wait()
	}
}

// interrupt is the user's Ctrl-C, which every process of the group gets.
func (p *process) interrupt() {
	p.r.t.Helper()
	if err := syscall.Kill(-p.Process.Pid, syscall.SIGINT); err != nil {
		p.r.t.Fatal(err)
	}
}

// killProvider kills the provider that this CLI started: it runs from the test's
// own folder.
func (p *process) killProvider() {
	p.r.t.Helper()
	list, err := exec.Command("ps", "-A", "-o", "pid=,command=").Output()
	if err != nil {
		p.r.t.Skipf("no list of processes: %v", err)
	}
	killed := 0
	for line := range strings.Lines(string(list)) {
		pid, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.Atoi(pid); err == nil && strings.HasPrefix(strings.TrimSpace(command), p.r.plugin) {
			if err := syscall.Kill(n, syscall.SIGKILL); err != nil {
				p.r.t.Fatal(err)
			}
			killed++
		}
	}
	if killed == 0 {
		p.r.t.Fatalf("the provider does not run:\n%s", list)
	}
}

// do runs a command to its end, and returns its exit code and output.
func (r *run) do(arguments ...string) (int, string) {
	r.t.Helper()
	p := r.start(arguments...)
	output := p.wait()
	return p.ProcessState.ExitCode(), output
}

func (r *run) must(code int, arguments ...string) string {
	r.t.Helper()
	got, output := r.do(arguments...)
	if got != code {
		r.t.Fatalf("%v ended with %d, not %d:\n%s", arguments, got, code, output)
	}
	return output
}

// noted returns the id that the state has for the resource, "" for none, and
// whether it is tainted.
func (r *run) noted() (id string, tainted bool) {
	r.t.Helper()
	content, err := os.ReadFile(filepath.Join(r.Dir, "terraform.tfstate"))
	if os.IsNotExist(err) || len(content) == 0 {
		return "", false
	}
	var state struct {
		Resources []struct {
			Instances []struct {
				Status     string
				Attributes struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal(content, &state); err != nil {
		r.t.Fatal(err)
	}
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			return instance.Attributes.ID, instance.Status == "tainted"
		}
	}
	return "", false
}

// creation is a kind of resource that is created, and ended by force meanwhile.
type creation struct {
	address string
	start   func(t *testing.T) (r *run, secrets []string)
	made    func(r *run) []string // the ids on the server
	post    string                // the path that creates
	// after is the call that follows the creation.
	after fault.Fault
	// taints says that a creation without that call is not complete.
	taints bool
	// list is where a lost creation is looked for.
	list string
	// found is what names an object that is not in the state, in the words of the
	// next run; it has one group, what to import it by. inPlan says that a plan
	// says so, and not an apply that then ends.
	found  *regexp.Regexp
	inPlan bool
}

func creations() map[string]creation {
	omni := func(t *testing.T, config func(s *omnimock.Server) string) (*run, *omnimock.Server) {
		t.Helper()
		s := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
		return newRun(t, s.Host, acctest.OmniProvider(s)+config(s)), s
	}
	servers := sync.Map{} // of the runs
	return map[string]creation{
		"omni connection": {
			address: "dataconn_omni_connection.new",
			start: func(t *testing.T) (*run, []string) {
				t.Helper()
				r, s := omni(t, func(*omnimock.Server) string {
					return `
resource "dataconn_omni_connection" "new" {
  name                = "Analytics"
  dialect             = "postgres"
  host                = "db.example.com"
  port                = 5432
  database            = "analytics"
  username            = "omni"
  password_wo         = "canary-of-a-killed-run"
  password_wo_version = 1
  deletion_protection = false
}
`
				})
				servers.Store(r, s)
				return r, []string{"canary-of-a-killed-run", s.Token()}
			},
			made: func(r *run) (ids []string) {
				s, _ := servers.Load(r)
				for _, c := range s.(*omnimock.Server).Connections() {
					ids = append(ids, c.ID)
				}
				return ids
			},
			post:   "/api/v1/connections",
			after:  fault.Fault{Method: http.MethodGet, Path: "/api/v1/connections/*"},
			list:   "/api/v1/connections",
			found:  regexp.MustCompile(`(?s)A connection like this one exists already.*terraform\s+import\s+<address\s+of\s+this\s+resource>\s+(\S+)`),
			inPlan: true,
		},
		"omni environment": {
			address: "dataconn_omni_connection_environment.new",
			start: func(t *testing.T) (*run, []string) {
				t.Helper()
				r, s := omni(t, func(s *omnimock.Server) string {
					return fmt.Sprintf(`
resource "dataconn_omni_connection_environment" "new" {
  base_connection_id    = %q
  connection_id         = %q
  user_attribute_values = ["prod"]
}
`, s.AddConnection(map[string]any{"name": "base", "dialect": "exasol"}), s.AddConnection(map[string]any{"name": "other", "dialect": "exasol"}))
				})
				servers.Store(r, s)
				return r, []string{s.Token()}
			},
			made: func(r *run) (ids []string) {
				s, _ := servers.Load(r)
				for _, e := range s.(*omnimock.Server).Environments() {
					ids = append(ids, e.ID)
				}
				return ids
			},
			post:   "/api/v1/connection-environments",
			after:  fault.Fault{Method: http.MethodPut, Path: "/api/v1/connection-environments/*"},
			taints: true,
			list:   "/api/v1/connection-environments",
			found:  regexp.MustCompile(`(?s)associated\s+already.*terraform\s+import\s+<address\s+of\s+this\s+resource>\s+(\S+)`),
		},
		"reporter connection": {
			address: "dataconn_reporter_connection.new",
			start: func(t *testing.T) (*run, []string) {
				t.Helper()
				s := reportermock.Start(t, reportermock.Options{Auth: reportermock.StaticToken, AnyDatabase: true})
				r := newRun(t, s.Host, acctest.ReporterProvider(s)+`
resource "dataconn_reporter_connection" "new" {
  config_name         = "ledger"
  type                = "POSTGRESQL"
  host                = "db.example.com"
  port                = 5432
  database_name       = "ledger"
  user_name           = "reporter"
  password_wo         = "canary-of-a-killed-run"
  password_wo_version = 1
  test_connection     = true
}
`)
				servers.Store(r, s)
				return r, []string{"canary-of-a-killed-run", s.Token()}
			},
			made: func(r *run) (ids []string) {
				s, _ := servers.Load(r)
				for _, c := range s.(*reportermock.Server).Connections() {
					ids = append(ids, c.ID)
				}
				return ids
			},
			post:  "/v1/management/connections",
			after: fault.Fault{Method: http.MethodPost, Path: "/v1/management/connections/*/test"},
			list:  "/v1/management/connections",
			found: regexp.MustCompile(`(?s)"ledger"\s+belongs\s+to.*terraform\s+import\s+<address\s+of\s+this\s+resource>\s+(\S+)`),
		},
	}
}

// The ways in which a run is ended.
const (
	kill     = "provider killed"
	sigint   = "interrupted"
	sigints  = "interrupted twice"
	atPost   = "before the server has read the request"
	applied  = "before the answer"
	followup = "in the call after it"
)

// TestKill covers the points of a create, times the ways to end it.
func TestKill(t *testing.T) {
	t.Parallel()
	for kind, c := range creations() {
		for _, point := range []string{atPost, applied, followup} {
			for _, how := range []string{kill, sigint, sigints} {
				if how == sigints && point != applied {
					continue // a provider that is interrupted ends by itself there
				}
				t.Run(strings.ReplaceAll(kind+", "+point+", "+how, " ", "_"), func(t *testing.T) {
					t.Parallel()
					testKill(t, c, point, how)
				})
			}
		}
	}
}

func testKill(t *testing.T, c creation, point, how string) {
	t.Helper()
	r, secrets := c.start(t)
	reached := make(chan struct{})
	stop := fault.Fault{Method: http.MethodPost, Path: c.post, Hang: true}
	switch point {
	case applied:
		stop.Apply = true
	case followup:
		stop.Method, stop.Path = c.after.Method, c.after.Path
	}
	stop.Hook = sync.OnceFunc(func() { close(reached) })
	r.Faults().Add(stop)

	p := r.start("apply", "-auto-approve", "-input=false")
	select {
	case <-reached:
	case <-p.ended:
		t.Fatalf("the apply ended without the call:\n%s", p.text())
	case <-time.After(patience):
		t.Fatalf("the apply does not make the call:\n%s", p.text())
	}
	before := c.made(r)
	switch how {
	case kill:
		p.killProvider()
	case sigint:
		p.interrupt()
	case sigints:
		// The search for what became of the request is what the second one ends.
		searching := make(chan struct{})
		r.Faults().Add(fault.Fault{Method: http.MethodGet, Path: c.list, Hang: true, Hook: sync.OnceFunc(func() { close(searching) })})
		p.interrupt()
		p.says("Interrupt received")
		select {
		case <-searching:
		case <-time.After(patience):
			t.Fatalf("nobody looks for what was made:\n%s", p.text())
		}
		p.interrupt()
	}
	output := p.wait()
	r.Faults().Clear()
	wantMade := 1
	if point == atPost {
		wantMade = 0
	}
	if made := c.made(r); len(made) != wantMade || len(before) != wantMade {
		t.Fatalf("the server has %v and had %v, after:\n%s", made, before, output)
	}
	id, tainted := r.noted()
	// What is interrupted once is in the state; what is killed cannot be.
	if noted := id != ""; noted != (how == sigint && wantMade == 1) || tainted != (how == sigint && point != atPost && c.taints) {
		t.Errorf("the state has %q, tainted %t, after:\n%s", id, tainted, output)
	}
	if id != "" && id != c.made(r)[0] {
		t.Errorf("the state has %q, the server %v", id, c.made(r))
	}

	if id == "" && wantMade == 1 {
		r.takesOver(c)
	}
	output = r.must(0, "apply", "-auto-approve", "-input=false")
	if strings.Contains(output, "exists already") {
		t.Errorf("what is in the state is taken for a leftover:\n%s", output)
	}
	r.must(0, "plan", "-detailed-exitcode", "-input=false")
	made := c.made(r)
	if id, tainted := r.noted(); len(made) != 1 || id != made[0] || tainted {
		t.Errorf("in the end the server has %v, the state %q, tainted %t", made, id, tainted)
	}
	r.keeps(secrets)
}

// takesOver does what the next run says: it names what the state lacks.
func (r *run) takesOver(c creation) {
	r.t.Helper()
	command, code := []string{"apply", "-auto-approve", "-input=false"}, 1
	if c.inPlan {
		command, code = []string{"plan", "-input=false", "-detailed-exitcode"}, 2
	}
	output := r.must(code, command...)
	// The CLI breaks lines, and draws a bar at the left.
	match := c.found.FindStringSubmatch(regexp.MustCompile(`[│╷╵]`).ReplaceAllString(output, ""))
	if match == nil {
		r.t.Fatalf("nothing is said of what the killed run left:\n%s", output)
	}
	if made := c.made(r); len(made) != 1 || !strings.HasSuffix(match[1], made[0]) {
		r.t.Errorf("said: %s, the server has %v", match[1], made)
	}
	r.must(0, "import", "-input=false", c.address, match[1])
}

// keeps checks that neither an output nor a file of the folder has a secret, a log
// of all at TRACE among them. The configuration is the test's own.
func (r *run) keeps(secrets []string) {
	r.t.Helper()
	for _, secret := range secrets {
		if strings.Contains(r.outputs.String(), secret) {
			r.t.Errorf("the CLI printed the secret %s", secret)
		}
	}
	logged := false
	err := filepath.WalkDir(r.Dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "main.tf" {
			return err
		}
		content, err := os.ReadFile(path)
		for _, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				r.t.Errorf("%s has the secret %s", entry.Name(), secret)
			}
		}
		logged = logged || entry.Name() == "trace.log" && bytes.Contains(content, []byte("HTTP request"))
		return err
	})
	if err != nil || !logged {
		r.t.Errorf("searching: %v, with a log: %t", err, logged)
	}
}
