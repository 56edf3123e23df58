// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"errors"
	"strings"
	"sync"

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
	if !i.handover.reserve(connectionID) {
		return nil, origin, ErrBoundTwice
	}
	defer func() {
		if err != nil {
			i.handover.unreserve(connectionID)
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
			if i.handover.claim(ctx, connectionID, i.patience) {
				return before, AsWanted, nil
			}
			if ctx.Err() != nil {
				return before, origin, context.Cause(ctx)
			}
			continue // a delete was quicker
		case isBound:
			id, isFree := i.handover.take(ctx, connectionID, i.patience)
			if id == "" && !isFree {
				return before, origin, ErrBound
			}
			origin = TakenOver
		case i.handover.hasEnded(connectionID):
			origin = Remade
		}
		return before, origin, i.SetEnvironmentUserAttribute(ctx, connectionID, attribute)
	}
}

// Unbind binds a base connection to nothing; one that is gone is no error. Where
// this run has bound it at another address, that binding is left alone, and isLeft
// is true.
func (i *Inventory) Unbind(ctx context.Context, connectionID string) (isLeft bool, err error) {
	return i.handover.end(connectionID, connectionID, func() error {
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

// plannedBindings are the bindings of states in the plans of this process: which
// resource keeps the one of a base connection, and which ends it.
type plannedBindings struct {
	mu         sync.Mutex
	kept, ends map[string]string // the resource by base connection, in lower case
}

// PlanBinding notes, in a plan, whether a resource keeps the binding that its state
// has of a base connection. It reports whether another resource plans the opposite:
// both have the same binding, and the end of it for one is its end for the other.
func (i *Inventory) PlanBinding(connectionID, resource string, isKept bool) (isContested bool) {
	p := &i.bindings
	p.mu.Lock()
	defer p.mu.Unlock()
	ours, theirs := &p.ends, p.kept
	if isKept {
		ours, theirs = &p.kept, p.ends
	}
	key := strings.ToLower(connectionID)
	set(ours, key, resource)
	other := theirs[key]
	return other != "" && other != resource
}
