// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"errors"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// DBT returns the dbt configuration of a connection. There is none where the
// error is [omni.ErrDBTNotConfigured], [omni.ErrDBTUnsupported], or [ErrGone], which is
// the connection's own end; a 404 of a server that is too old for dbt is
// [omni.ErrNoDBT].
func (i *Inventory) DBT(ctx context.Context, connectionID string) (*omni.DBT, error) {
	config, err := i.client.GetDBT(ctx, connectionID)
	if httpclient.IsMissing(err) {
		return nil, i.withoutDBT(ctx, connectionID, err)
	}
	return config, err
}

// withoutDBT explains a 404 to a request about dbt: the connection is gone, or
// the server is too old.
func (i *Inventory) withoutDBT(ctx context.Context, connectionID string, cause error) error {
	_, err := i.Connection(ctx, connectionID)
	if err == nil {
		return &dbtRouteError{cause}
	}
	return err
}

// dbtRouteError is an [omni.ErrNoDBT] with the server's answer.
type dbtRouteError struct{ answer error }

func (e *dbtRouteError) Error() string {
	return omni.ErrNoDBT.Error() + " (the connection is there, and the answer was: " + e.answer.Error() + ")"
}

func (e *dbtRouteError) Is(target error) bool { return target == omni.ErrNoDBT }

// SetDBT replaces the dbt configuration of a connection, or makes it. The result
// is nil where the server does not return it.
func (i *Inventory) SetDBT(ctx context.Context, connectionID string, write omni.DBTWrite) (*omni.DBT, error) {
	config, err := i.client.PutDBT(ctx, connectionID, write)
	if httpclient.IsMissing(err) {
		return nil, i.withoutDBT(ctx, connectionID, err)
	}
	return config, err
}

// ErrLinked says that a connection has another dbt configuration already.
var ErrLinked = errors.New("the connection has a dbt configuration already")

// ErrLinkedTwice says that another resource links a repository to the same connection
// in this run.
var ErrLinkedTwice = errors.New("another resource configures dbt for the same connection in this run, and a connection has one dbt configuration: keep one of the two resources")

// LinkDBT makes the dbt configuration of a connection; existing is what it has, nil
// for none. One that is as wanted is taken over, and written only where there is a
// token to send; a delete of it that comes in this run leaves it alone. Another one is
// overwritten only where such a delete comes; else the error is [ErrLinked]. The
// result is nil where the server does not return it.
func (i *Inventory) LinkDBT(ctx context.Context, connectionID string, write omni.DBTWrite, existing *omni.DBT, isAsWanted bool) (config *omni.DBT, origin Origin, err error) {
	key := dbtKey(connectionID)
	if !i.handover.reserve(key) {
		return nil, Made, ErrLinkedTwice
	}
	defer func() {
		if err != nil {
			i.handover.unreserve(key)
		}
	}()
	switch {
	case existing == nil:
	case !isAsWanted:
		if origin, err = i.takeDBT(ctx, connectionID); err != nil {
			return nil, origin, err
		}
	case i.handover.claim(ctx, key, i.patience):
		origin = AsWanted
	}
	if origin == AsWanted && write.Token == nil {
		return existing, origin, nil
	}
	if origin == Made && i.handover.hasEnded(key) {
		origin = Remade
	}
	config, err = i.SetDBT(ctx, connectionID, write)
	return config, origin, err
}

// takeDBT waits for the delete of a dbt configuration that a create wants otherwise:
// [TakenOver] is one that leaves it to the create, [Made] one that was quicker.
func (i *Inventory) takeDBT(ctx context.Context, connectionID string) (Origin, error) {
	switch id, isFree := i.handover.take(ctx, dbtKey(connectionID), i.patience); {
	case id != "":
		return TakenOver, nil
	case isFree: // or made again since
		if _, err := i.DBT(ctx, connectionID); errors.Is(err, omni.ErrDBTNotConfigured) {
			return Made, nil
		}
	}
	return Made, ErrLinked
}

// DeleteDBT unlinks the repository from a connection; one that is unlinked
// already is no error. Where this run has taken it over at another address, it is
// left alone, and isLeft is true.
func (i *Inventory) DeleteDBT(ctx context.Context, connectionID string) (isLeft bool, err error) {
	return i.handover.end(dbtKey(connectionID), connectionID, func() error {
		err := i.client.DeleteDBT(ctx, connectionID)
		i.dbtEnvironments.Of(connectionID).Invalidate() // they may end with it
		return createonce.ConfirmDelete(err, func() (bool, error) {
			_, err := i.DBT(ctx, connectionID)
			return isThere(err, omni.ErrDBTNotConfigured, omni.ErrDBTUnsupported)
		})
	})
}

// RotateDBTKeys makes a new deploy key for a repository that is reached by SSH.
// The configuration stays as it is, so it is read first.
func (i *Inventory) RotateDBTKeys(ctx context.Context, connectionID string) error {
	config, err := i.DBT(ctx, connectionID)
	if err != nil {
		return err
	}
	settings := config.DBTSettings
	if method, ok := settings.AuthMethod.Get(); ok && method != omni.DBTAuthSSH {
		return &NotSSHError{AuthMethod: method}
	}
	// What is left out of these is kept, and an older server refuses them.
	settings.AuthMethod = nullable.Value[string]{}
	settings.GitHubAppInstallationID = nullable.Value[string]{}
	settings.CommitterEmail, settings.CommitterName = nullable.Value[string]{}, nullable.Value[string]{}
	_, err = i.SetDBT(ctx, connectionID, omni.DBTWrite{Settings: settings, RotateKeys: true})
	return err
}

// NotSSHError says that a repository has no deploy key.
type NotSSHError struct{ AuthMethod string }

func (e *NotSSHError) Error() string {
	return "the repository is reached by " + e.AuthMethod + ", and only one that is reached by ssh has a deploy key"
}

// RotateDBTSigningKey replaces the key that signs Omni's commits; see
// [omni.Client.RotateSigningKey].
func (i *Inventory) RotateDBTSigningKey(ctx context.Context, connectionID string, rotation omni.SigningKeyRotation) (*omni.DBT, error) {
	config, err := i.client.RotateSigningKey(ctx, connectionID, rotation)
	if !httpclient.IsMissing(err) {
		return config, err
	}
	if _, readErr := i.DBT(ctx, connectionID); readErr != nil {
		return nil, readErr
	}
	return nil, &dbtRouteError{err}
}
