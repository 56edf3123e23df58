// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package createonce makes an object exactly once on a server that has no
// idempotency key. A create whose answer is lost is neither sent again, which
// could make two, nor given up, which could leave one that nobody knows: the
// server's list is searched for it. [Collection.Create] says what has to be shown
// before an object counts as the one.
//
// It is the twin of package listonce: that one is for reads, this one for writes.
// It knows no system.
package createonce

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

const (
	// searchTimeout bounds the search for an object that may or may not have been
	// made. The search also runs when the user has canceled: its result is what
	// keeps the object from being lost.
	searchTimeout = 45 * time.Second
	// clockSkew is how far a creation time may be before the create, by the
	// server's clock as far as that is known, until the object counts as old.
	clockSkew = 2 * time.Minute
	// dateGrain is how coarse the dates of objects may be: whole seconds.
	dateGrain = time.Second
)

// Options say how a collection is read.
type Options[T any] struct {
	// ID returns what the server knows an object by.
	ID func(T) string
	// CreatedAt returns the time that the server gives for the creation of an
	// object, false where it gives none. Nil means that it never does.
	CreatedAt func(T) (time.Time, bool)
	// List returns all objects. Before the first create of a process it tells what
	// was there before; nil means that this cannot be told and is not needed.
	List func(context.Context) ([]T, error)
	// Wrote is called after every create, and before a second look, so that lists
	// which are read later are newer.
	Wrote func()
	// NamesOlder has the error of an unknown outcome name objects that are dated
	// before the create too: where names are unique, they explain it.
	NamesOlder bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Alike says what a [Similar] object has in common with what was sent, for errors:
	// "of the same name".
	Alike string
	// Name returns what an object is called, as in [Request.Name]. Nil where others
	// may make any number of one name.
	Name func(T) string
	// ServerTime turns a time of that clock into the earliest and the latest that the
	// server's, which dates objects, can have shown. Nil means that the two agree.
	ServerTime func(time.Time) (earliest, latest time.Time)
	// SecondLook returns the pause between the two looks for what a lost create made.
	// Nil where one look is enough, because names are unique and a second object could
	// not appear.
	SecondLook func() time.Duration
}

// Collection is what one process knows of the objects of one kind: those that
// were there before its own, those that it made, and those that it tried to. It
// is safe for concurrent use.
type Collection[T any] struct {
	options Options[T]

	mu     sync.Mutex
	listed bool
	before []T
	known  map[string]bool          // those that were there before, and those that this process made
	asked  map[string][]*Request[T] // creates that were sent and not refused, by name
}

// New returns a collection. It makes no call.
func New[T any](options Options[T]) *Collection[T] {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.ServerTime == nil {
		options.ServerTime = func(t time.Time) (time.Time, time.Time) { return t, t }
	}
	return &Collection[T]{options: options, listed: options.List == nil, known: map[string]bool{}, asked: map[string][]*Request[T]{}}
}

// Request is an object to make.
type Request[T any] struct {
	// Name is what the object is called: two creates of one name in one process
	// cannot be told apart.
	Name string
	// Send makes the object. What it returns needs no more than its id.
	Send func(context.Context) (T, error)
	// Match compares an object of the list with what was sent.
	Match func(T) Match
	// Find looks for the object where there is a shorter way than
	// [Options.List]; nil means that.
	Find func(ctx context.Context, since time.Time) ([]T, error)
}

// Create makes an object and returns it. When the answer to the request is lost, it
// looks for the object in the list, and returns it with found set if all of this
// holds:
//
//   - it was neither there before nor made by another create of this process, and the
//     server dates it, if it does, between the sending and the loss;
//   - it is the only such object that is the [Same];
//   - this process has asked for its name once only;
//   - of no name does the list have more new objects than this process asked for: they
//     would show that another process makes the same.
//
// What another process makes may show late, as may what a request of ours still makes.
// So all of it has to hold once more after a pause ([Options.SecondLook]). Otherwise
// the error is an [UnknownOutcomeError].
func (c *Collection[T]) Create(ctx context.Context, request Request[T]) (object T, found bool, err error) {
	_, isBeforeKnown := c.Before(ctx)
	c.ask(&request)
	started := c.options.Now()
	object, err = request.Send(ctx)
	c.options.Wrote()
	switch {
	case err == nil:
		c.take(c.options.ID(object))
		return object, false, nil
	case !isUnknown(err):
		c.withdraw(&request)
		return object, false, err
	}
	sent := started
	if e, ok := httpclient.AsError(err); ok && !e.SentAt.IsZero() {
		sent = e.SentAt // it may have waited for its turn
	}
	_, isLater := errors.AsType[*LaterError](err)
	object, err = c.search(ctx, request, attempt{sent, c.options.Now(), isBeforeKnown && !isLater}, err)
	return object, err == nil, err
}

// attempt is a create whose answer was lost.
type attempt struct {
	sent, lost    time.Time // by our clock
	isBeforeKnown bool      // what was there up to the sending is known
}

