// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

const userAttributesPath = "user-attributes"

// SystemAttributePrefix begins the names of the attributes that Omni itself
// defines, such as omni_user_email. They can be read and bound, not changed.
const SystemAttributePrefix = "omni_"

// IsSystemName reports whether a user attribute of this name is one of Omni's own.
func IsSystemName(name string) bool {
	return strings.HasPrefix(strings.ToLower(name), SystemAttributePrefix)
}

// The types of a user attribute. The server keeps values of both as text.
const (
	AttributeString = "String"
	AttributeNumber = "Number"
)

var (
	// ErrNoUserAttributes says that this server does not list user attributes:
	// that of the 2025 guide has no such route.
	ErrNoUserAttributes = errors.New("this Omni server does not list user attributes")
	// ErrNoUserAttributeWrites says that this server lists user attributes and
	// cannot change them: the routes came in September 2026.
	ErrNoUserAttributeWrites = errors.New("this Omni server cannot create, change or remove user attributes through its API")
)

// UserAttribute is the definition of an attribute that users have values of. It
// is known by its name: in SQL, in SCIM, and where a base connection is bound.
// Unlike the rest of the API its keys are in snake case.
type UserAttribute struct {
	ID             string                         `json:"id"` // "" for Omni's own
	Name           string                         `json:"name"`
	Label          nullable.Value[string]         `json:"label,omitzero"`
	Type           nullable.Value[string]         `json:"type,omitzero"`
	MultipleValues nullable.Value[bool]           `json:"multiple_values,omitzero"`
	DefaultValue   nullable.Value[AttributeValue] `json:"default_value,omitzero"`
	Description    nullable.Value[string]         `json:"description,omitzero"`
	System         nullable.Value[bool]           `json:"system,omitzero"`

	// Problem says why the rest could not be decoded; nil in the usual case.
	Problem error `json:"-"`
}

// IsSystem reports whether Omni itself defines the attribute.
func (a *UserAttribute) IsSystem() bool { return a.System.Or(false) || a.ID == "" }

// ListUserAttributes returns all user attributes, Omni's own included, or
// [ErrNoUserAttributes]; a server without the list is asked once only.
func (c *Client) ListUserAttributes(ctx context.Context) ([]UserAttribute, error) {
	items, err := c.listItems(ctx, userAttributesPath, "records", &c.noUserAttributes, ErrNoUserAttributes)
	if err != nil {
		return nil, err
	}
	return httpclient.DecodeItems(items, "user attribute", (*UserAttribute).check, func(a *UserAttribute, item json.RawMessage, problem error) {
		*a = UserAttribute{ID: httpclient.TextOf(item, "id"), Name: httpclient.TextOf(item, "name"), Problem: problem}
	}), nil
}

// check refuses a user attribute without a name; only those of Omni itself have no id.
func (a *UserAttribute) check() error {
	return httpclient.RequireKeys(map[string]bool{"name": a.Name != "", "id": a.ID != "" || a.System.Or(true)})
}

// UserAttributeSettings are what create and update send. An absent field is not
// sent: a create leaves it to the server, an update keeps it. Null takes a
// description or a default away.
type UserAttributeSettings struct {
	Name           nullable.Value[string]         `json:"name,omitzero"`
	Label          nullable.Value[string]         `json:"label,omitzero"`
	Description    nullable.Value[string]         `json:"description,omitzero"`
	MultipleValues nullable.Value[bool]           `json:"multiple_values,omitzero"`
	DefaultValue   nullable.Value[AttributeValue] `json:"default_value,omitzero"`
}

// UserAttributeCreate is a user attribute to make. Its type never changes.
type UserAttributeCreate struct {
	Type string `json:"type"`
	UserAttributeSettings
}

