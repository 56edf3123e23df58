// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

var update = flag.Bool("update", false, "write the answers of the mocks anew")

// What every question sends and what the mocks answer is in testdata, two files for each
// server; a change of a probe or of a mock shows there. What stays on a server, because
// it has no route to delete it, is named. What only reads asks the same of one that may
// only be read.
func TestAnswersOfTheMocks(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) (live.Target, *host.Host, func() int){
		"omni": func(t *testing.T) (live.Target, *host.Host, func() int) {
			return startOmni(t, omnimock.Options{EnvironmentList: true}, "v1")
		},
		"omni-2025": func(t *testing.T) (live.Target, *host.Host, func() int) {
			return startOmni(t, omnimock.Options{Generation: omnimock.Guide2025}, live.Unstable)
		},
		"reporter": func(t *testing.T) (live.Target, *host.Host, func() int) {
			s := reportermock.Start(t, reportermock.Options{Auth: reportermock.StaticToken})
			return live.Target{System: live.Reporter, Product: "tf-acc", Origin: s.URL(), Token: s.Token()}, s.Host, func() int { return len(s.Connections()) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, server, remain := start(t)
			all, sent := survey(t, target, server, false)
			if len(all.Left) != remain() {
				t.Errorf("%d objects are left, and named are %v", remain(), all.Left)
			}
			read, sentToRead := survey(t, target, server, true)
			for _, p := range Points() {
				want := ""
				if p.Reads {
					want = sent.sent[p.ID]
				}
				if got := sentToRead.sent[p.ID]; got != want || strings.Count(got, "\n") != strings.Count(got, "    GET ") {
					t.Errorf("%s: a server that is only read was sent\n%s", p.ID, got)
				}
			}
			compareWithFile(t, filepath.Join("testdata", name+".txt"), written(t, all, read))
			compareWithFile(t, filepath.Join("testdata", name+"-requests.txt"), sent.String())
		})
	}
}

const someone = "someone@example.com"

func startOmni(t *testing.T, options omnimock.Options, version string) (live.Target, *host.Host, func() int) {
	t.Helper()
	s := omnimock.Start(t, options)
	s.AddUser(omnimock.User{UserName: someone})
	return live.Target{System: live.Omni, Version: version, Origin: s.URL(), Token: s.Token()}, s.Host, func() int {
		there := 0
		for _, c := range s.Connections() {
			if c.DeletedAt == nil {
				there++
			}
		}
		return there
	}
}

// survey asks a server everything, and returns its replies and what it was sent.
func survey(t *testing.T, target live.Target, host *host.Host, readOnly bool) (Survey, *record) {
	t.Helper()
	target.PerMinute = 1_000_000
	server, err := live.Connect(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	server.ReadOnly = readOnly
	sent := &record{server: host, token: target.Token, sent: map[string]string{}}
	replies, err := Ask(t.Context(), server, someone, sent.begin)
	if err != nil {
		t.Fatal(err)
	}
	sent.end()
	if len(sent.sent) != len(replies.Replies)+1 { // and the time before the first
		t.Errorf("%d times progress for %d points", len(sent.sent), len(replies.Replies))
	}
	return replies, sent
}

// written is a line for each point, with [reads] where GETs alone ask it.
func written(t *testing.T, all, read Survey) string {
	t.Helper()
	var b strings.Builder
	for _, p := range Points() {
		reply, ok := all.Replies[p.ID]
		if !ok {
			continue
		}
		mark := ""
		switch of := read.Replies[p.ID]; {
		case of == reply && p.Reads:
			mark = " [reads]"
		case of.NotAsked == "" || of.NotAsked != "it needs a write" && of != reply:
			t.Errorf("%s: %+v where only reading is allowed, else %+v", p.ID, of, reply)
		}
		answer := reply.Answer
		if reply.NotAsked != "" {
			answer = "not asked: " + reply.NotAsked
		}
		_, _ = fmt.Fprintf(&b, "%s%s: %s\n", p.ID, mark, answer)
	}
	_, _ = fmt.Fprintf(&b, "left on the server: %d\n", len(all.Left))
	return b.String()
}

func compareWithFile(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines, want := strings.Split(got, "\n"), strings.Split(string(content), "\n")
	for i := range max(len(lines), len(want)) {
		if i >= len(lines) || i >= len(want) || lines[i] != want[i] {
			t.Fatalf("%s:%d is not what the mock answers now (go test ./internal/conformance -update):\n%s", file, i+1, strings.Join(lines[min(i, len(lines)):min(i+1, len(lines))], ""))
		}
	}
}
