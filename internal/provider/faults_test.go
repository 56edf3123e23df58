// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// Whatever goes wrong in one call, the operation comes to what it must, and the
// run after it ends where it should have, whatever the configuration says by
// then: the server holds that, once; the state has its id; and the next plan is
// empty. The table makes itself: each operation on each kind of subject
// (faults_omni_test.go, faults_reporter_test.go) is carried out once to see which
// calls it makes. Each call, each way in which it can fail, and each turn that
// the configuration takes then are a cell. What the operation must come to is
// said by rules (faults_outcomes_test.go), what the provider does not do yet by a
// list (faults_known_test.go).

var allFaults = flag.Bool("faults", false, "run every cell of the matrix of faults, not the choice that make test has time for")

// failures are the ways in which a call fails.
func failures(elsewhere string) map[string]fault.Fault {
	return map[string]fault.Fault{
		"reset before":        {Reset: true},
		"reset after":         {Reset: true, Apply: true},
		"hangs before":        {Hang: true},
		"hangs after":         {Hang: true, Apply: true},
		"429":                 fault.RateLimited(),
		"429 for a second":    fault.RateLimitedFor(time.Second),
		"500":                 fault.InternalError(),
		"500 after":           fault.InternalError().Applied(),
		"502 HTML":            fault.BadGateway(),
		"503":                 fault.Answer(503, `{"detail":"Service Unavailable","status":503}`),
		"503 after":           fault.Answer(503, ``).Applied(),
		"cut off":             {Truncate: true},
		"success is false":    fault.NoSuccess(),
		"success false after": fault.NoSuccess().Applied(),
		"another shape":       fault.WrongShape(),
		"another shape after": fault.WrongShape().Applied(),
		"a login page":        fault.NotJSON(),
		"empty":               fault.EmptyBody(),
		"empty after":         fault.EmptyBody().Applied(),
		"401":                 fault.Answer(401, `{"detail":"Unauthorized: Missing or invalid API key","status":401}`),
		"403":                 fault.Answer(403, `{"detail":"Permission denied","status":403}`),
		"403 bad token":       fault.Answer(403, `{"detail":"Invalid bearer token","status":403}`),
		"404":                 fault.Answer(404, `{"detail":"Not Found","status":404}`),
		"404 HTML":            fault.Answer(404, `<html><title>No such page</title></html>`),
		"405":                 fault.Answer(405, `{"detail":"Method Not Allowed","status":405}`),
		"409":                 fault.Answer(409, `{"detail":"Conflict","status":409}`),
		"410":                 fault.Answer(410, `{"detail":"Gone","status":410}`),
		"413":                 fault.Answer(413, `{"detail":"Payload Too Large","status":413}`),
		"endless":             {Endless: true},
		"redirect":            {Redirect: elsewhere},
		refused:               {},
		strangers:             {Reset: true},
	}
}

// refused is no fault of the server: when the call is made, there is none.
const refused = "connection refused"

// strangers is the failure of a create that leaves nothing, while somebody else
// makes something that looks the same.
const strangers = "a stranger's instead"

// enough are the failures for servers whose calls differ from the newest one's
// in their bodies, mostly: one of each kind.
var enough = []string{"reset before", "reset after", "hangs after", "429", "500 after", "cut off", "success is false", "another shape after", "403", "404", refused}

// ambiguous are those after which a client cannot know what the server did: the
// ones that matter for who then configures something else.
var ambiguous = []string{"reset before", "reset after", "500", "500 after", "cut off", "empty after", "another shape after", "success is false", "403"}

// isRetried reports the failures that a second attempt can mend. So can it a 429,
// but without end: that would be waited for until the operation's timeout.
func isRetried(name string, f fault.Fault) bool {
	return f.Reset || f.Hang || f.Truncate || f.Status >= 500 || name == refused
}

// call is one request of an operation.
type call struct {
	method, path string // the path as a pattern: "*" for an id
	nth          int    // of those with this method and path, from 0
	before       *call  // the request before it, or nil
	done         bool   // the server did it
	lost         bool   // the create's request has been made already, and its answer lost
	follows      bool   // a write that the server did came before it
	last         bool   // no write comes after it
}

func (c call) String() string {
	return fmt.Sprintf("%s %s (%d)", c.method, strings.TrimPrefix(strings.TrimPrefix(c.path, "/api/"), "/v1/management/"), c.nth+1)
}

func (c call) isToken() bool { return strings.HasSuffix(c.path, "/access_token") }

func (c call) isTest() bool { return strings.HasSuffix(c.path, "/test") }

func (c call) writes() bool {
	return c.method != http.MethodGet && !c.isToken() && !c.isTest()
}

func (c call) writesOrFollows() bool { return c.writes() || c.follows }

// isRepeated reports the calls that the client may make twice: all but a POST
// that is not marked as harmless.
func (c call) isRepeated() bool {
	return c.method != http.MethodPost || c.isToken() || c.isTest() || c.path == "/api/v1/models"
}

func (c call) is(other call) bool {
	return c.method == other.method && c.path == other.path && c.nth == other.nth
}

func (c call) on(f fault.Fault) fault.Fault { return f.On(c.method, c.path).After(c.nth) }

var ids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// callsOf lists the requests since the last reset.
func callsOf(h *host.Host) []call {
	var calls []call
	seen := map[string]int{}
	for _, r := range h.Requests() {
		c := call{method: r.Method, path: ids.ReplaceAllString(r.Path, "*"), done: r.Status/100 == 2}
		c.nth = seen[c.method+c.path]
		seen[c.method+c.path]++
		if n := len(calls); n > 0 {
			c.before = &calls[n-1]
			c.follows = calls[n-1].follows || calls[n-1].writes() && calls[n-1].done
		}
		calls = append(calls, c)
	}
	for i := range calls {
		calls[i].last = !slices.ContainsFunc(calls[i+1:], call.writes)
	}
	return calls
}

