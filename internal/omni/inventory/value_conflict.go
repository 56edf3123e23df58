// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// A value of the user attribute routes to one connection, so the server refuses
// a value that another environment of the base, or the base's default, still
// holds. In an apply that moves values around, the holder is about to give them
// up: the write is tried again for a while.
const (
	conflictPatience  = time.Minute
	conflictFirstWait = 250 * time.Millisecond
	conflictLastWait  = 5 * time.Second
	restoreTimeout    = 30 * time.Second
)

// SetEnvironmentUserAttribute binds a base connection to a user attribute, or
// to none where attribute is nil.
func (i *Inventory) SetEnvironmentUserAttribute(ctx context.Context, connectionID string, attribute *omni.EnvironmentUserAttribute) error {
	defer i.connections.Invalidate()
	return whileValueInUse(ctx, func() error {
		return i.client.SetEnvironmentUserAttribute(ctx, connectionID, attribute)
	}, func() error { return nil })
}

// SetEnvironmentValues replaces the attribute values of an environment, which
// has own now. When a value is still in use elsewhere, the own values that are
// on their way out are freed first: two environments that swap values would
// wait for each other otherwise. If the conflict stays, they are restored, so
// that nobody's route is lost.
func (i *Inventory) SetEnvironmentValues(ctx context.Context, id string, values, own []string) error {
	defer i.environments.Invalidate()
	kept := slices.DeleteFunc(slices.Clone(own), func(v string) bool { return !slices.Contains(values, v) })
	freed := false
	err := whileValueInUse(ctx, func() error {
		return i.client.SetEnvironmentValues(ctx, id, values)
	}, func() error {
		if freed || len(kept) == len(own) {
			return nil
		}
		freed = true
		return i.client.SetEnvironmentValues(ctx, id, kept)
	})
	if err == nil || !freed {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTimeout)
	defer cancel()
	if restoreErr := i.client.SetEnvironmentValues(ctx, id, own); restoreErr != nil {
		return fmt.Errorf("%w; the environment's former values %q were freed for this and could not be restored: %w", err, own, restoreErr)
	}
	return err
}

// whileValueInUse repeats send while the server says that a value is in use,
// within the patience and the context. After each refusal it calls yield.
func whileValueInUse(ctx context.Context, send, yield func() error) error {
	started := time.Now()
	for wait := conflictFirstWait; ; wait = min(2*wait, conflictLastWait) {
		err := send()
		if !omni.IsValueInUse(err) {
			return err
		}
		if yieldErr := yield(); yieldErr != nil {
			return yieldErr
		}
		// Jitter keeps two that swap from meeting again and again.
		wait := wait/2 + rand.N(wait) //nolint:gosec // no secret depends on it
		if waited := time.Since(started); waited+wait > conflictPatience {
			return fmt.Errorf("%w (it stayed in use for %s)", err, waited.Round(time.Second))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (waiting for it to be freed ended: %w)", err, context.Cause(ctx))
		case <-time.After(wait):
		}
	}
}