// createdUserAttribute finds the id in the answer to a create, whose form is not
// documented: at the top, in an object under one of the usual names, or as the
// text "data". No id is no error here; the list has it.
type createdUserAttribute struct {
	doneAnswer
	ID             json.RawMessage `json:"id"`
	Record         json.RawMessage `json:"record"`
	UserAttribute  json.RawMessage `json:"userAttribute"`
	UserAttribute2 json.RawMessage `json:"user_attribute"`
	Data           json.RawMessage `json:"data"`
}

func (a *createdUserAttribute) id() string {
	for _, candidate := range []json.RawMessage{a.ID, a.Record, a.UserAttribute, a.UserAttribute2, a.Data} {
		var text string
		if json.Unmarshal(candidate, &text) == nil && text != "" {
			return text
		}
		var object struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(candidate, &object) == nil && object.ID != "" {
			return object.ID
		}
	}
	return ""
}

// CreateUserAttribute makes a user attribute and returns its id, or "" where the
// answer does not tell it.
func (c *Client) CreateUserAttribute(ctx context.Context, request UserAttributeCreate) (string, error) {
	var answer createdUserAttribute
	err := c.http.Do(ctx, httpclient.Request{Method: http.MethodPost, Path: []string{userAttributesPath}, Body: request}, &answer)
	if httpclient.IsNotFound(err) || LacksMethod(err) {
		return "", fmt.Errorf("%w: %w", ErrNoUserAttributeWrites, err)
	}
	if e, ok := httpclient.AsError(err); ok && e.Status == http.StatusNoContent { // done, and nothing to say
		return "", nil
	}
	return answer.id(), err
}

// UpdateUserAttribute changes what is sent and keeps the rest.
func (c *Client) UpdateUserAttribute(ctx context.Context, id string, change UserAttributeSettings) error {
	return c.http.Do(ctx, httpclient.Request{Method: http.MethodPut, Path: []string{userAttributesPath, id}, Body: change}, &doneAnswer{})
}

// DeleteUserAttribute removes a user attribute and every user's value of it.
func (c *Client) DeleteUserAttribute(ctx context.Context, id string) error {
	return c.http.Do(ctx, httpclient.Request{Method: http.MethodDelete, Path: []string{userAttributesPath, id}}, &doneAnswer{})
}

// LacksMethod reports the answers of a server that knows the path and not the
// method: 405, or the older 400 "Invalid method".
func LacksMethod(err error) bool {
	e, ok := httpclient.AsError(err)
	return ok && (e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusBadRequest && strings.Contains(e.Message, "Invalid method"))
}

// Key is the id, or the name of an attribute of Omni's own, which has no id.
func (a UserAttribute) Key() string { return cmp.Or(a.ID, a.Name) }

// Match compares the attribute with one that was sent. Names are unique, so another
// one of its name is what stands in the way.
func (a *UserAttribute) Match(request UserAttributeCreate) createonce.Match {
	switch {
	case a.ID == "" || a.Name != request.Name.Or(""):
		return createonce.Other
	case a.Problem != nil:
		return createonce.Similar
	}
	return max(createonce.Similar, createonce.Compare(request, a, func(key string, want, have any) bool {
		return key == "default_value" && a.hasDefault(request.DefaultValue)
	}))
}

// Has reports whether the attribute is as the change would make it.
func (a *UserAttribute) Has(change UserAttributeSettings) bool {
	if want, ok := change.Name.Get(); ok && want != a.Name {
		return false
	}
	if want, ok := change.MultipleValues.Get(); ok && want != a.MultipleValues.Or(false) {
		return false
	}
	if !change.Label.IsZero() && change.Label.Or("") != a.Label.Or("") || !change.Description.IsZero() && change.Description.Or("") != a.Description.Or("") {
		return false
	}
	return change.DefaultValue.IsZero() || a.hasDefault(change.DefaultValue)
}

func (a *UserAttribute) hasDefault(value nullable.Value[AttributeValue]) bool {
	return value.Or(AttributeValue{}).hasSame(a.DefaultValue.Or(AttributeValue{}))
}
