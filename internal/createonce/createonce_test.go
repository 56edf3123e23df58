// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package createonce_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// thing is an object of a server.
type thing struct {
	id, name, color string
	created         time.Time
}

// server is the least that a collection needs of one.
type server struct {
	mu      sync.Mutex
	things  []thing
	listErr error
	lists   int
	wrote   int
	now     time.Time
}

func (s *server) list(ctx context.Context) ([]thing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists++
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return slices.Clone(s.things), s.listErr
}

func (s *server) add(things ...thing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.things = append(s.things, things...)
}

func (s *server) options() createonce.Options[thing] {
	return createonce.Options[thing]{
		ID:        func(t thing) string { return t.id },
		CreatedAt: func(t thing) (time.Time, bool) { return t.created, !t.created.IsZero() },
		List:      s.list,
		Alike:     "of the same name",
		Wrote:     func() { s.wrote++ },
		Now:       func() time.Time { return s.now },
	}
}

func newServer(things ...thing) *server {
	return &server{things: things, now: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)}
}

var (
	errLost    = &httpclient.Error{Kind: httpclient.KindNetwork, Message: "reset", OutcomeUnknown: true}
	errRefused = &httpclient.Error{Kind: httpclient.KindBadRequest, Status: 400, Message: "no"}
)

// request asks for a red thing of the name; the answer is err, and what came to
// be is made.
func (s *server) request(name string, err error, made ...thing) createonce.Request[thing] {
	return createonce.Request[thing]{
		Name: name,
		Send: func(context.Context) (thing, error) {
			s.add(made...)
			if err != nil {
				return thing{}, err
			}
			return made[0], nil
		},
		Match: func(t thing) createonce.Match {
			switch {
			case t.name != name:
				return createonce.Other
			case t.color != "red":
				return createonce.Similar
			default:
				return createonce.Same
			}
		},
	}
}

func red(id string) thing { return thing{id: id, name: "n", color: "red"} }

func requireUnknown(t *testing.T, err error, words string, candidates ...string) {
	t.Helper()
	unknown, ok := errors.AsType[*createonce.UnknownOutcomeError](err)
	if !ok {
		t.Fatalf("got %v, want an UnknownOutcomeError", err)
	}
	if !slices.Equal(unknown.Candidates, candidates) {
		t.Errorf("the candidates are %q, want %q", unknown.Candidates, candidates)
	}
	for _, text := range append(candidates, words, "reset") {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is missing: %v", text, err)
		}
	}
	if !errors.Is(err, errLost) {
		t.Errorf("the cause is lost: %v", err)
	}
	if (unknown.Search == nil) != (len(unknown.Unwrap()) == 1) {
		t.Errorf("it wraps %v", unknown.Unwrap())
	}
}

func TestAnsweredCreateIsNotSearchedFor(t *testing.T) {
	t.Parallel()
	s := newServer(red("old"))
	c := createonce.New(s.options())
	got, found, err := c.Create(t.Context(), s.request("n", nil, red("new")))
	if err != nil || found || got.id != "new" {
		t.Errorf("%v, %v, %v", got, found, err)
	}
	if s.lists != 1 || s.wrote != 1 {
		t.Errorf("%d lists, want the one from before; wrote %d times", s.lists, s.wrote)
	}
}

func TestRefusedCreateIsNotSearchedFor(t *testing.T) {
	t.Parallel()
	s := newServer()
	c := createonce.New(s.options())
	_, found, err := c.Create(t.Context(), s.request("n", errRefused))
	if !errors.Is(err, errRefused) || found {
		t.Errorf("%v, %v", found, err)
	}
	if s.lists != 1 || s.wrote != 1 {
		t.Errorf("%d lists, want the one from before; wrote %d times", s.lists, s.wrote)
	}
	// It is as if it had not been tried.
	got, found, err := c.Create(t.Context(), s.request("n", errLost, red("new")))
	if err != nil || !found || got.id != "new" {
		t.Errorf("after a refusal: %v, %v, %v", got, found, err)
	}
}

