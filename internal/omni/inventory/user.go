// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

var userKind = kind[omni.User]{
	id: func(u omni.User) string { return u.ID },
	compare: func(a, b omni.User) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Email), strings.ToLower(b.Email)), cmp.Compare(a.ID, b.ID))
	},
}

// isFirstUser reports whether nobody asked for another user yet. An organization
// can have very many, so the first one that is asked for is asked for alone.
func (i *Inventory) isFirstUser(key string) bool {
	i.firstUser.CompareAndSwap(nil, &key)
	return *i.firstUser.Load() == key
}

// Users returns all users of the organization, by e-mail address. The list is
// shared: do not change it.
func (i *Inventory) Users(ctx context.Context) ([]omni.User, error) {
	snapshot, err := i.users.Get(ctx)
	return snapshot.Value.All, err
}

// User returns the user of this id, or [ErrGone]. The first user that is read is
// asked for itself; from the second on one list serves all, and an absence from it is
// confirmed by asking for the user.
func (i *Inventory) User(ctx context.Context, id string) (*omni.User, error) {
	if !i.isFirstUser(id) {
		snapshot, err := i.users.Get(ctx)
		if err != nil {
			return nil, err
		}
		if u, ok := snapshot.Value.Find(id); ok {
			return &u, u.Problem
		}
	}
	return i.FreshUser(ctx, id)
}

// FreshUser returns the user of this id as it is now, or [ErrGone].
func (i *Inventory) FreshUser(ctx context.Context, id string) (*omni.User, error) {
	user, err := i.client.GetUser(ctx, id)
	if httpclient.IsMissing(err) {
		return nil, ErrGone
	}
	return user, err
}

// FindUser returns the user with this e-mail address, whatever its case, or
// [ErrGone]. Reads are shared as those of [Inventory.User] are.
func (i *Inventory) FindUser(ctx context.Context, email string) (*omni.User, error) {
	if !i.isFirstUser(strings.ToLower(email)) {
		snapshot, err := i.users.Get(ctx)
		if err != nil {
			return nil, err
		}
		for _, u := range snapshot.Value.All {
			if omni.SameEmail(u.Email, email) {
				return &u, u.Problem
			}
		}
	}
	user, err := i.client.FindUser(ctx, email)
	if err == nil && user == nil {
		return nil, ErrGone
	}
	return user, err
}

// SetUserValue gives a user a value of an attribute, or takes it away with null; see
// [omni.Client.SetUserValue]. It returns the user, or [ErrGone].
func (i *Inventory) SetUserValue(ctx context.Context, id, attribute string, value nullable.Value[omni.AttributeValue]) (*omni.User, error) {
	user, err := i.client.SetUserValue(ctx, id, attribute, value)
	i.users.Invalidate()
	switch {
	case err == nil && user.HasValues:
		return user, nil
	case err == nil, httpclient.IsUnreadable(err): // it may have been carried out
		read, readErr := i.client.GetUser(ctx, id)
		if readErr == nil && (err == nil || read.HasValues && read.Has(attribute, value)) {
			return read, nil
		}
		if err == nil {
			return user, nil
		}
	case httpclient.IsMissing(err):
		if _, readErr := i.client.GetUser(ctx, id); httpclient.IsMissing(readErr) {
			return nil, errors.Join(ErrGone, err)
		}
	}
	return nil, err
}

// ErrHasValue says that the user has another value of the attribute already.
var ErrHasValue = errors.New("the user has another value already")

// GiveUserValue gives a value to a user who has none of the attribute, or the same;
// see [Inventory.SetUserValue]. Another value routes the user, so it is overwritten
// only where a delete of it comes in this run; else the error is [ErrHasValue]. It
// returns the user as it was, nil where it could not be read.
func (i *Inventory) GiveUserValue(ctx context.Context, id, attribute string, value nullable.Value[omni.AttributeValue]) (before *omni.User, origin Origin, err error) {
	key := userValueKey(id, attribute)
	for {
		if i.handover.hasEnded(key) {
			origin = Remade
		}
		before, err = i.FreshUser(ctx, id)
		if err != nil {
			return nil, origin, err
		}
		hasAny := len(before.Values[attribute].Values) > 0
		switch {
		case hasAny && !before.Has(attribute, value):
			switch left, isFree := i.handover.take(ctx, key, i.patience); {
			case left != "":
				origin = TakenOver
			case isFree:
				origin = Remade
			default:
				return before, origin, ErrHasValue
			}
		case hasAny || !before.HasValues: // the same, or one that the server does not show
			if !i.handover.claim(ctx, key, i.patience) {
				if ctx.Err() != nil {
					return before, origin, context.Cause(ctx)
				}
				continue // a delete was quicker
			}
			if hasAny {
				origin = AsWanted
			}
		}
		_, err = i.SetUserValue(ctx, id, attribute, value)
		return before, origin, err
	}
}

// RemoveUserValue takes a value away from a user; a user who is gone is no error.
// Where this run has given it at another address, it is left alone, and isLeft is
// true.
func (i *Inventory) RemoveUserValue(ctx context.Context, id, attribute string) (isLeft bool, err error) {
	return i.handover.end(userValueKey(id, attribute), id, func() error {
		_, err := i.SetUserValue(ctx, id, attribute, nullable.Null[omni.AttributeValue]())
		if errors.Is(err, ErrGone) {
			return nil
		}
		return err
	})
}
