// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// ConnectionSettings are the settings that create, update and read share: all of
// a connection but its id, its product, its ssl settings and its password. An
// absent field is not sent, or was not returned. null is never sent: the server
// takes it for absent.
type ConnectionSettings struct {
	ConfigName   nullable.Value[string]   `json:"configName,omitzero"`
	Type         nullable.Value[string]   `json:"type,omitzero"`
	Host         nullable.Value[string]   `json:"host,omitzero"`
	Port         nullable.Value[int64]    `json:"port,omitzero"`
	DatabaseName nullable.Value[string]   `json:"databaseName,omitzero"`
	Schema       nullable.Value[string]   `json:"schema,omitzero"`
	UserName     nullable.Value[string]   `json:"userName,omitzero"`
	Metadata     nullable.Value[Metadata] `json:"metadata,omitzero"`
}

func (s ConnectionSettings) withoutNulls() ConnectionSettings {
	return ConnectionSettings{
		ConfigName:   notNull(s.ConfigName),
		Type:         notNull(s.Type),
		Host:         notNull(s.Host),
		Port:         notNull(s.Port),
		DatabaseName: notNull(s.DatabaseName),
		Schema:       notNull(s.Schema),
		UserName:     notNull(s.UserName),
		Metadata:     notNull(s.Metadata),
	}
}

func notNull[T any](v nullable.Value[T]) nullable.Value[T] {
	if v.IsNull() {
		return nullable.Value[T]{}
	}
	return v
}

// Metadata is what a connection carries for its owners: any JSON object. Numbers
// are decoded as [json.Number], so that they are read back as they were.
type Metadata map[string]any

// UnmarshalJSON keeps the digits of numbers.
func (m *Metadata) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return err
	}
	*m = object
	return nil
}

// SSL are the ssl settings of a connection. The server takes them as one: what
// is not sent is lost. Mode and CA are both required, whatever the mode. Of all
// this only the mode is ever returned.
type SSL struct {
	Mode string
	CA   secret.String
	Cert *secret.String // nil for none
	Key  *secret.String // nil for none
}

type sslBody struct {
	Mode string  `json:"mode"`
	CA   string  `json:"ca"`
	Cert *string `json:"cert,omitempty"`
	Key  *string `json:"key,omitempty"`
}

func (s *SSL) body() *sslBody {
	if s == nil {
		return nil
	}
	return &sslBody{Mode: s.Mode, CA: s.CA.Reveal(), Cert: secret.RevealOptional(s.Cert), Key: secret.RevealOptional(s.Key)}
}

func (s *SSL) secrets() []secret.String {
	if s == nil {
		return nil
	}
	return secret.Given(&s.CA, s.Cert, s.Key)
}

// Connection is a connection as the server returns it, without its secrets.
type Connection struct {
	ID string
	// ProductName is absent for an unassigned or internal connection.
	ProductName nullable.Value[string]
	ConnectionSettings
	// SSLMode is absent where the connection has no ssl settings.
	SSLMode nullable.Value[string]
	// CreatedAt and UpdatedAt are cut to the millisecond: some answers have more
	// digits than the server stores, and later answers have not.
	CreatedAt nullable.Value[time.Time]
	UpdatedAt nullable.Value[time.Time]

	// Problem says what is wrong with this connection in a list; nil in the usual
	// case. One that is odd does not make the others unreadable. Where it only
	// lacks something, the rest is there.
	Problem error
}

