// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"context"
	"errors"
	"net/http"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// The ways in which Omni reaches a dbt repository.
const (
	DBTAuthSSH       = "ssh"
	DBTAuthToken     = "https_token"
	DBTAuthGitHubApp = "github_app"
)

var (
	// ErrDBTNotConfigured says that the connection is there and has no dbt
	// repository.
	ErrDBTNotConfigured = errors.New("dbt is not configured for this connection")
	// ErrDBTUnsupported says that connections of this dialect have no dbt.
	ErrDBTUnsupported = errors.New("this connection does not support dbt: Omni has no dbt support for its dialect")
	// ErrNoDBT says that the connection is there and the server has no such
	// route: it is too old for dbt.
	ErrNoDBT = errors.New("this Omni server has no dbt in its API: it is too old")
)

// DBTSettings are the settings that a write and a read of a dbt configuration
// share. An absent field is not sent, or was not returned by this generation of
// the server. A write needs the first four. What else is absent then gets its
// default, but for the last four, which servers before August 2026 do not know:
// those are kept.
type DBTSettings struct {
	SSHURL               nullable.Value[string] `json:"sshUrl,omitzero"`
	Branch               nullable.Value[string] `json:"branch,omitzero"`
	AutogenRelationships nullable.Value[bool]   `json:"autogenRelationships,omitzero"`
	EnableVirtualSchemas nullable.Value[bool]   `json:"enableVirtualSchemas,omitzero"`
	EnableSemanticLayer  nullable.Value[bool]   `json:"enableSemanticLayer,omitzero"`
	DBTVersion           nullable.Value[string] `json:"dbtVersion,omitzero"`
	ProjectRootPath      nullable.Value[string] `json:"projectRootPath,omitzero"` // null is the root of the repository

	AuthMethod              nullable.Value[string] `json:"authMethod,omitzero"`
	GitHubAppInstallationID nullable.Value[string] `json:"githubAppInstallationId,omitzero"`
	CommitterEmail          nullable.Value[string] `json:"commitSigningCommitterEmail,omitzero"`
	CommitterName           nullable.Value[string] `json:"commitSigningCommitterName,omitzero"`
}

// DBT is the dbt configuration of a connection as the server returns it.
type DBT struct {
	DBTSettings
	// SigningPublicKey is the public half of the key that signs Omni's commits.
	SigningPublicKey nullable.Value[string] `json:"commitSigningPublicKey,omitzero"`
}

// isConfigured reports whether there is a repository.
func (d *DBT) isConfigured() bool { return d.SSHURL.Or("") != "" }

// dbtAnswer has every form: a configuration, the words that there is none, and
// the bare success of an older server's write.
type dbtAnswer struct {
	DBT
	doneAnswer
	SupportsDBT *bool `json:"supportsDbt"`

	isWrite bool
}

// Validate refuses an answer that is none of the forms: least of all may it pass
// for the words that there is no configuration.
func (a *dbtAnswer) Validate() error {
	if err := a.doneAnswer.Validate(); err != nil {
		return err
	}
	switch {
	case a.isConfigured() && a.Branch.Or("") != "":
		return nil
	case a.isConfigured():
		return errors.New(`the JSON has no "branch"`)
	case a.isWrite && a.Success != nil:
		return nil
	case !a.isWrite && a.SupportsDBT != nil && a.Message != "":
		return nil
	default:
		return errors.New(`the JSON has no dbt configuration ("sshUrl")`)
	}
}

func dbtPath(connectionID string, segments ...string) []string {
	return append([]string{connectionsPath, connectionID, "dbt"}, segments...)
}

// GetDBT returns the dbt configuration of a connection, [ErrDBTNotConfigured] or
// [ErrDBTUnsupported]. The key needs Connection Admin.
func (c *Client) GetDBT(ctx context.Context, connectionID string) (*DBT, error) {
	var answer dbtAnswer
	err := c.http.Do(ctx, httpclient.Request{Method: http.MethodGet, Path: dbtPath(connectionID)}, &answer)
	switch {
	case err != nil:
		return nil, err
	case answer.isConfigured():
		return &answer.DBT, nil
	case !*answer.SupportsDBT:
		return nil, ErrDBTUnsupported
	default:
		return nil, ErrDBTNotConfigured
	}
}

// DBTWrite replaces the dbt configuration of a connection, or makes it.
type DBTWrite struct {
	Settings DBTSettings
	// Token is needed where a repository is connected with
	// [DBTAuthToken]; nil keeps the one that the server has.
	Token *secret.String
	// RotateKeys makes a new deploy key, of a repository that is reached by SSH.
	// Sent again after a lost answer it makes another one; the last one counts.
	RotateKeys bool
}

type dbtBody struct {
	DBTSettings
	Token      *string `json:"token,omitempty"`
	RotateKeys bool    `json:"rotateKeys,omitempty"`
}

// PutDBT replaces the dbt configuration of a connection, or makes it. Servers
// before August 2026 do not return it: then the result is nil. They also refuse
// the keys that they do not know ([UnrecognizedKeys]).
func (c *Client) PutDBT(ctx context.Context, connectionID string, write DBTWrite) (*DBT, error) {
	request := httpclient.Request{
		Method: http.MethodPut,
		Path:   dbtPath(connectionID),
		Body:   dbtBody{DBTSettings: write.Settings, Token: secret.RevealOptional(write.Token), RotateKeys: write.RotateKeys},
	}
	if write.Token != nil {
		request.Secrets = []secret.String{*write.Token}
	}
	answer := dbtAnswer{isWrite: true}
	if err := c.http.Do(ctx, request, &answer); err != nil {
		return nil, err
	}
	if !answer.isConfigured() {
		return nil, nil
	}
	return &answer.DBT, nil
}

// DeleteDBT unlinks the repository from the connection. Where there is none it
// is 404, as where there is no such connection.
func (c *Client) DeleteDBT(ctx context.Context, connectionID string) error {
	return c.http.Do(ctx, httpclient.Request{Method: http.MethodDelete, Path: dbtPath(connectionID)}, &doneAnswer{})
}

// SigningKeyRotation says in whose name Omni signs its commits from now on, with a
// key that the server makes. What is absent stays.
type SigningKeyRotation struct {
	CommitterEmail nullable.Value[string] `json:"commitSigningCommitterEmail,omitzero"`
	CommitterName  nullable.Value[string] `json:"commitSigningCommitterName,omitzero"`
}

// RotateSigningKey replaces the key that signs Omni's commits to a repository
// that is reached through Omni's GitHub app, and returns the configuration with
// the new public key. For other repositories it is 422. An error for which
// [httpclient.IsOutcomeUnknown] holds may stand for a key that was replaced.
func (c *Client) RotateSigningKey(ctx context.Context, connectionID string, rotation SigningKeyRotation) (*DBT, error) {
	request := httpclient.Request{
		Method: http.MethodPost,
		Path:   dbtPath(connectionID, "rotate-signing-key"),
		Body:   rotation,
	}
	var answer dbtAnswer
	if err := c.http.Do(ctx, request, &answer); err != nil {
		return nil, err
	}
	return &answer.DBT, nil
}
