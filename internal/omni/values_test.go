// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// The answer to a value is the user, with each of the values that cannot be read by
// its name.
func TestUserOfAnAnswer(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"id":"u","userName":"a@example.com","displayName":"A","groups":[{"display":"g"}],`+
		`"urn:omni:params:1.0:UserAttribute":{"env":"prod","odd":{},"strange":[[]],"none":null}}`))
	user, err := s.Client.SetUserValue(t.Context(), "u", "env", nullable.Of(omni.AttributeValue{Values: []string{"prod"}}))
	if err != nil || user.ID != "u" || user.Email != "a@example.com" || user.DisplayName != "A" || !user.Active || !user.HasValues {
		t.Fatalf("%+v, %v", user, err)
	}
	if len(user.Values) != 1 || !slices.Equal(user.Values["env"].Values, []string{"prod"}) || len(user.OddValues) != 2 || user.OddValues["odd"] == nil || user.OddValues["strange"] == nil {
		t.Errorf("%+v", user)
	}
}

// An odd attribute keeps its id and its name, and says what it lacks.
func TestOddUserAttribute(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"records":[{"id":"x","name":"m","label":7},{"name":"n","system":false},{"name":"omni_n","system":true}]}`))
	all, err := s.Client.ListUserAttributes(t.Context())
	if err != nil || len(all) != 3 || all[0].ID != "x" || all[0].Name != "m" || all[0].Problem == nil || all[2].Problem != nil {
		t.Fatalf("%+v, %v", all, err)
	}
	if all[1].Problem == nil || !strings.HasSuffix(all[1].Problem.Error(), `the JSON has no "id"`) {
		t.Errorf("%v", all[1].Problem)
	}
}

func TestNamesAndValues(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"omni_user_email": true, "OMNI_x": true, "omni": false, "my_omni_x": false} {
		if omni.IsSystemName(name) != want {
			t.Errorf("%s is one of Omni's own: %t", name, !want)
		}
	}
	if list := (omni.StringList{"b", "a"}); !slices.Equal(list.Sorted(), omni.StringList{"a", "b"}) || list[0] != "b" {
		t.Errorf("%v", list)
	}
	if omni.UnrecognizedKeys(errors.New("x")) != nil || omni.UnrecognizedKeys(nil) != nil {
		t.Error("another error names keys")
	}
}

// That a key is a person's is read out of a refusal only.
func TestWhatIsNoPersonalKey(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{403: true, 400: false} {
		s := omnitest.New(t, "v1", omnitest.Always(status, `{"detail":"user-scoped"}`))
		if _, err := s.Client.GetUser(t.Context(), "u"); errors.Is(err, omni.ErrPersonalKey) != want {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// What a client says of its rate limit and of the server's clock is httpclient's.
func TestClientOfAClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		http, err := httpclient.New(httpclient.Config{BaseURL: "http://127.0.0.1:1", MaxRequestsPerMinute: 1})
		if err != nil {
			t.Fatal(err)
		}
		c, now := omni.NewClient(http, omni.DefaultAPIVersion), time.Now()
		if c.IsThrottled() || !c.Turn(t.Context()) {
			t.Error("nothing was sent, and requests wait")
		}
		if !c.IsThrottled() {
			t.Error("the only request of a minute was sent, and the next does not wait")
		}
		for range 100 {
			if pause := c.SecondLook(); pause < 2*time.Second || pause > 4*time.Second {
				t.Errorf("a second look after %s", pause)
			}
		}
		if earliest, latest := c.ServerTime(now); !earliest.Before(now) || !latest.After(now) {
			t.Errorf("%s to %s of a server that said nothing", earliest, latest)
		}
	})
}

// A variable that does not say which it is, or whether it is secret, makes its
// environment odd.
func TestOddDBTVariable(t *testing.T) {
	t.Parallel()
	for variable, isOdd := range map[string]bool{
		`{"id":"1","name":"A","isSecret":false}`: false,
		`{"name":"A","isSecret":false}`:          true,
		`{"id":"1","isSecret":false}`:            true,
		`{"id":"1","name":"A"}`:                  true,
		`{"id":"1","name":7,"isSecret":false}`:   true,
	} {
		s := omnitest.New(t, "v1", omnitest.Always(200, `{"records":[{"id":"`+omnitest.IDA+`","name":"n","targetSchema":"s","variables":[`+variable+`]}]}`))
		all, err := s.Client.ListDBTEnvironments(t.Context(), omnitest.IDA)
		if err != nil || len(all) != 1 || (all[0].Problem != nil) != isOdd {
			t.Errorf("%s: %+v, %v", variable, all, err)
		}
	}
}
