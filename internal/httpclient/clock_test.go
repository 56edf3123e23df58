// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"net/http"
	"testing"
	"time"
)

func TestServerTime(t *testing.T) {
	t.Parallel()
	at := &clock{}
	at.advance(1000 * time.Hour)
	here := at.now().UTC()
	date := func(d time.Duration) string { return here.Add(d).Format(http.TimeFormat) }
	slowly := func(answer http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			at.advance(10 * time.Second)
			answer(w, r)
		}
	}
	steps := []struct {
		name        string
		answer      http.HandlerFunc
		least, most time.Duration // that the server is ahead afterwards
	}{
		{"no date", reply(200, `{}`, "Date", "yesterday"), -2 * time.Minute, 2 * time.Minute},
		{"ahead", reply(200, `{}`, "Date", date(5*time.Minute)), 5 * time.Minute, 5*time.Minute + time.Second},
		{"a fault", reply(500, `{}`, "Date", date(time.Hour)), 5 * time.Minute, 5*time.Minute + time.Second},
		{"from a cache", reply(200, `{}`, "Date", date(time.Hour), "Age", "3600"), 5 * time.Minute, 5*time.Minute + time.Second},
		{"no date again", reply(200, `{}`, "Date", ""), 5 * time.Minute, 5*time.Minute + time.Second},
		{"behind", reply(404, `{}`, "Date", date(-3*time.Minute)), -3 * time.Minute, -3*time.Minute + time.Second},
		{"cut off", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", date(time.Minute))
			truncated(200)(w, r)
		}, time.Minute, time.Minute + time.Second},
		{"slow", slowly(reply(200, `{}`, "Date", date(time.Minute))), 50 * time.Second, time.Minute + time.Second},
	}
	var answers []http.HandlerFunc
	for _, step := range steps {
		answers = append(answers, step.answer)
	}
	client := newTestClient(t, newServer(t, answers...).URL, withClock(at), func(c *Config) { c.MaxRetries = 0 })
	for _, step := range steps {
		_ = client.Do(t.Context(), get(), nil) // some of them fail
		// Any time is converted, also one of before the answer.
		for _, local := range []time.Time{here, here.Add(-time.Hour)} {
			if least, most := client.ServerTime(local); least.Sub(local) != step.least || most.Sub(local) != step.most {
				t.Errorf("%s: the server is %s to %s ahead, want %s to %s", step.name, least.Sub(local), most.Sub(local), step.least, step.most)
			}
		}
	}
}

// A date in Retry-After is one of the server's clock.
func TestRetryAfterByTheServersClock(t *testing.T) {
	t.Parallel()
	at := &clock{}
	client := newTestClient(t, "https://example.com", withClock(at))
	in := func(d time.Duration) string { return at.now().Add(d).UTC().Format(http.TimeFormat) }
	for name, test := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"dated answer":   {http.Header{"Date": {in(-time.Hour)}, "Retry-After": {in(-time.Hour + 7*time.Second)}}, 7 * time.Second},
		"without a date": {http.Header{"Retry-After": {in(10 * time.Minute)}}, 5*time.Minute - 500*time.Millisecond},
	} {
		client.clockOffset.learn(200, http.Header{"Date": {in(5 * time.Minute)}}, at.now(), at.now())
		c := &call{client: client, last: attempt{status: 429, header: test.header}}
		if !c.wantsRetry(t.Context(), nil) || c.nextWait != test.want {
			t.Errorf("%s: waits %s, want %s", name, c.nextWait, test.want)
		}
	}
}
