// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// A point is the same where both answered the same, not asked where the server was not,
// and different else; a report for people begins with what differs.
func TestCompareAndWrite(t *testing.T) {
	t.Parallel()
	mock, server := Survey{Replies: map[string]Reply{}}, Survey{Replies: map[string]Reply{}}
	for _, p := range Points() {
		mock.Replies[p.ID], server.Replies[p.ID] = Reply{Answer: "as ever"}, Reply{Answer: "as ever"}
	}
	const differs, unasked, onlyServer, neither = "reporter/connection/keys", "reporter/answer/health", "reporter/connection/test", "reporter/answer/limit"
	server.Replies[differs] = Reply{Answer: "another <answer>"}
	server.Replies[unasked] = Reply{NotAsked: "it needs a write"}
	mock.Replies[onlyServer] = Reply{NotAsked: "no such route"}
	mock.Replies[neither], server.Replies[neither] = Reply{NotAsked: "mock"}, Reply{NotAsked: "server"}

	r := Report{System: live.Reporter, Requests: 7, Rows: Compare(live.Reporter, mock, server)}
	rows := map[string]Row{}
	for _, row := range r.Rows {
		rows[row.ID] = row
	}
	for _, want := range []Row{
		{differs, "the keys of a connection", Different, "as ever", "another <answer>", ""},
		{unasked, "the health of the service", NotAsked, "as ever", "", "it needs a write"},
		{onlyServer, "the test of a connection whose database cannot be reached", Different, "", "as ever", "no such route"},
		{neither, "the words of the rate limit", NotAsked, "", "", "server"},
		{"reporter/answer/bad-id", "an id that is no UUID", Same, "as ever", "as ever", ""},
	} {
		if rows[want.ID] != want {
			t.Errorf("%+v, want %+v", rows[want.ID], want)
		}
	}
	if len(rows) != len(r.Rows) || r.Count(Different) != 2 || r.Count(NotAsked) != 2 || r.Count(Same) != len(rows)-4 || slices.ContainsFunc(r.Rows, func(r Row) bool { return !strings.HasPrefix(r.ID, "reporter/") }) {
		t.Errorf("%+v", r.Rows)
	}

	r.Rows = []Row{rows["reporter/answer/bad-id"], rows[unasked], rows[differs], rows[onlyServer]}
	var table, encoded strings.Builder
	r.WriteTable(&table)
	const want = `different  reporter/connection/keys: the keys of a connection
             mock:   as ever
             server: another <answer>
different  reporter/connection/test: the test of a connection whose database cannot be reached
             mock:   no such route
             server: as ever
not asked  reporter/answer/health: the health of the service
             it needs a write
same       reporter/answer/bad-id: an id that is no UUID
             both:   as ever
reporter: 1 the same, 2 different, 1 not asked, after 7 requests
`
	if table.String() != want {
		t.Errorf("%s\nwant\n%s", &table, want)
	}
	r.Rows = r.Rows[2:3]
	const wantJSON = `{
  "reports": [
    {
      "system": "reporter",
      "provider": "",
      "mock": null,
      "requests": 7,
      "points": [
        {
          "id": "reporter/connection/keys",
          "asks": "the keys of a connection",
          "verdict": "different",
          "mock": "as ever",
          "server": "another <answer>"
        }
      ]
    }
  ]
}
`
	if err := WriteJSON(&encoded, []Report{r}); err != nil || encoded.String() != wantJSON {
		t.Errorf("%v\n%s", err, &encoded)
	}
}

// An interrupted run asks no further, and deletes what it has made.
func TestAskThatIsInterrupted(t *testing.T) {
	t.Parallel()
	s := reportermock.Start(t, reportermock.Options{})
	server, err := live.Connect(t.Context(), live.Target{System: live.Reporter, Product: "tf-acc", Origin: s.URL(), PerMinute: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	survey, err := Ask(ctx, server, "", func(Point) { cancel() })
	if keys := slices.Collect(maps.Keys(survey.Replies)); !errors.Is(err, context.Canceled) || !slices.Equal(keys, []string{"reporter/connection/keys"}) || len(survey.Left) > 0 || len(s.Connections()) > 0 {
		t.Errorf("%v, %v, left %v and %v", keys, err, survey.Left, s.Connections())
	}
	if n := s.CountRequests("DELETE", ""); n != 1 {
		t.Errorf("%d deletes", n)
	}
}

// What a server answers is written down without what is its own business.
func TestWordsOfAnswers(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"detail":"d","message":"m","error":"e"}`:                    "400 d",
		`{"message":"m","error":"e"}`:                                 "400 m",
		`{"error":"e"}`:                                               "400 e",
		`{"code":"C-1","message":"m","fields":{"b":"two","a":"one"}}`: "400 C-1 m; a: one; b: two",
		`{"code":"C-1"}`:                                              "400 C-1",
		"  <html>":                                                    "400 HTML",
		"plain":                                                       "400 plain",
		strings.Repeat("x", 81):                                       "400 " + strings.Repeat("x", 80),
		"":                                                            "400 ",
	} {
		if got := said(live.Answer{Status: 400, Body: []byte(body)}); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
	if got := said(live.Answer{Status: 399, Body: []byte(`{"detail":"d"}`)}); got != "399" {
		t.Errorf("%q", got)
	}
	for want, value := range map[string]any{"null": nil, "text": "x", "bool": false, "number": 1.5, "list": []any{}, "object of a b": object{"b": 1, "a": 2}, "?": 7} {
		if got := shape(value); got != want {
			t.Errorf("%v is %q, want %q", value, got, want)
		}
	}
	if is(nil) != "null" || is("x") != "x" || is([]any{"a", 1.0}) != "[a 1]" || first("", "a", "b") != "a" || first() != "" {
		t.Error("a wrong word")
	}
	for stamp, want := range map[string]string{"2026-11-27T00:00:00Z": "milliseconds", "2026-11-27T00:00:00.123Z": "milliseconds", "2026-11-27T00:00:00.1234Z": "finer than milliseconds", "yesterday": "no time stamp"} {
		if got := precision(stamp); got != want {
			t.Errorf("%s: %s", stamp, got)
		}
	}
}