// lostCall returns the request that makes the object, if sending it twice could
// make two.
func lostCall(calls []call) *call {
	for i, c := range calls {
		if c.writes() && c.done {
			if !c.isRepeated() {
				return &calls[i]
			}
			break
		}
	}
	return nil
}

// pick leaves out the middle of long runs of the same call, such as a walk
// through the months of a list.
func pick(calls []call) []call {
	last := map[string]int{}
	for _, c := range calls {
		last[c.method+c.path] = c.nth
	}
	return slices.DeleteFunc(slices.Clone(calls), func(c call) bool { return c.nth > 0 && c.nth < last[c.method+c.path] })
}

// cell is one field of the matrix.
type cell struct {
	trial
	call    call
	failure string
	fault   fault.Fault
	times   int
	turn    turn
}

// text is what the cell is, in words; String is a name of a test.
func (c cell) text() string {
	how := "once"
	if c.times == fault.Forever {
		how = "on and on"
	}
	return fmt.Sprintf("%s; %s; %s; %s; %s; %s", c.kind, c.operation, c.call, c.failure, how, c.turn)
}

func (c cell) String() string { return strings.NewReplacer(" ", "_", "/", ".").Replace(c.text()) }

// cells are all that make sense of one operation on one kind of subject.
func (x trial) cells(calls []call, elsewhere string) []cell {
	var cells []cell
	for _, c := range pick(calls) {
		if x.lose != nil && c.is(*x.lose) || x.subject.only != nil && !x.subject.only(c) {
			continue
		}
		for name, f := range failures(elsewhere) {
			if name == strangers {
				if x.operation == create && x.subject.lookalikes && !c.isRepeated() {
					cells = append(cells, cell{x, c, name, f, 1, stays}, cell{x, c, name, f, 1, goesBack})
				}
				continue
			}
			if x.subject.believes != nil && x.subject.believes(c, f) {
				continue
			}
			if x.subject.isOlder && !slices.Contains(enough, name) || c.method == http.MethodGet && f.Apply {
				continue // a read does nothing that could be lost
			}
			if name == "410" && c.method == http.MethodDelete {
				f = f.Applied() // what the server calls gone is gone
			}
			for _, times := range []int{1, fault.Forever} {
				if times == fault.Forever && (!isRetried(name, f) || name == refused || !c.isRepeated()) {
					continue // once is as good
				}
				for _, turn := range x.operation.turns() {
					cells = append(cells, cell{x, c, name, f, times, turn})
				}
			}
		}
	}
	return cells
}

// isChosen reports the cells that make test has time for. On the newest server
// every call fails in every way, by what a second attempt cannot mend. Of what it
// hides, of what follows an answer that got lost, of the other turns, of other
// generations and of other forms of secrets there is a diagonal: each call and
// each failure meet, but not each in each of these.
func (c cell) isChosen() bool {
	isVariant := c.subject.isOlder || c.subject.only != nil
	isHidden := c.times == 1 && isRetried(c.failure, c.fault) && c.call.isRepeated() && c.failure != refused
	share := uint32(1)
	switch {
	case isHidden && (c.turn != stays || isVariant):
		share = 0
	case isHidden:
		share = 8
	case c.turn != stays && !(c.call.writes() && slices.Contains(ambiguous, c.failure)):
		share = 0
	case c.turn != stays && isVariant:
		share = 5
	case c.turn != stays || isVariant || c.operation == createLost:
		share = 3
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(c.String()))
	return share != 0 && sum.Sum32()%share == 0
}

// allCells tries every operation on every kind of subject, to see its calls.
func allCells(t *testing.T, elsewhere string) []cell {
	t.Helper()
	var cells []cell
	for kind, subject := range subjects() {
		var lose *call
		for _, operation := range subject.operations() {
			x := trial{kind: kind, subject: subject, operation: operation}
			if operation == createLost {
				if x.lose = lose; lose == nil {
					continue
				}
			}
			var calls []call
			protocol.InBubble(t, func(t *testing.T) { calls = x.calls(t) })
			if operation == create {
				lose = lostCall(calls)
			}
			cells = append(cells, x.cells(calls, elsewhere)...)
		}
	}
	return cells
}

// atOnce runs tests beside each other, so many at a time.
func atOnce(t *testing.T, slots int, tests map[string]func(t *testing.T)) {
	t.Helper()
	var group sync.WaitGroup
	free := make(chan struct{}, slots)
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			t.Run(name, tests[name])
		})
	}
	group.Wait()
}

func TestFaults(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed to another host: %s %s, Authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	all := allCells(t, elsewhere.URL)
	chosen := map[string]func(*testing.T){}
	known := 0
	for _, c := range all {
		if !*allFaults && !c.isChosen() {
			continue
		}
		if _, ok := knownFailure(c); ok {
			known++
		}
		chosen[c.String()] = c.test
	}
	atOnce(t, 2*runtime.GOMAXPROCS(0), chosen)
	report(t, fmt.Sprintf("faults: %d of %d cells of %d kinds ran, %d of them known to fail", len(chosen), len(all), len(subjects()), known))
}

// figures is the file that make test prints. It is read before TestMain clears the
// environment of what is meant for the provider.
var figures = os.Getenv("DATACONN_FIGURES")

// report shows a figure of this run.
func report(t *testing.T, line string) {
	t.Helper()
	t.Log(line)
	if figures == "" {
		return
	}
	f, err := os.OpenFile(figures, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, line)
		_ = f.Close()
	}
	if err != nil {
		t.Error(err)
	}
}
