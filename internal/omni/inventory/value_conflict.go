// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// A value of the user attribute routes to one connection, so the server refuses
// a value that another environment of the base, or the base's default, still
// holds. In an apply that moves values around, the holder is about to give them
// up. While this process writes anything, its end is waited for without requests;
// when it does not, the holder may be somebody else, and is asked at intervals.
const (
	conflictPatience  = 10 * time.Second
	conflictFirstWait = 250 * time.Millisecond
	conflictLastWait  = 5 * time.Second
	restoreTimeout    = 30 * time.Second
)

// ValueInUseError says that a value stayed in use.
type ValueInUseError struct {
	Err    error // the server's last answer
	Holder string
}

func (e *ValueInUseError) Error() string {
	return fmt.Sprintf("%s. %s, and in this run nobody gave it up. If another resource of this configuration does, it could not start: values change hands when two resources are changed at the same time, so do not use -parallelism=1, and remove create_before_destroy from an environment whose replacement has the same values. Otherwise remove the value from its holder first", e.Err, e.Holder)
}

func (e *ValueInUseError) Unwrap() error { return e.Err }

// SetEnvironmentUserAttribute binds a base connection to a user attribute, or
// to none where attribute is nil.
func (i *Inventory) SetEnvironmentUserAttribute(ctx context.Context, connectionID string, attribute *omni.EnvironmentUserAttribute) error {
	defer i.handover.Begin()()
	defer i.wroteConnection()
	var values []string
	if attribute != nil {
		values = attribute.DefaultValues
	}
	err := i.whileValueInUse(ctx, connectionID, values, func() error {
		return i.client.SetEnvironmentUserAttribute(ctx, connectionID, attribute)
	}, func() error { return nil })
	if err == nil {
		i.handover.free() // which values it had is not known
	}
	return err
}

// SetEnvironmentValues replaces the attribute values of an environment, which
// has own now. When a value is still in use elsewhere, the own values that are
// on their way out are freed first: two environments that swap values would
// wait for each other otherwise. If the conflict stays, they are restored, so
// that nobody's route is lost, and the error is a [ValueInUseError].
func (i *Inventory) SetEnvironmentValues(ctx context.Context, baseConnectionID, id string, values, own []string) error {
	defer i.handover.Begin()()
	defer i.environments.Invalidate()
	kept := slices.DeleteFunc(slices.Clone(own), func(v string) bool { return !slices.Contains(values, v) })
	given := slices.DeleteFunc(slices.Clone(own), func(v string) bool { return slices.Contains(values, v) })
	freed := false
	err := i.whileValueInUse(ctx, baseConnectionID, values, func() error {
		return i.client.SetEnvironmentValues(ctx, id, values)
	}, func() error {
		if freed || len(given) == 0 {
			return nil
		}
		freed = true
		err := i.client.SetEnvironmentValues(ctx, id, kept)
		i.handover.free(given...)
		return err
	})
	if err == nil && len(given) > 0 && !freed {
		i.handover.free(given...)
	}
	if err == nil || !freed {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTimeout)
	defer cancel()
	if restoreErr := i.client.SetEnvironmentValues(ctx, id, own); restoreErr != nil {
		return &NotRestoredError{Err: err, Values: own, Restore: restoreErr}
	}
	return err
}

// NotRestoredError says that an environment is without values that were freed for
// others.
type NotRestoredError struct {
	Err     error
	Values  []string
	Restore error
}

func (e *NotRestoredError) Error() string {
	return fmt.Sprintf("%s; the environment's former values %q were freed for this and could not be restored: %s", e.Err, e.Values, e.Restore)
}

// Unwrap returns why the values could not be set, and why they could not be
// restored.
func (e *NotRestoredError) Unwrap() []error { return []error{e.Err, e.Restore} }

// whileValueInUse repeats send while the server says that a value is in use,
// within the patience and the context. After each refusal it calls free.
func (i *Inventory) whileValueInUse(ctx context.Context, baseConnectionID string, values []string, send, free func() error) error {
	wait, idle := conflictFirstWait, time.Duration(0)
	for {
		since := i.handover.lastFree()
		err := send()
		if !omni.IsValueInUse(err) {
			return err
		}
		if freeErr := free(); freeErr != nil {
			return freeErr
		}
		if i.handover.awaitValues(ctx, values, since, wait) {
			wait, idle = conflictFirstWait, 0
			continue
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w (waiting for it to be freed ended: %w)", i.inUse(ctx, baseConnectionID, values, err), context.Cause(ctx))
		}
		if idle += wait; idle >= i.patience {
			return i.inUse(ctx, baseConnectionID, values, err)
		}
		wait = min(2*wait, conflictLastWait)
	}
}

// inUse names who holds the values, as far as the server tells.
func (i *Inventory) inUse(ctx context.Context, baseConnectionID string, values []string, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTimeout)
	defer cancel()
	inUse := &ValueInUseError{Err: err, Holder: "Another environment of the same base has it, or the base's default_values"}
	isWanted := func(v string) bool { return slices.Contains(values, v) }
	i.environments.Invalidate()
	all, _ := i.Environments(ctx)
	for _, e := range all {
		at := slices.IndexFunc(e.Values.Or(nil), isWanted)
		// The message names the value, so an environment's own is not meant.
		if at >= 0 && strings.EqualFold(e.BaseConnectionID, baseConnectionID) && strings.Contains(err.Error(), fmt.Sprintf("%q", e.Values.Or(nil)[at])) {
			inUse.Holder = fmt.Sprintf("Environment %s (connection %s) of the same base has %q", e.ID, e.ConnectionID, e.Values.Or(nil)[at])
			return inUse
		}
	}
	base, readErr := i.Connection(ctx, baseConnectionID)
	if readErr == nil && slices.ContainsFunc(base.UserAttributeDefaultValues.Or(nil), isWanted) {
		inUse.Holder = fmt.Sprintf("The base connection %s has it among its default values", baseConnectionID)
	}
	return inUse
}
