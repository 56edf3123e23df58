// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

var userAttributeKind = kind[omni.UserAttribute]{
	id:      omni.UserAttribute.Key,
	alike:   "of the same name",
	compare: func(a, b omni.UserAttribute) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) },
}

// UserAttributes returns all user attributes by name, or [omni.ErrNoUserAttributes].
// The list is shared: do not change it.
func (i *Inventory) UserAttributes(ctx context.Context) ([]omni.UserAttribute, error) {
	return i.userAttributes.all(ctx)
}

// UserAttribute returns the user attribute of this id, or [ErrGone] once its
// absence is certain. There is no route for one alone.
func (i *Inventory) UserAttribute(ctx context.Context, id string) (*omni.UserAttribute, error) {
	attribute, ok, err := i.userAttributes.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if ok {
		return &attribute, attribute.Problem
	}
	if all, err := i.userAttributes.all(ctx); err != nil || len(all) == 0 {
		return nil, cmp.Or(err, errNoUserAttribute)
	}
	return nil, ErrGone
}

var errNoUserAttribute = errors.New("the server lists no user attribute at all, not even those that Omni itself defines, so this does not show that it is gone")

// FindUserAttribute returns the user attribute of this name, or nil.
func (i *Inventory) FindUserAttribute(ctx context.Context, name string) (*omni.UserAttribute, error) {
	all, err := i.UserAttributes(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Name == name {
			return &a, a.Problem
		}
	}
	return nil, nil
}

// CreateUserAttribute makes a user attribute and returns its id. Where the answer
// has no id, the list has it. A lost answer is dealt with as in
// [Inventory.CreateConnection]. Nothing is made where the list cannot be read: it is
// all that shows a user attribute later.
func (i *Inventory) CreateUserAttribute(ctx context.Context, request omni.UserAttributeCreate) (id string, isFound bool, err error) {
	if _, known := i.userAttributes.creates.Before(ctx); !known {
		_, err := i.userAttributes.Get(ctx)
		switch {
		case errors.Is(err, omni.ErrNoUserAttributes):
			return "", false, fmt.Errorf("%w: %w", omni.ErrNoUserAttributeWrites, err)
		case err != nil:
			return "", false, fmt.Errorf("nothing was created, because the existing user attributes could not be listed first: %w", err)
		}
	}
	isMade := false // the server says so
	attribute, isFound, err := i.userAttributes.creates.Create(ctx, createonce.Request[omni.UserAttribute]{
		Name: request.Name.Or(""),
		Send: func(ctx context.Context) (omni.UserAttribute, error) {
			id, err := i.client.CreateUserAttribute(ctx, request)
			if isMade = err == nil; isMade && id == "" {
				err = createonce.ErrNoID
			}
			return omni.UserAttribute{ID: id}, err
		},
		Match: func(a omni.UserAttribute) createonce.Match { return a.Match(request) },
	})
	return attribute.ID, isFound && !isMade, err
}

// UpdateUserAttribute changes a user attribute in place; an empty change is not
// sent. What the answer looks like is not documented, so where it cannot be
// read the list decides.
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
