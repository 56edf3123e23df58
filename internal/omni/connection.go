// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

const connectionsPath = "connections"

// ConnectionSettings are the settings that create, update and read share: all
// of a connection but its id, its dialect and its credentials. An absent field
// is not sent, or was not returned by this generation of the server.
type ConnectionSettings struct {
	Name                              nullable.Value[string]     `json:"name,omitzero"`
	Host                              nullable.Value[string]     `json:"host,omitzero"`
	HostOverride                      nullable.Value[string]     `json:"hostOverride,omitzero"`
	Port                              nullable.Value[int64]      `json:"port,omitzero"`
	Database                          nullable.Value[string]     `json:"database,omitzero"`
	Username                          nullable.Value[string]     `json:"username,omitzero"`
	BaseRole                          nullable.Value[string]     `json:"baseRole,omitzero"`
	Warehouse                         nullable.Value[string]     `json:"warehouse,omitzero"`
	Region                            nullable.Value[string]     `json:"region,omitzero"`
	IncludeSchemas                    nullable.Value[StringList] `json:"includeSchemas,omitzero"`
	IncludeOtherCatalogs              nullable.Value[StringList] `json:"includeOtherCatalogs,omitzero"`
	OffloadedSchemas                  nullable.Value[StringList] `json:"offloadedSchemas,omitzero"`
	DefaultSchema                     nullable.Value[string]     `json:"defaultSchema,omitzero"`
	ScratchSchema                     nullable.Value[string]     `json:"scratchSchema,omitzero"`
	QueryTimeoutSeconds               nullable.Value[int64]      `json:"queryTimeoutSeconds,omitzero"`
	MaxBillingBytes                   nullable.Value[Digits]     `json:"maxBillingBytes,omitzero"`
	SystemTimezone                    nullable.Value[string]     `json:"systemTimezone,omitzero"`
	QueryTimezone                     nullable.Value[string]     `json:"queryTimezone,omitzero"`
	AllowsUserSpecificTimezones       nullable.Value[bool]       `json:"allowsUserSpecificTimezones,omitzero"`
	AlwaysScopeViewNames              nullable.Value[bool]       `json:"alwaysScopeViewNames,omitzero"`
	TrustServerCertificate            nullable.Value[bool]       `json:"trustServerCertificate,omitzero"`
	AcceptsLicense                    nullable.Value[bool]       `json:"acceptsLicense,omitzero"`
	AuthenticationType                nullable.Value[string]     `json:"authenticationType,omitzero"`
	AWSRoleARN                        nullable.Value[string]     `json:"awsRoleArn,omitzero"`
	EnableDBSemanticLayerIntegration  nullable.Value[bool]       `json:"enableDbSemanticLayerIntegration,omitzero"`
	EnableDBSemanticLayerTopics       nullable.Value[bool]       `json:"enableDbSemanticLayerTopics,omitzero"`
	ExternalOAuthAudience             nullable.Value[string]     `json:"externalOauthAudience,omitzero"`
	ExternalOAuthAuthorizationURL     nullable.Value[string]     `json:"externalOauthAuthorizationUrl,omitzero"`
	ExternalOAuthTokenURL             nullable.Value[string]     `json:"externalOauthTokenUrl,omitzero"`
	OAuthClientID                     nullable.Value[string]     `json:"oauthClientId,omitzero"`
	InferRelationshipsFromColumnNames nullable.Value[bool]       `json:"inferRelationshipsFromColumnNames,omitzero"`
	InferRelationshipsFromForeignKeys nullable.Value[bool]       `json:"inferRelationshipsFromForeignKeys,omitzero"`
	UseMachineAuth                    nullable.Value[bool]       `json:"useMachineAuth,omitzero"`
}

// ConnectionSecrets are the credentials. They are sent and never returned. A
// nil field is not sent.
type ConnectionSecrets struct {
	Password          *secret.String
	PrivateKey        *secret.String
	OAuthClientSecret *secret.String
}

// all returns the credentials that are set.
func (s ConnectionSecrets) all() []secret.String {
	return secret.Given(s.Password, s.PrivateKey, s.OAuthClientSecret)
}