func TestLostAnswerIsFound(t *testing.T) {
	t.Parallel()
	for name, cause := range map[string]error{"lost": errLost, "no id": createonce.ErrNoID} {
		s := newServer(red("old"), thing{id: "other", name: "m", color: "red"})
		c := createonce.New(s.options())
		got, found, err := c.Create(t.Context(), s.request("n", cause, red("new"), thing{id: "theirs", name: "m", color: "red"}))
		if err != nil || !found || got != red("new") {
			t.Errorf("%s: %v, %v, %v", name, got, found, err)
		}
		if s.lists != 2 || s.wrote != 1 {
			t.Errorf("%s: %d lists, wrote %d times", name, s.lists, s.wrote)
		}
	}
}

func TestWhatWasAdoptedIsNotAdoptedAgain(t *testing.T) {
	t.Parallel()
	s := newServer()
	c := createonce.New(s.options())
	if _, _, err := c.Create(t.Context(), s.request("n", errLost, red("new"))); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.Create(t.Context(), s.request("n", errLost))
	requireUnknown(t, err, "nothing new")
}

func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	before := newServer().now.Add(-time.Hour)
	for name, test := range map[string]struct {
		made       []thing
		words      string
		candidates []string
	}{
		"nothing":              {words: "nothing new that matches, so it was probably not created"},
		"something else":       {made: []thing{{id: "x", name: "m", color: "red"}}, words: "nothing new"},
		"one that is similar":  {made: []thing{{id: "x", name: "n", color: "blue"}}, words: "shows one of the same name whose settings differ or are not all returned, but it could be somebody else's: x", candidates: []string{"x"}},
		"similar ones":         {made: []thing{{id: "y", name: "n", color: "blue"}, {id: "x", name: "n"}}, words: "shows several of the same name whose settings differ or are not all returned, but they could be somebody else's: x, y", candidates: []string{"x", "y"}},
		"the same and similar": {made: []thing{{id: "x", name: "n", color: "blue"}, red("z"), red("y")}, words: "shows several of the same name (with every setting that was sent: y, z), but they could be somebody else's: x, y, z", candidates: []string{"x", "y", "z"}},
		"two":                  {made: []thing{red("y"), red("x")}, words: "shows several with every setting that was sent, but they could be somebody else's: x, y", candidates: []string{"x", "y"}},
		"one that is too old":  {made: []thing{{id: "x", name: "n", color: "red", created: before}}, words: "nothing new"},
		"an old one and a new": {made: []thing{{id: "x", name: "n", color: "red", created: before}, {id: "y", name: "n", color: "blue"}}, words: "somebody else's", candidates: []string{"y"}},
	} {
		s := newServer(red("old"))
		c := createonce.New(s.options())
		_, found, err := c.Create(t.Context(), s.request("n", errLost, test.made...))
		if found {
			t.Errorf("%s: found", name)
		}
		requireUnknown(t, err, test.words, test.candidates...)
	}
}

func TestTwoOfANameInOneProcessCannotBeToldApart(t *testing.T) {
	t.Parallel()
	s := newServer()
	c := createonce.New(s.options())
	if _, _, err := c.Create(t.Context(), s.request("n", nil, red("first"))); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.Create(t.Context(), s.request("n", errLost, red("second")))
	requireUnknown(t, err, "shows one with every setting that was sent, but it could be somebody else's: second", "second")
}

// A server that dates nothing shows what is new by its list alone; and one that was
// there before is named, but does not stand in the way of the new one.
func TestLostAnswerBesideOlderOnes(t *testing.T) {
	t.Parallel()
	s := newServer(red("old"))
	options := s.options()
	options.CreatedAt = nil
	if got, found, err := createonce.New(options).Create(t.Context(), s.request("n", errLost, red("new"))); err != nil || !found || got.id != "new" {
		t.Errorf("without dates: %v, %v, %v", got, found, err)
	}
	s = newServer()
	options = s.options()
	options.NamesOlder = true
	older := thing{id: "older", name: "n", color: "red", created: s.now.Add(-time.Hour)}
	if got, found, err := createonce.New(options).Create(t.Context(), s.request("n", errLost, older, red("new"))); err != nil || !found || got.id != "new" {
		t.Errorf("beside an older one: %v, %v, %v", got, found, err)
	}
	_, _, err := createonce.New(options).Create(t.Context(), newServer().request("n", errLost))
	requireUnknown(t, err, "nothing new")
}

