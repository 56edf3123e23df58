// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package host

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestSend(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body              any
		wantType, wantRaw string
	}{
		"nothing": {nil, "", ""},
		"text":    {"no such page", "text/plain; charset=utf-8", "no such page"},
		"JSON":    {map[string]any{"a": 1}, "application/json", `{"a":1}`},
	}
	for name, test := range tests {
		w := httptest.NewRecorder()
		Send(w, http.StatusTeapot, "application/json", test.body)
		if w.Code != http.StatusTeapot || w.Header().Get("Content-Type") != test.wantType || w.Body.String() != test.wantRaw {
			t.Errorf("%s: %d %q %q", name, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
	}
}

// What cannot be encoded is a mistake of the mock, and not an empty answer.
func TestSendOfWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	defer func() {
		if recover() == nil || len(w.Header()) > 0 || w.Body.Len() > 0 {
			t.Errorf("answered %v %q", w.Header(), w.Body)
		}
	}()
	Send(w, http.StatusOK, "application/json", func() {})
}

func TestWait(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	patient, left := httptest.NewRequest("GET", "/", nil), httptest.NewRequestWithContext(gone, "GET", "/", nil)
	for range 20 { // of two that are ready, select takes any
		if !Wait(patient, 0) || !Wait(patient, time.Nanosecond) || !Wait(left, 0) {
			t.Fatal("the client was taken for gone")
		}
	}
	if Wait(left, time.Hour) {
		t.Error("waited for a client that is gone")
	}
}

func TestStatusErrorSaysSomething(t *testing.T) {
	t.Parallel()
	if got := (&StatusError{Status: 404}).Error(); got != "Not Found" {
		t.Errorf("%q", got)
	}
	if got := (&StatusError{Status: 404, Detail: "No such thing"}).Error(); got != "No such thing" {
		t.Errorf("%q", got)
	}
}