// Connection is a connection as the server returns it. How much of it is
// present depends on the server's generation: about 45 keys since August 2026,
// 14 before, 9 in 2025.
type Connection struct {
	ID      string `json:"id"`
	Dialect string `json:"dialect"`
	ConnectionSettings

	// UserAttributeName names the user attribute that picks the environment;
	// null where the connection is bound to none. Two spellings of the key
	// occur; both are decoded into this field.
	UserAttributeName nullable.Value[string] `json:"userAttributeNameForConnectionEnvironments,omitzero"`
	// UserAttributeDefaultValues are the attribute values that the base
	// connection itself serves.
	UserAttributeDefaultValues nullable.Value[StringList] `json:"userAttributeValuesForDefaultEnvironment,omitzero"`

	// The rest is set in Omni's user interface only.
	UseReadScaling                           nullable.Value[bool] `json:"useReadScaling,omitzero"`
	UseSessionHint                           nullable.Value[bool] `json:"useSessionHint,omitzero"`
	AllowBranchConnectionEnvironments        nullable.Value[bool] `json:"allowBranchConnectionEnvironments,omitzero"`
	EnvironmentConnectionSwitchesSchemaModel nullable.Value[bool] `json:"environmentConnectionSwitchesSchemaModel,omitzero"`

	CreatedAt nullable.Value[string] `json:"createdAt,omitzero"`
	UpdatedAt nullable.Value[string] `json:"updatedAt,omitzero"`
	DeletedAt nullable.Value[string] `json:"deletedAt,omitzero"`

	// Problem says why the rest could not be decoded; nil in the usual case. One
	// odd connection in a list does not make the others unreadable.
	Problem error `json:"-"`
}

// IsDeleted reports whether the connection is in the trash.
func (c *Connection) IsDeleted() bool {
	at, ok := c.DeletedAt.Get()
	return ok && at != ""
}

