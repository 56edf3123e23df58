// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package createonce_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
)

// A run that makes the same shows by the second object that has what was sent, of
// whichever name.
func TestAnotherRunShows(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		beside thing
		isOurs bool
	}{
		"a second of another name":      {thing{id: "theirs", name: "m", color: "red"}, false},
		"one that has only the name":    {thing{id: "theirs", name: "m", color: "blue"}, true},
		"a name that was not asked for": {thing{id: "theirs", name: "o", color: "red"}, true},
	} {
		s := newServer(thing{id: "before", name: "m", color: "red"}, thing{id: "long before", name: "m"})
		options := s.options()
		options.Name = func(t thing) string { return t.name }
		c := createonce.New(options)
		if _, _, err := c.Create(t.Context(), s.request("m", nil, thing{id: "mine", name: "m", color: "red"})); err != nil {
			t.Fatal(err)
		}
		if _, found, err := c.Create(t.Context(), s.request("n", errLost, red("x"), test.beside)); found != test.isOurs {
			t.Errorf("%s: found is %v: %v", name, found, err)
		}
	}
}

// What was not there after the loss may be another's, whatever it has.
func TestWhatCameLaterIsNotOurs(t *testing.T) {
	t.Parallel()
	s := newServer()
	c := createonce.New(s.options())
	_, found, err := c.Create(t.Context(), s.request("n", &createonce.LaterError{Err: errLost}, red("new")))
	if found {
		t.Error("adopted")
	}
	requireUnknown(t, err, "shows one with every setting that was sent, but it could be somebody else's: new", "new")
}

// What the first look shows has to be there, and alone, at the second.
func TestSecondLook(t *testing.T) {
	t.Parallel()
	out := errors.New("the list is out")
	for name, test := range map[string]struct {
		between func(s *server)
		words   string // of the error; "" if what was made is found
	}{
		"nothing changes":       {func(*server) {}, ""},
		"another comes":         {func(s *server) { s.add(red("theirs")) }, "shows several with every setting that was sent, but they could be somebody else's: new, theirs"},
		"another's of one name": {func(s *server) { s.add(thing{id: "theirs", name: "m", color: "red"}) }, "somebody else's: new"},
		"it is gone":            {func(s *server) { s.things = s.things[:1] }, "nothing new that matches"},
		"it is somebody's":      {func(s *server) { s.things[1].color = "blue" }, "somebody else's: new"},
		"the list is out":       {func(s *server) { s.listErr = out }, "looking for it failed too: the list is out"},
	} {
		s := newServer()
		options := s.options()
		options.Name = func(t thing) string { return t.name }
		options.SecondLook = func() time.Duration { test.between(s); return time.Nanosecond }
		c := createonce.New(options)
		if _, _, err := c.Create(t.Context(), s.request("m", nil, thing{id: "mine", name: "m", color: "red"})); err != nil {
			t.Fatal(err)
		}
		got, found, err := c.Create(t.Context(), s.request("n", errLost, red("new")))
		if found != (test.words == "") || found && got.id != "new" || !found && !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v, %t, %v", name, got, found, err)
		}
		if s.lists != 3 || s.wrote != 3 { // one before, two looks; two creates, and the pause
			t.Errorf("%s: %d lists, wrote %d times", name, s.lists, s.wrote)
		}
	}
}

// A pause that outlasts the search leaves the outcome open; that nothing is there was not
// seen.
func TestSecondLookTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		options := s.options()
		options.SecondLook = func() time.Duration { return time.Minute }
		_, found, err := createonce.New(options).Create(t.Context(), s.request("n", errLost, red("new")))
		if found || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "looking for it failed too: ") {
			t.Errorf("%t, %v", found, err)
		}
		if s.lists != 2 { // one before, one look
			t.Errorf("%d lists", s.lists)
		}
	})
}

// Where the first look shows nothing, no second one follows.
func TestNoSecondLook(t *testing.T) {
	t.Parallel()
	s := newServer(red("old"))
	options := s.options()
	options.SecondLook = func() time.Duration { return 0 }
	_, _, err := createonce.New(options).Create(t.Context(), s.request("n", errLost))
	requireUnknown(t, err, "nothing new")
	if s.lists != 2 {
		t.Errorf("%d lists, want one before and one look", s.lists)
	}
}
