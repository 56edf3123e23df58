// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"

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

// ClaimDBT takes over the dbt configuration that a connection has, for a create
// that found it as it wants it: a delete that comes in this run leaves it alone. It
// returns false where a delete was quicker; then there is none any more.
func (i *Inventory) ClaimDBT(ctx context.Context, connectionID string) bool {
	return i.handover.claim(ctx, dbtKey(connectionID), i.patience)
}

// HasUnlinkedDBT reports whether this run has unlinked a repository from the
// connection.
func (i *Inventory) HasUnlinkedDBT(connectionID string) bool {
	return i.handover.hasEnded(dbtKey(connectionID))
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