// What only resembles the one that was sent is no reason not to take it.
func TestSimilarOneBesideTheSame(t *testing.T) {
	t.Parallel()
	s := newServer()
	c := createonce.New(s.options())
	got, found, err := c.Create(t.Context(), s.request("n", errLost, thing{id: "theirs", name: "n", color: "blue"}, red("new")))
	if err != nil || !found || got.id != "new" {
		t.Errorf("%v, %v, %v", got, found, err)
	}
}

func TestListFromBeforeThatFails(t *testing.T) {
	t.Parallel()
	s := newServer()
	s.listErr = errors.New("the list is out")
	c := createonce.New(s.options())
	if _, known := c.Before(t.Context()); known {
		t.Error("known without a list")
	}
	request := s.request("n", errLost, red("new"))
	send := request.Send
	request.Send = func(ctx context.Context) (thing, error) {
		s.listErr = nil
		return send(ctx)
	}
	_, _, err := c.Create(t.Context(), request)
	requireUnknown(t, err, "could be somebody else's", "new") // it may have been there before
}

func TestSearchThatFails(t *testing.T) {
	t.Parallel()
	s := newServer()
	c := createonce.New(s.options())
	broken := errors.New("the list is out")
	request := s.request("n", errLost, red("new"))
	send := request.Send
	request.Send = func(ctx context.Context) (thing, error) {
		s.listErr = broken
		return send(ctx)
	}
	_, found, err := c.Create(t.Context(), request)
	requireUnknown(t, err, "looking for it failed too: the list is out")
	if found || !errors.Is(err, broken) {
		t.Errorf("%v, %v", found, err)
	}
}

func TestSearchOutlivesTheCaller(t *testing.T) {
	t.Parallel()
	s := newServer()
	c := createonce.New(s.options())
	ctx, cancel := context.WithCancel(t.Context())
	request := s.request("n", errLost, red("new"))
	send := request.Send
	request.Send = func(ctx context.Context) (thing, error) {
		defer cancel()
		return send(ctx)
	}
	var deadline time.Time
	request.Find = func(ctx context.Context, since time.Time) ([]thing, error) {
		if !since.Equal(s.now) {
			t.Errorf("since %s", since)
		}
		deadline, _ = ctx.Deadline()
		return s.list(ctx)
	}
	began := time.Now()
	got, found, err := c.Create(ctx, request)
	if err != nil || !found || got.id != "new" {
		t.Errorf("%v, %v, %v", got, found, err)
	}
	if limit := deadline.Sub(began); limit < 30*time.Second || limit > 2*time.Minute {
		t.Errorf("the search has %s", limit)
	}
}

func TestBeforeIsReadOnce(t *testing.T) {
	t.Parallel()
	s := newServer(red("old"))
	c := createonce.New(s.options())
	for range 3 {
		s.add(red("later"))
		before, known := c.Before(t.Context())
		if !known || len(before) != 2 || before[0].id != "old" {
			t.Errorf("%v, %v", before, known)
		}
	}
	if s.lists != 1 {
		t.Errorf("%d lists", s.lists)
	}
}

func TestCollectionWithoutAListFromBefore(t *testing.T) {
	t.Parallel()
	s := newServer()
	options := s.options()
	options.List, options.NamesOlder, options.Now = nil, true, nil
	c := createonce.New(options)
	find := func(name string, made ...thing) (thing, bool, error) {
		request := s.request(name, errLost, made...)
		request.Find = func(ctx context.Context, _ time.Time) ([]thing, error) { return s.list(ctx) }
		return c.Create(t.Context(), request)
	}
	got, found, err := find("n", thing{id: "new", name: "n", color: "red", created: time.Now()})
	if err != nil || !found || got.id != "new" {
		t.Errorf("%v, %v, %v", got, found, err)
	}
	// The older one of that name is why there is no new one.
	_, found, err = find("m", thing{id: "older", name: "m", color: "red", created: time.Now().Add(-time.Hour)})
	if found {
		t.Error("an older one was adopted")
	}
	requireUnknown(t, err, "could be somebody else's", "older")
}

