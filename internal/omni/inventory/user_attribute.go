// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// expectations are the names of what is about to be made.
type expectations struct {
	mu    sync.Mutex
	names map[string]bool
}

// UserAttributes returns all user attributes by name, or [omni.ErrNoUserAttributes].
func (i *Inventory) UserAttributes(ctx context.Context) ([]omni.UserAttribute, error) {
	snapshot, err := i.userAttributes.Get(ctx)
	return slices.SortedFunc(maps.Values(snapshot.Value), func(a, b omni.UserAttribute) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	}), err
}

// UserAttribute returns the user attribute of this id, or [ErrGone] once its
// absence is certain. There is no route for one alone.
func (i *Inventory) UserAttribute(ctx context.Context, id string) (*omni.UserAttribute, error) {
	snapshot, err := i.userAttributes.Get(ctx)
	if err != nil {
		return nil, err
	}
	if a, ok := snapshot.Value[id]; ok {
		return &a, a.Problem
	}
	if snapshot, err = i.userAttributes.Newer(ctx, snapshot); err != nil {
		return nil, err
	}
	if a, ok := snapshot.Value[id]; ok {
		return &a, a.Problem
	}
	if len(snapshot.Value) == 0 {
		return nil, errors.New("the server lists no user attribute at all, not even those that Omni itself defines, so this does not show that it is gone")
	}
	return nil, ErrGone
}

// FindUserAttribute returns the user attribute of this name, or nil.
func (i *Inventory) FindUserAttribute(ctx context.Context, name string) (*omni.UserAttribute, error) {
	snapshot, err := i.userAttributes.Get(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range snapshot.Value {
		if a.Name == name {
			return &a, a.Problem
		}
	}
	return nil, nil
}

// ExpectUserAttribute notes, in a plan, that an attribute of this name is about
// to be made, for [Inventory.ExpectsUserAttribute].
func (i *Inventory) ExpectUserAttribute(name string) {
	i.expected.mu.Lock()
	defer i.expected.mu.Unlock()
	if i.expected.names == nil {
		i.expected.names = map[string]bool{}
	}
	i.expected.names[name] = true
}

// ExpectsUserAttribute reports whether this process is about to make an
// attribute of this name.
func (i *Inventory) ExpectsUserAttribute(name string) bool {
	i.expected.mu.Lock()
	defer i.expected.mu.Unlock()
	return i.expected.names[name]
}

// errNoID is the cause where a create was answered without an id.
var errNoID = errors.New("the server made it, but its answer has no id")

// CreateUserAttribute makes a user attribute and returns its id. Names are
// unique, so when the answer is lost, or has no id, the one attribute of that
// name, label and type that was not there before is ours; otherwise the error is an
// [httpclient.UnknownOutcomeError]. Nothing is made where the list cannot be
// read: it is all that shows a user attribute later.
func (i *Inventory) CreateUserAttribute(ctx context.Context, request omni.UserAttributeCreate) (string, error) {
	known := remember(ctx, &i.creations, i.userAttributes, &i.creations.knownUserAttributes, nil)
	if !known {
		_, err := i.userAttributes.Get(ctx)
		switch {
		case errors.Is(err, omni.ErrNoUserAttributes):
			return "", fmt.Errorf("%w: %w", omni.ErrNoUserAttributeWrites, err)
		case err != nil:
			return "", fmt.Errorf("nothing was made, because the user attributes that there are could not be listed first: %w", err)
		}
		known = remember(ctx, &i.creations, i.userAttributes, &i.creations.knownUserAttributes, nil)
	}
	id, err := i.client.CreateUserAttribute(ctx, request)
	i.userAttributes.Invalidate()
	switch {
	case httpclient.IsOutcomeUnknown(err):
		id, err = i.searchUserAttribute(ctx, request, known, err)
	case err == nil && id == "":
		id, err = i.searchUserAttribute(ctx, request, known, errNoID)
	}
	if err == nil {
		i.creations.made(&i.creations.knownUserAttributes, id)
	}
	return id, err
}

func (i *Inventory) searchUserAttribute(ctx context.Context, request omni.UserAttributeCreate, known bool, cause error) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchTimeout)
	defer cancel()
	snapshot, err := i.userAttributes.Get(ctx)
	if err != nil {
		return "", &httpclient.UnknownOutcomeError{Err: cause, Found: "looking for it failed too: " + err.Error()}
	}
	var candidates []string
	i.creations.mu.Lock()
	for _, a := range snapshot.Value {
		isWanted := a.Name == request.Name.Or("") && a.Label.Or("") == request.Label.Or("") && a.Type.Or(request.Type) == request.Type
		if isWanted && a.ID != "" && !i.creations.knownUserAttributes[a.ID] {
			candidates = append(candidates, a.ID)
		}
	}
	i.creations.mu.Unlock()
	return httpclient.OnlyCandidate(candidates, known, cause)
}

// UpdateUserAttribute changes a user attribute in place; an empty change is not
// sent. What the answer looks like is not documented, so one that cannot be read
// is held against the list.
func (i *Inventory) UpdateUserAttribute(ctx context.Context, id string, change omni.UserAttributeSettings) error {
	if change == (omni.UserAttributeSettings{}) {
		return nil
	}
	err := i.client.UpdateUserAttribute(ctx, id, change)
	i.userAttributes.Invalidate()
	switch {
	case err == nil:
		return nil
	case omni.LacksMethod(err):
		return fmt.Errorf("%w: %w", omni.ErrNoUserAttributeWrites, err)
	case httpclient.IsNotFound(err):
		switch _, readErr := i.UserAttribute(ctx, id); {
		case errors.Is(readErr, ErrGone):
			return fmt.Errorf("%w: %w", ErrGone, err)
		case readErr == nil: // it is there, so it is the route that is not
			return fmt.Errorf("%w: %w", omni.ErrNoUserAttributeWrites, err)
		}
	case httpclient.IsUnreadable(err):
		if a, readErr := i.UserAttribute(ctx, id); readErr == nil && a.Has(change) {
			return nil
		}
	}
	return err
}

// DeleteUserAttribute removes a user attribute; one that is gone already is no
// error. Whatever else the answer is, the list decides: one that it still shows
// was not removed.
func (i *Inventory) DeleteUserAttribute(ctx context.Context, id string) error {
	err := i.client.DeleteUserAttribute(ctx, id)
	i.userAttributes.Invalidate()
	switch {
	case err == nil, httpclient.IsGone(err):
		return nil
	case omni.LacksMethod(err):
		return fmt.Errorf("%w: %w", omni.ErrNoUserAttributeWrites, err)
	case !httpclient.IsNotFound(err) && !httpclient.IsUnreadable(err):
		return err
	}
	switch _, readErr := i.UserAttribute(ctx, id); {
	case errors.Is(readErr, ErrGone):
		return nil
	case readErr == nil && httpclient.IsNotFound(err):
		return fmt.Errorf("%w: %w", omni.ErrNoUserAttributeWrites, err)
	default:
		return err
	}
}
