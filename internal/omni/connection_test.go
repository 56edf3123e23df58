// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// The list of connections has two spellings; of both the first counts.
func TestConnectionsUnderEitherKey(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"connections":[{"id":"a","name":"n","dialect":"d"}]}`:                                                 "a",
		`{"records":[{"id":"b","name":"n","dialect":"d"}]}`:                                                     "b",
		`{"records":[{"id":"b","name":"n","dialect":"d"}],"connections":[{"id":"a","name":"n","dialect":"d"}]}`: "a",
	} {
		s := omnitest.New(t, "v1", omnitest.Always(http.StatusOK, answer))
		list, err := s.Client.ListConnections(t.Context(), omni.ConnectionFilter{})
		if err != nil || len(list) != 1 || list[0].ID != want {
			t.Errorf("%s: %+v, %v", answer, list, err)
		}
	}
	s := omnitest.New(t, "v1", omnitest.Always(http.StatusOK, `{"connections":{},"records":[]}`))
	if _, err := s.Client.ListConnections(t.Context(), omni.ConnectionFilter{}); err == nil || !strings.Contains(err.Error(), "connections") {
		t.Errorf("an object: %v", err)
	}
	s.Answer = omnitest.Always(http.StatusOK, `{"other":[]}`)
	if _, err := s.Client.ListConnections(t.Context(), omni.ConnectionFilter{}); err == nil || !strings.Contains(err.Error(), `the JSON has no list "connections"`) {
		t.Errorf("no list: %v", err)
	}
}

// A 404 for what every server has is the address; another error is not.
func TestHintOfAWrongAddress(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{http.StatusNotFound: true, http.StatusForbidden: false} {
		s := omnitest.New(t, "v1", omnitest.Always(status, `{"detail":"no"}`))
		_, listErr := s.Client.ListConnections(t.Context(), omni.ConnectionFilter{})
		_, createErr := s.Client.CreateConnection(t.Context(), omni.ConnectionCreate{})
		for what, err := range map[string]error{"list": listErr, "create": createErr} {
			if e, ok := httpclient.AsError(err); !ok || strings.HasPrefix(e.Hint, "check base_url and api_version") != want {
				t.Errorf("%d, %s: %v", status, what, err)
			}
		}
	}
}

// The answer about one connection is about that one.
func TestAnotherConnectionIsNotTheOne(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{omnitest.IDA: true, strings.ToUpper(omnitest.IDA): true, omnitest.IDB: false} {
		s := omnitest.New(t, "v1", omnitest.Always(http.StatusOK, `{"connection":{"id":"`+id+`","name":"n","dialect":"d"}}`))
		if c, err := s.Client.GetConnection(t.Context(), omnitest.IDA); (err == nil) != want {
			t.Errorf("%s: %+v, %v", id, c, err)
		}
	}
}