func TestCreatedBeforeHasRoomForTheClocks(t *testing.T) {
	t.Parallel()
	s := newServer()
	c := createonce.New(s.options())
	for ago, want := range map[time.Duration]bool{0: false, time.Minute: false, 2 * time.Minute: false, 2*time.Minute + time.Second: true, -time.Hour: false} {
		if got := c.CreatedBefore(thing{created: s.now.Add(-ago)}, s.now); got != want {
			t.Errorf("%s before: %v", ago, got)
		}
	}
	if c.CreatedBefore(thing{}, s.now) {
		t.Error("an object without a date counts as old")
	}
	options := s.options()
	options.CreatedAt = nil
	if createonce.New(options).CreatedBefore(thing{created: s.now.Add(-time.Hour)}, s.now) {
		t.Error("a kind without dates has old objects")
	}
}

func TestCreatedBeforeGoesByTheServersClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-time.Hour, time.Hour} {
		s := newServer()
		options := s.options()
		options.ServerTime = func(t time.Time) (time.Time, time.Time) { return t.Add(ahead), t.Add(ahead) }
		c := createonce.New(options)
		for ago, want := range map[time.Duration]bool{2 * time.Minute: false, 2*time.Minute + time.Second: true} {
			if got := c.CreatedBefore(thing{created: s.now.Add(ahead - ago)}, s.now); got != want {
				t.Errorf("%s before, the server %s ahead: %v", ago, ahead, got)
			}
		}
	}
}

// What another run makes of the same configuration is dated before the request was
// sent, or after it was lost, unless both do it at once.
func TestWhatIsDatedOutsideTheAttemptIsNotOurs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		created time.Duration // after the sending, by the server
		isOurs  bool
	}{
		"before it was sent":   {-time.Second - time.Millisecond, false},
		"in whole seconds":     {-time.Second, true},
		"as it was lost":       {13 * time.Second, true},
		"after it was lost":    {13*time.Second + time.Millisecond, false},
		"a minute after it":    {time.Minute, false},
		"a minute before that": {-time.Minute, false},
	} {
		s := newServer()
		sent := s.now.Add(time.Minute) // it waited for its turn
		options := s.options()
		options.ServerTime = func(at time.Time) (time.Time, time.Time) { return at.Add(time.Hour), at.Add(time.Hour + 3*time.Second) }
		request := s.request("n", &httpclient.Error{Message: "reset", OutcomeUnknown: true, SentAt: sent},
			thing{id: "x", name: "n", color: "red", created: sent.Add(time.Hour + test.created)})
		send := request.Send
		request.Send = func(ctx context.Context) (thing, error) {
			s.now = sent.Add(10 * time.Second)
			return send(ctx)
		}
		_, found, err := createonce.New(options).Create(t.Context(), request)
		if found != test.isOurs {
			t.Errorf("%s: found is %v: %v", name, found, err)
		}
		if !found && !strings.Contains(err.Error(), "could be somebody else's: x") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCollectionIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := newServer()
	options := s.options()
	options.Wrote = func() {}
	c := createonce.New(options)
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			name := string(rune('a' + i))
			made := thing{id: name, name: name, color: "red"}
			if got, found, err := c.Create(t.Context(), s.request(name, errLost, made)); err != nil || !found || got != made {
				t.Errorf("%s: %v, %v, %v", name, got, found, err)
			}
		})
	}
	wait.Wait()
}

// Of two first lists that overlap, the one that ends first counts: the other may show
// what this process has made meanwhile.
func TestFirstListCounts(t *testing.T) {
	t.Parallel()
	s := &server{things: []thing{{id: "before"}}}
	options := s.options()
	var things *createonce.Collection[thing]
	options.List = func(ctx context.Context) ([]thing, error) {
		if len(s.things) == 1 {
			s.add(thing{id: "meanwhile"})
			if before, known := things.Before(ctx); !known || len(before) != 2 {
				t.Errorf("%v, %t", before, known)
			}
			s.add(thing{id: "later"})
		}
		return s.list(ctx)
	}
	things = createonce.New(options)
	for range 2 {
		if before, known := things.Before(t.Context()); !known || len(before) != 2 {
			t.Errorf("%v, %t", before, known)
		}
	}
}