// UnmarshalJSON decodes an answer.
func (c *Connection) UnmarshalJSON(data []byte) error {
	var answer struct {
		ID          string                 `json:"id"`
		ProductName nullable.Value[string] `json:"productName"`
		ConnectionSettings
		SSL nullable.Value[struct {
			Mode nullable.Value[string] `json:"mode"`
		}] `json:"ssl"`
		CreatedAt nullable.Value[timestamp] `json:"createdAt"`
		UpdatedAt nullable.Value[timestamp] `json:"updatedAt"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}
	*c = Connection{
		ID:                 answer.ID,
		ProductName:        answer.ProductName,
		ConnectionSettings: answer.ConnectionSettings,
		CreatedAt:          milliseconds(answer.CreatedAt),
		UpdatedAt:          milliseconds(answer.UpdatedAt),
	}
	if ssl, ok := answer.SSL.Get(); ok {
		if !isKnown(ssl.Mode) {
			return errors.New("ssl: the JSON has no \"mode\"")
		}
		c.SSLMode = ssl.Mode
	} else if answer.SSL.IsNull() {
		c.SSLMode = nullable.Null[string]()
	}
	return nil
}

func isKnown[T any](v nullable.Value[T]) bool {
	_, ok := v.Get()
	return ok
}

// timestamp is a time on the wire. Its own decoder names a value that is no text by
// its key, which that of [time.Time] does not.
type timestamp time.Time

// UnmarshalJSON decodes the RFC 3339 form.
func (t *timestamp) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	parsed, err := time.Parse(time.RFC3339, text)
	*t = timestamp(parsed)
	return err
}

func milliseconds(v nullable.Value[timestamp]) nullable.Value[time.Time] {
	if t, ok := v.Get(); ok {
		return nullable.Of(time.Time(t).UTC().Truncate(time.Millisecond))
	}
	if v.IsNull() {
		return nullable.Null[time.Time]()
	}
	return nullable.Value[time.Time]{}
}

// IsInternal reports whether the connection is one of the server's own, which
// are in every list and can be neither changed nor deleted.
func (c *Connection) IsInternal() bool {
	created, ok := c.CreatedAt.Get()
	return ok && created.IsZero() && c.ProductName.Or("") == ""
}

// connectionAnswer is an answer that must describe a connection; this one,
// unless id is "".
type connectionAnswer struct {
	Connection
	id string
}

// Validate refuses an answer about another connection, or about less than one.
func (a *connectionAnswer) Validate() error {
	if err := a.check(); err != nil {
		return err
	}
	got, _ := uuid.Parse(a.ID)  // it is one, says check
	want, _ := uuid.Parse(a.id) // what is none is no connection's
	if a.id != "" && want != got {
		return fmt.Errorf("the JSON describes connection %q instead of %q", a.ID, a.id)
	}
	return nil
}

// check refuses a connection without one of the fields that every answer has:
// what is missing is not known, and must not read as if it were empty.
func (c *Connection) check() error {
	if _, err := uuid.Parse(c.ID); err != nil {
		return errors.New(`the JSON has no connection id in "id"`)
	}
	return httpclient.RequireKeys(map[string]bool{
		"configName":   isKnown(c.ConfigName),
		"type":         isKnown(c.Type),
		"host":         isKnown(c.Host),
		"port":         isKnown(c.Port),
		"databaseName": isKnown(c.DatabaseName),
		"userName":     isKnown(c.UserName),
		"createdAt":    isKnown(c.CreatedAt),
		"updatedAt":    isKnown(c.UpdatedAt),
	})
}

// do sends a request whose answer is a connection.
func (c *Client) do(ctx context.Context, r httpclient.Request, id string) (*Connection, error) {
	answer := connectionAnswer{id: id}
	if err := c.http.Do(ctx, r, &answer); err != nil {
		return nil, err
	}
	return &answer.Connection, nil
}

// GetConnection returns one connection, of whatever product and age.
func (c *Client) GetConnection(ctx context.Context, id string) (*Connection, error) {
	return c.do(ctx, httpclient.Request{Method: http.MethodGet, Path: connectionsPath(id)}, id)
}

// ConnectionCreate is what a new connection is made of.
type ConnectionCreate struct {
	ProductName string
	Settings    ConnectionSettings
	Password    secret.String
	SSL         *SSL // nil for none
}

type connectionCreateBody struct {
	ConnectionSettings
	Password string   `json:"password"`
	SSL      *sslBody `json:"ssl,omitempty"`
}

// CreateConnection makes a connection. The server does not try it. It has no
// idempotency key: an error for which [httpclient.IsOutcomeUnknown] holds may
// mean that a connection was made. Then [Client.FindConnection] finds it,
// since no two connections have one name.
func (c *Client) CreateConnection(ctx context.Context, request ConnectionCreate) (*Connection, error) {
	defer c.wrote()
	return c.do(ctx, httpclient.Request{
		Method: http.MethodPost,
		Path:   connectionsPath(),
		Header: productHeader(request.ProductName),
		Body: connectionCreateBody{
			ConnectionSettings: request.Settings.withoutNulls(),
			Password:           request.Password.Reveal(),
			SSL:                request.SSL.body(),
		},
		Secrets: append(request.SSL.secrets(), request.Password),
	}, "")
}

// ConnectionUpdate is a change: only what is present is sent. There is no way to
// take a schema or ssl settings away, or to change the product.
type ConnectionUpdate struct {
	Settings ConnectionSettings
	Password *secret.String // nil leaves it
	SSL      *SSL           // nil leaves them; else they replace the old ones whole
}

// IsEmpty reports whether there is nothing to send. The server refuses an empty
// change.
func (u ConnectionUpdate) IsEmpty() bool {
	return u.Settings.withoutNulls() == ConnectionSettings{} && u.Password == nil && u.SSL == nil
}

type connectionUpdateBody struct {
	ConnectionSettings
	Password *string  `json:"password,omitempty"`
	SSL      *sslBody `json:"ssl,omitempty"`
}

// check refuses what the server would take and nobody can mean.
func (u ConnectionUpdate) check() error {
	switch {
	case u.IsEmpty():
		return errors.New("there is nothing to change")
	case u.Password != nil && u.Password.IsEmpty():
		return errors.New("an empty password would replace the one that is stored")
	case u.SSL != nil && u.SSL.Mode == "":
		return errors.New("ssl settings need a mode")
	}
	return nil
}

// UpdateConnection changes a connection in place. While a job uses it the server
// refuses that ([IsJobRunning]). Sending the same change twice is harmless.
func (c *Client) UpdateConnection(ctx context.Context, id string, update ConnectionUpdate) (*Connection, error) {
	if err := update.check(); err != nil {
		return nil, fmt.Errorf("the change of connection %s was not sent: %w", id, err)
	}
	defer c.wrote()
	return c.do(ctx, httpclient.Request{
		Method: http.MethodPatch,
		Path:   connectionsPath(id),
		Body: connectionUpdateBody{
			ConnectionSettings: update.Settings.withoutNulls(),
			Password:           secret.RevealOptional(update.Password),
			SSL:                update.SSL.body(),
		},
		Idempotent: true,
		Secrets:    append(update.SSL.secrets(), secret.Given(update.Password)...),
	}, id)
}

// DeleteConnection deletes a connection for good; its name is free at once. While
// a job uses it the server refuses that ([IsJobRunning]). A connection that is
// gone already is not found. After an answer that the API does not give, such as
// a proxy's empty 200, the connection is asked for: it may still be there.
func (c *Client) DeleteConnection(ctx context.Context, id string) error {
	defer c.wrote()
	err := c.http.Do(ctx, httpclient.Request{Method: http.MethodDelete, Path: connectionsPath(id), NoContent: true}, nil)
	if !httpclient.IsUnreadable(err) {
		return err
	}
	if _, readErr := c.GetConnection(ctx, id); httpclient.IsMissing(readErr) {
		return nil
	}
	return err
}

// AssignConnection gives an unassigned connection to a product, which cannot be
// taken back: it is a conflict where it has one. Only records of old servers are
// unassigned.
func (c *Client) AssignConnection(ctx context.Context, id, productName string) (*Connection, error) {
	defer c.wrote()
	return c.do(ctx, httpclient.Request{
		Method: http.MethodPost,
		Path:   connectionsPath(id, "assign"),
		Header: productHeader(strings.TrimSpace(productName)),
	}, id)
}