// UnmarshalJSON decodes every generation's form.
func (c *Connection) UnmarshalJSON(data []byte) error {
	type plain Connection
	var answer struct {
		plain
		// Specifications up to May 2026 spell the key with one s more.
		OlderAttributeName nullable.Value[string] `json:"userAttributeNameForConnectionsEnvironments"`
		MaxBillingBytes    json.RawMessage        `json:"maxBillingBytes"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}
	*c = Connection(answer.plain)
	switch text := string(answer.MaxBillingBytes); text {
	case "":
	case `""`: // no limit, on a server that keeps it as text
		c.MaxBillingBytes = nullable.Null[Digits]()
	default:
		if err := json.Unmarshal(answer.MaxBillingBytes, &c.MaxBillingBytes); err != nil {
			return fmt.Errorf("maxBillingBytes: %w", err)
		}
	}
	if c.UserAttributeName.IsZero() {
		c.UserAttributeName = answer.OlderAttributeName
	}
	// Specifications up to July 2026 read back the older name.
	if c.Dialect == "sqlserver" {
		c.Dialect = "mssql"
	}
	return nil
}

// ConnectionFilter narrows a list. Zero fields do not.
type ConnectionFilter struct {
	Name           string   // part of the name, case ignored
	Database       string   // part of the database, case ignored
	Dialects       []string // any of these
	IncludeDeleted bool     // those in the trash too
	SortField      string   // database, dialect or name
	SortDirection  string   // asc or desc
}

// IsZero reports whether the filter lets everything through.
func (f ConnectionFilter) IsZero() bool { return len(f.query()) == 0 }

func (f ConnectionFilter) query() url.Values {
	q := url.Values{}
	set := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	set("name", f.Name)
	set("database", f.Database)
	set("dialect", strings.Join(f.Dialects, ","))
	if f.IncludeDeleted {
		q.Set("includeDeleted", "true")
	}
	set("sortField", f.SortField)
	set("sortDirection", f.SortDirection)
	return q
}

// ListConnections returns the connections that match, in no particular order.
// Omni does not page this list. The key needs the admin role.
func (c *Client) ListConnections(ctx context.Context, filter ConnectionFilter) ([]Connection, error) {
	answer := listUnder("connections", "records")
	err := c.http.Do(ctx, httpclient.Request{Method: http.MethodGet, Path: []string{connectionsPath}, Query: filter.query()}, answer)
	if err != nil {
		return nil, wrongAddress(err)
	}
	if filter.IsZero() {
		return c.allConnections.decode(*answer.find()), nil
	}
	return decodeConnections(*answer.find()), nil
}

// check refuses a connection without what every generation returns. One in the
// trash may say no more than that.
func (c *Connection) check() error {
	if c.IsDeleted() {
		return nil
	}
	return httpclient.RequireKeys(map[string]bool{"id": c.ID != "", "name": c.Name.Or("") != "", "dialect": c.Dialect != ""})
}

type connectionAnswer struct {
	Connection *Connection `json:"connection"`
	id         string
}

// Validate refuses an answer about another connection, or about none.
func (a *connectionAnswer) Validate() error {
	switch {
	case a.Connection == nil:
		return errors.New(`the JSON has no object "connection"`)
	case !strings.EqualFold(a.Connection.ID, a.id):
		return fmt.Errorf("the JSON describes connection %q instead of %q", a.Connection.ID, a.id)
	}
	return a.Connection.check()
}

// GetConnection returns one connection, which may be in the trash
// ([Connection.IsDeleted]). Servers before July 2026 lack the route and answer
// 404 whatever the id.
func (c *Client) GetConnection(ctx context.Context, id string) (*Connection, error) {
	answer := connectionAnswer{id: id}
	if err := c.http.Do(ctx, httpclient.Request{Method: http.MethodGet, Path: []string{connectionsPath, id}}, &answer); err != nil {
		return nil, err
	}
	return answer.Connection, nil
}

// ConnectionCreate is what a new connection is made of.
type ConnectionCreate struct {
	Dialect  string
	Settings ConnectionSettings
	Secrets  ConnectionSecrets
	// Both can be given at create only, and are never returned.
	WIFAudience            nullable.Value[string]
	WIFServiceAccountEmail nullable.Value[string]
}

// connectionCreateBody is the wire form. Its list fields stand before the
// embedded ones of the same key: create takes comma-separated text where update
// takes arrays.
type connectionCreateBody struct {
	Dialect string `json:"dialect"`
	ConnectionSettings
	IncludeSchemas         nullable.Value[commaText] `json:"includeSchemas,omitzero"`
	IncludeOtherCatalogs   nullable.Value[commaText] `json:"includeOtherCatalogs,omitzero"`
	OffloadedSchemas       nullable.Value[commaText] `json:"offloadedSchemas,omitzero"`
	WIFAudience            nullable.Value[string]    `json:"wifAudience,omitzero"`
	WIFServiceAccountEmail nullable.Value[string]    `json:"wifServiceAccountEmail,omitzero"`
	// The key is required by every specification, also where there is no
	// password: then it is sent empty.
	Password          string  `json:"passwordUnencrypted"`
	PrivateKey        *string `json:"privateKey,omitempty"`
	OAuthClientSecret *string `json:"oauthClientSecretUnencrypted,omitempty"`
}

func asComma(list nullable.Value[StringList]) nullable.Value[commaText] {
	if l, ok := list.Get(); ok {
		return nullable.Of(commaText(l))
	}
	return nullable.Value[commaText]{}
}

func (r ConnectionCreate) body() connectionCreateBody {
	body := connectionCreateBody{
		Dialect:                r.Dialect,
		ConnectionSettings:     r.Settings,
		IncludeSchemas:         asComma(r.Settings.IncludeSchemas),
		IncludeOtherCatalogs:   asComma(r.Settings.IncludeOtherCatalogs),
		OffloadedSchemas:       asComma(r.Settings.OffloadedSchemas),
		WIFAudience:            r.WIFAudience,
		WIFServiceAccountEmail: r.WIFServiceAccountEmail,
		PrivateKey:             secret.RevealOptional(r.Secrets.PrivateKey),
		OAuthClientSecret:      secret.RevealOptional(r.Secrets.OAuthClientSecret),
	}
	if r.Secrets.Password != nil {
		body.Password = r.Secrets.Password.Reveal()
	}
	return body
}

type createAnswer struct {
	doneAnswer
	Data string `json:"data"`
}

// Validate requires the new connection's id.
func (a *createAnswer) Validate() error {
	if err := a.doneAnswer.Validate(); err != nil {
		return err
	}
	if _, err := uuid.Parse(a.Data); err != nil {
		return errors.New(`the JSON has no connection id in "data"`)
	}
	return nil
}

// CreateConnection makes a connection and returns its id, which is all that the
// server answers. The server does not try the credentials. It has no
// idempotency key: an error for which [httpclient.IsOutcomeUnknown] holds may
// stand for a connection that was made.
func (c *Client) CreateConnection(ctx context.Context, request ConnectionCreate) (string, error) {
	var answer createAnswer
	err := c.http.Do(ctx, httpclient.Request{
		Method:  http.MethodPost,
		Path:    []string{connectionsPath},
		Body:    request.body(),
		Secrets: request.Secrets.all(),
	}, &answer)
	return answer.Data, wrongAddress(err)
}

// ConnectionUpdate is a change: only what is present is sent.
type ConnectionUpdate struct {
	Settings ConnectionSettings
	Secrets  ConnectionSecrets
}

// IsEmpty reports whether there is nothing to send. The server refuses an empty
// change.
func (u ConnectionUpdate) IsEmpty() bool {
	return u == ConnectionUpdate{}
}

type connectionUpdateBody struct {
	ConnectionSettings
	Password          *string `json:"passwordUnencrypted,omitempty"`
	PrivateKey        *string `json:"privateKey,omitempty"`
	OAuthClientSecret *string `json:"oauthClientSecretUnencrypted,omitempty"`
}

type doneAnswer struct {
	Success *bool  `json:"success"`
	Message string `json:"message"`
	Error   string `json:"error"`
}

// Validate refuses an answer that says that nothing was done.
func (a *doneAnswer) Validate() error { return refusal(a.Success, a.Error, a.Message) }

// UpdateConnection changes a connection in place. Servers before August 2026
// take the base role and the credentials only, and refuse other keys
// ([UnrecognizedKeys]). Sending the same change twice is harmless.
func (c *Client) UpdateConnection(ctx context.Context, id string, update ConnectionUpdate) error {
	return c.http.Do(ctx, httpclient.Request{
		Method: http.MethodPatch,
		Path:   []string{connectionsPath, id},
		Body: connectionUpdateBody{
			ConnectionSettings: update.Settings,
			Password:           secret.RevealOptional(update.Secrets.Password),
			PrivateKey:         secret.RevealOptional(update.Secrets.PrivateKey),
			OAuthClientSecret:  secret.RevealOptional(update.Secrets.OAuthClientSecret),
		},
		Idempotent: true,
		Secrets:    update.Secrets.all(),
	}, &doneAnswer{})
}

// DeleteConnection moves a connection to the trash, with its models and
// dashboards, and erases its credentials for good. A connection that is there
// already is 410.
func (c *Client) DeleteConnection(ctx context.Context, id string) error {
	return c.http.Do(ctx, httpclient.Request{Method: http.MethodDelete, Path: []string{connectionsPath, id}}, &doneAnswer{})
}

// EnvironmentUserAttribute binds a base connection to the user attribute whose
// value picks the environment.
type EnvironmentUserAttribute struct {
	AttributeName string     // the attribute's reference, not its label
	DefaultValues StringList // values that the base connection serves; nil for none
}

type environmentUserAttributeBody struct {
	Attribute nullable.Value[environmentUserAttribute] `json:"environmentUserAttribute"`
}

type environmentUserAttribute struct {
	AttributeName string                     `json:"attributeName"`
	DefaultValues nullable.Value[StringList] `json:"defaultValues"`
}

// flatUserAttributeBody is the form of the 2025 guide.
type flatUserAttributeBody struct {
	Name          *string                   `json:"userAttributeNameForConnectionEnvironments"`
	DefaultValues nullable.Value[commaText] `json:"userAttributeValuesForDefaultEnvironment"`
}

// SetEnvironmentUserAttribute binds a base connection to a user attribute, or
// to none where attribute is nil.
func (c *Client) SetEnvironmentUserAttribute(ctx context.Context, connectionID string, attribute *EnvironmentUserAttribute) error {
	refused := func(err error) bool { return len(UnrecognizedKeys(err)) > 0 }
	return eitherForm(ctx, &c.flatUserAttribute, refused, func(ctx context.Context, flat bool) error {
		var body any
		if flat {
			body = flatUserAttribute(attribute)
		} else {
			body = nestedUserAttribute(attribute)
		}
		return c.http.Do(ctx, httpclient.Request{
			Method:     http.MethodPatch,
			Path:       []string{connectionsPath, connectionID},
			Body:       body,
			Idempotent: true,
		}, &doneAnswer{})
	})
}

func nestedUserAttribute(attribute *EnvironmentUserAttribute) environmentUserAttributeBody {
	if attribute == nil {
		return environmentUserAttributeBody{Attribute: nullable.Null[environmentUserAttribute]()}
	}
	nested := environmentUserAttribute{AttributeName: attribute.AttributeName}
	if attribute.DefaultValues != nil {
		nested.DefaultValues = nullable.Of(attribute.DefaultValues)
	}
	return environmentUserAttributeBody{Attribute: nullable.Of(nested)}
}

func flatUserAttribute(attribute *EnvironmentUserAttribute) flatUserAttributeBody {
	if attribute == nil {
		return flatUserAttributeBody{}
	}
	flat := flatUserAttributeBody{Name: &attribute.AttributeName}
	if attribute.DefaultValues != nil {
		flat.DefaultValues = nullable.Of(commaText(attribute.DefaultValues))
	}
	return flat
}
