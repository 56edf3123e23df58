// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"errors"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// ErrBound says that a base connection is bound already, in another way.
var ErrBound = errors.New("the connection is bound already")

// ErrBoundTwice says that another resource binds the same base connection in this run.
var ErrBoundTwice = errors.New("another resource binds the same connection in this run, and a base connection has one binding: keep one of the two resources")

// Bind binds a base connection that is bound to nothing, or in the way that agrees
// recognizes, and returns the connection as it was. Another binding routes somebody's
// users, so it is overwritten only where a delete of it comes in this run; else the
// error is [ErrBound], or [ErrBoundTwice] without a connection.
func (i *Inventory) Bind(ctx context.Context, connectionID string, attribute *omni.EnvironmentUserAttribute, agrees func(*omni.Connection) bool) (before *omni.Connection, origin Origin, err error) {
	key := bindingKey(connectionID)
	if !i.handover.reserve(key) {
		return nil, origin, ErrBoundTwice
	}
	defer func() {
		if err != nil {
			i.handover.unreserve(key)
		}
	}()
	for {
		before, err = i.FreshConnection(ctx, connectionID)
		if err != nil {
			return nil, origin, err
		}
		isBound := before.UserAttributeName.Or("") != ""
		switch {
		case isBound && agrees(before):
			if i.handover.claim(ctx, key, i.patience) {
				return before, AsWanted, nil
			}
			if ctx.Err() != nil {
				return before, origin, context.Cause(ctx)
			}
			continue // a delete was quicker
		case isBound:
			id, isFree := i.handover.take(ctx, key, i.patience)
			if id == "" && !isFree {
				return before, origin, ErrBound
			}
			origin = TakenOver
		case i.handover.hasEnded(key):
			origin = Remade
		}
		return before, origin, i.SetEnvironmentUserAttribute(ctx, connectionID, attribute)
	}
}

// Unbind binds a base connection to nothing; one that is gone is no error. Where
// this run has bound it at another address, that binding is left alone, and isLeft
// is true.
func (i *Inventory) Unbind(ctx context.Context, connectionID string) (isLeft bool, err error) {
	return i.handover.end(bindingKey(connectionID), connectionID, func() error {
		err := i.SetEnvironmentUserAttribute(ctx, connectionID, nil)
		if httpclient.IsMissing(err) {
			// Gone with its connection, or a 404 of another kind: only the former is success.
			if _, readErr := i.Connection(ctx, connectionID); errors.Is(readErr, ErrGone) {
				return nil
			}
		}
		return err
	})
}