// Before returns the objects that were there before this process made its own,
// and whether they are known: a server that does not give its list is no reason
// not to create, only a lost answer cannot be resolved then. It reads the list
// once a process.
func (c *Collection[T]) Before(ctx context.Context) ([]T, bool) {
	c.mu.Lock()
	before, listed := c.before, c.listed
	c.mu.Unlock()
	if listed {
		return before, true
	}
	list, err := c.options.List(ctx)
	if err != nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.listed {
		c.listed, c.before = true, list
		for _, object := range list {
			c.known[c.options.ID(object)] = true
		}
	}
	return c.before, true
}

func (c *Collection[T]) search(ctx context.Context, request Request[T], a attempt, cause error) (none T, _ error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchTimeout)
	defer cancel()
	shown, err := c.look(ctx, request, a)
	if shown.ours != nil && c.options.SecondLook != nil {
		shown, err = c.lookAgain(ctx, request, a)
	}
	switch {
	case err != nil:
		return none, &UnknownOutcomeError{Err: cause, Search: err, Found: "looking for it failed too: " + err.Error()}
	case shown.ours == nil:
		return none, unknownOutcome(cause, shown.candidates, shown.same, c.options.Alike)
	}
	c.take(c.options.ID(*shown.ours))
	return *shown.ours, nil
}

// sight is what a list shows of a lost create.
type sight[T any] struct {
	ours             *T       // the object that it made, where that is certain
	candidates, same []string // ids of those that it may have made; same are the [Same] matches
}

func (c *Collection[T]) look(ctx context.Context, request Request[T], a attempt) (shown sight[T], err error) {
	list, err := c.find(ctx, request, a.sent)
	if err != nil {
		return shown, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var recent []T // the same that are not dated before the attempt
	for _, object := range list {
		id := c.options.ID(object)
		match, isOlder := request.Match(object), c.CreatedBefore(object, a.sent)
		if match == Other || c.known[id] || isOlder && !c.options.NamesOlder {
			continue
		}
		shown.candidates = append(shown.candidates, id)
		if match != Same {
			continue
		}
		shown.same = append(shown.same, id)
		if !isOlder {
			recent = append(recent, object)
		}
	}
	if len(recent) == 1 && a.isBeforeKnown && len(c.asked[request.Name]) == 1 && c.isDatedWithin(recent[0], a) && !c.othersMake(list) {
		shown.ours = &recent[0]
	}
	return shown, nil
}

// lookAgain is look after a pause, with a list that is newer than the pause.
func (c *Collection[T]) lookAgain(ctx context.Context, request Request[T], a attempt) (sight[T], error) {
	if err := httpclient.Sleep(ctx, c.options.SecondLook()); err != nil {
		return sight[T]{}, err
	}
	c.options.Wrote()
	return c.look(ctx, request, a)
}

// isDatedWithin reports whether an object can have been made by the attempt, by its
// date: not before it was sent, and not after it was lost.
func (c *Collection[T]) isDatedWithin(object T, a attempt) bool {
	if c.options.CreatedAt == nil {
		return true
	}
	created, ok := c.options.CreatedAt(object)
	earliest, _ := c.options.ServerTime(a.sent)
	_, latest := c.options.ServerTime(a.lost)
	return !ok || !created.Before(earliest.Add(-dateGrain)) && !created.After(latest)
}

// othersMake reports whether another process is making what this one makes: there
// are more new objects of one name that match what was sent than this process asked
// for. The caller holds mu.
func (c *Collection[T]) othersMake(list []T) bool {
	if c.options.Name == nil {
		return false
	}
	wasThere := map[string]bool{}
	for _, object := range c.before {
		wasThere[c.options.ID(object)] = true
	}
	same := map[string]int{}
	for _, object := range list {
		name := c.options.Name(object)
		isSame := func(r *Request[T]) bool { return r.Match(object) == Same }
		if !wasThere[c.options.ID(object)] && slices.ContainsFunc(c.asked[name], isSame) {
			same[name]++
		}
		if same[name] > len(c.asked[name]) {
			return true
		}
	}
	return false
}

func (c *Collection[T]) find(ctx context.Context, request Request[T], started time.Time) ([]T, error) {
	if request.Find != nil {
		return request.Find(ctx, started)
	}
	return c.options.List(ctx)
}

// CreatedBefore reports whether the server dates the object before a time of our
// clock, with room for what is not known of the difference of the two.
func (c *Collection[T]) CreatedBefore(object T, t time.Time) bool {
	if c.options.CreatedAt == nil {
		return false
	}
	created, ok := c.options.CreatedAt(object)
	earliest, _ := c.options.ServerTime(t)
	return ok && created.Before(earliest.Add(-clockSkew))
}

// ask notes that a create is about to be sent.
func (c *Collection[T]) ask(r *Request[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[r.Name] = append(c.asked[r.Name], r)
}

// withdraw takes a create back that was refused: it made nothing.
func (c *Collection[T]) withdraw(r *Request[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[r.Name] = slices.DeleteFunc(c.asked[r.Name], func(other *Request[T]) bool { return other == r })
}

// take notes an object that a create of this process has made, so that no other
// create takes it for its own.
func (c *Collection[T]) take(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[id] = true
}
