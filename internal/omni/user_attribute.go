// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

const userAttributesPath = "user-attributes"

// SystemAttributePrefix begins the names of the attributes that Omni itself
// defines, such as omni_user_email. They can be read and bound, not changed.
const SystemAttributePrefix = "omni_"

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
	ErrNoUserAttributeWrites = errors.New("this Omni server cannot make, change or remove user attributes through its API")
)

// UserAttribute is the definition of an attribute that users have values of. It
// is known by its name: in SQL, in SCIM, and where a base connection is bound.
// Unlike the rest of the API its keys are in snake case.
type UserAttribute struct {
	ID             string                           `json:"id"` // "" for Omni's own
	Name           string                           `json:"name"`
	Label          nullable.Value[string]           `json:"label"`
	Type           nullable.Value[string]           `json:"type"`
	MultipleValues nullable.Value[bool]             `json:"multiple_values"`
	DefaultValue   nullable.Value[AttributeDefault] `json:"default_value"`
	Description    nullable.Value[string]           `json:"description"`
	System         nullable.Value[bool]             `json:"system"`

	// Problem says why the rest could not be decoded; nil in the usual case.
	Problem error `json:"-"`
}

// IsSystem reports whether Omni itself defines the attribute.
func (a *UserAttribute) IsSystem() bool { return a.System.Or(false) || a.ID == "" }

// AttributeDefault is what users have who have no value of their own: one value,
// or a list where the attribute has several values.
type AttributeDefault struct {
	Values   []string
	Multiple bool
}

// MarshalJSON encodes a text, or an array of texts.
func (d AttributeDefault) MarshalJSON() ([]byte, error) {
	if d.Multiple {
		return json.Marshal(append([]string{}, d.Values...))
	}
	if len(d.Values) != 1 {
		return nil, fmt.Errorf("an attribute of one value cannot have %d defaults", len(d.Values))
	}
	return json.Marshal(d.Values[0])
}

// UnmarshalJSON accepts a text, a number, or an array of them. An empty text is
// no value. A comma is part of a value.
func (d *AttributeDefault) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var answer any
	if err := decoder.Decode(&answer); err != nil {
		return err
	}
	elements, isArray := answer.([]any)
	if !isArray {
		elements = []any{answer}
	}
	values := []string{}
	for _, element := range elements {
		switch v := element.(type) {
		case string:
			if v != "" {
				values = append(values, v)
			}
		case json.Number:
			values = append(values, v.String())
		default:
			return fmt.Errorf("expected a text, a number or a list of them as default value, got %T", v)
		}
	}
	*d = AttributeDefault{Values: values, Multiple: isArray}
	return nil
}

type userAttributeList struct {
	Records *[]json.RawMessage `json:"records"`
}

// Validate tells an empty list from an answer that is no list.
func (l *userAttributeList) Validate() error {
	if l.Records == nil {
		return errors.New(`the JSON has no list "records"`)
	}
	return nil
}

// ListUserAttributes returns all user attributes, Omni's own included, or
// [ErrNoUserAttributes]; a server without the list is asked once only.
func (c *Client) ListUserAttributes(ctx context.Context) ([]UserAttribute, error) {
	if c.noUserAttributes.Load() {
		return nil, ErrNoUserAttributes
	}
	var answer userAttributeList
	err := c.http.Do(ctx, httpclient.Request{Method: http.MethodGet, Path: []string{userAttributesPath}}, &answer)
	if isUnsupported(err) {
		c.noUserAttributes.Store(true)
		return nil, ErrNoUserAttributes
	}
	if err != nil {
		return nil, err
	}
	attributes := make([]UserAttribute, len(*answer.Records))
	for i, item := range *answer.Records {
		if err := json.Unmarshal(item, &attributes[i]); err != nil {
			attributes[i] = UserAttribute{Problem: fmt.Errorf("the server's list has this user attribute in an unexpected form: %w", err)}
			var only struct {
				ID   string `json:"id"`
				Name string `json:"name"`
			}
			if json.Unmarshal(item, &only) == nil {
				attributes[i].ID, attributes[i].Name = only.ID, only.Name
			}
		}
	}
	return attributes, nil
}

// UserAttributeSettings are what create and update send. An absent field is not
// sent: a create leaves it to the server, an update keeps it. Null takes a
// description or a default away.
type UserAttributeSettings struct {
	Name           nullable.Value[string]           `json:"name,omitzero"`
	Label          nullable.Value[string]           `json:"label,omitzero"`
	Description    nullable.Value[string]           `json:"description,omitzero"`
	MultipleValues nullable.Value[bool]             `json:"multiple_values,omitzero"`
	DefaultValue   nullable.Value[AttributeDefault] `json:"default_value,omitzero"`
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
	if httpclient.IsNotFound(err) || lacksMethod(err) {
		return "", fmt.Errorf("%w: %w", ErrNoUserAttributeWrites, err)
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

// lacksMethod reports the answers of a server that knows the path and not the
// method: 405, or the older 400 "Invalid method".
func lacksMethod(err error) bool {
	e, ok := httpclient.AsError(err)
	return ok && (e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusBadRequest && strings.Contains(e.Message, "Invalid method"))
}

// expectations are the names of what is about to be made.
type expectations struct {
	mu    sync.Mutex
	names map[string]bool
}

// key is the id, or the name of an attribute of Omni's own, which has no id.
func (a UserAttribute) key() string { return cmp.Or(a.ID, a.Name) }

// UserAttributes returns all user attributes by name, or [ErrNoUserAttributes].
func (i *Inventory) UserAttributes(ctx context.Context) ([]UserAttribute, error) {
	snapshot, err := i.userAttributes.Get(ctx)
	return slices.SortedFunc(maps.Values(snapshot.Value), func(a, b UserAttribute) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	}), err
}

// UserAttribute returns the user attribute of this id, or [ErrGone] once its
// absence is certain. There is no route for one alone.
func (i *Inventory) UserAttribute(ctx context.Context, id string) (*UserAttribute, error) {
	snapshot, err := i.userAttributes.Get(ctx)
	if err != nil {
		return nil, err
	}
	if a, ok := snapshot.Value[id]; ok {
		return &a, a.Problem
	}
	if snapshot, err = i.userAttributes.Newer(ctx, snapshot); err != nil {
		return nil, err
	}
	if a, ok := snapshot.Value[id]; ok {
		return &a, a.Problem
	}
	if len(snapshot.Value) == 0 {
		return nil, errors.New("the server lists no user attribute at all, not even those that Omni itself defines, so this does not show that it is gone")
	}
	return nil, ErrGone
}

// FindUserAttribute returns the user attribute of this name, or nil.
func (i *Inventory) FindUserAttribute(ctx context.Context, name string) (*UserAttribute, error) {
	snapshot, err := i.userAttributes.Get(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range snapshot.Value {
		if a.Name == name {
			return &a, a.Problem
		}
	}
	return nil, nil
}

// ExpectUserAttribute notes, in a plan, that an attribute of this name is about
// to be made, for [Inventory.ExpectsUserAttribute].
func (i *Inventory) ExpectUserAttribute(name string) {
	i.expected.mu.Lock()
	defer i.expected.mu.Unlock()
	if i.expected.names == nil {
		i.expected.names = map[string]bool{}
	}
	i.expected.names[name] = true
}

// ExpectsUserAttribute reports whether this process is about to make an
// attribute of this name.
func (i *Inventory) ExpectsUserAttribute(name string) bool {
	i.expected.mu.Lock()
	defer i.expected.mu.Unlock()
	return i.expected.names[name]
}

// errNoID is the cause where a create was answered without an id.
var errNoID = errors.New("the server made it, but its answer has no id")

// CreateUserAttribute makes a user attribute and returns its id. Names are
// unique, so when the answer is lost, or has no id, the one attribute of that
// name, label and type that was not there before is ours; otherwise the error is an
// [httpclient.UnknownOutcomeError]. Nothing is made where the list cannot be
// read: it is all that shows a user attribute later.
func (i *Inventory) CreateUserAttribute(ctx context.Context, request UserAttributeCreate) (string, error) {
	known := remember(ctx, &i.creations, i.userAttributes, &i.creations.knownUserAttributes, nil)
	if !known {
		_, err := i.userAttributes.Get(ctx)
		switch {
		case errors.Is(err, ErrNoUserAttributes):
			return "", fmt.Errorf("%w: %w", ErrNoUserAttributeWrites, err)
		case err != nil:
			return "", fmt.Errorf("nothing was made, because the user attributes that there are could not be listed first: %w", err)
		}
		known = remember(ctx, &i.creations, i.userAttributes, &i.creations.knownUserAttributes, nil)
	}
	id, err := i.client.CreateUserAttribute(ctx, request)
	i.userAttributes.Invalidate()
	switch {
	case httpclient.IsOutcomeUnknown(err):
		id, err = i.searchUserAttribute(ctx, request, known, err)
	case err == nil && id == "":
		id, err = i.searchUserAttribute(ctx, request, known, errNoID)
	}
	if err == nil {
		i.creations.made(&i.creations.knownUserAttributes, id)
	}
	return id, err
}

func (i *Inventory) searchUserAttribute(ctx context.Context, request UserAttributeCreate, known bool, cause error) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchTimeout)
	defer cancel()
	snapshot, err := i.userAttributes.Get(ctx)
	if err != nil {
		return "", &httpclient.UnknownOutcomeError{Err: cause, Found: "looking for it failed too: " + err.Error()}
	}
	var candidates []string
	i.creations.mu.Lock()
	for _, a := range snapshot.Value {
		isWanted := a.Name == request.Name.Or("") && a.Label.Or("") == request.Label.Or("") && a.Type.Or(request.Type) == request.Type
		if isWanted && a.ID != "" && !i.creations.knownUserAttributes[a.ID] {
			candidates = append(candidates, a.ID)
		}
	}
	i.creations.mu.Unlock()
	return httpclient.OnlyCandidate(candidates, known, cause)
}

// UpdateUserAttribute changes a user attribute in place; an empty change is not
// sent. What the answer looks like is not documented, so one that cannot be read
// is held against the list.
func (i *Inventory) UpdateUserAttribute(ctx context.Context, id string, change UserAttributeSettings) error {
	if change == (UserAttributeSettings{}) {
		return nil
	}
	err := i.client.UpdateUserAttribute(ctx, id, change)
	i.userAttributes.Invalidate()
	switch {
	case err == nil:
		return nil
	case lacksMethod(err):
		return fmt.Errorf("%w: %w", ErrNoUserAttributeWrites, err)
	case httpclient.IsNotFound(err):
		switch _, readErr := i.UserAttribute(ctx, id); {
		case errors.Is(readErr, ErrGone):
			return fmt.Errorf("%w: %w", ErrGone, err)
		case readErr == nil: // it is there, so it is the route that is not
			return fmt.Errorf("%w: %w", ErrNoUserAttributeWrites, err)
		}
	case httpclient.IsUnreadable(err):
		if a, readErr := i.UserAttribute(ctx, id); readErr == nil && a.has(change) {
			return nil
		}
	}
	return err
}

// has reports whether the attribute is as the change would make it.
func (a *UserAttribute) has(change UserAttributeSettings) bool {
	if want, ok := change.Name.Get(); ok && want != a.Name {
		return false
	}
	if want, ok := change.MultipleValues.Get(); ok && want != a.MultipleValues.Or(false) {
		return false
	}
	if !change.Label.IsZero() && change.Label.Or("") != a.Label.Or("") || !change.Description.IsZero() && change.Description.Or("") != a.Description.Or("") {
		return false
	}
	want, got := change.DefaultValue.Or(AttributeDefault{}).Values, a.DefaultValue.Or(AttributeDefault{}).Values
	return change.DefaultValue.IsZero() || slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got)))
}

// DeleteUserAttribute removes a user attribute; one that is gone already is no
// error. Whatever else the answer is, the list decides: one that it still shows
// was not removed.
func (i *Inventory) DeleteUserAttribute(ctx context.Context, id string) error {
	err := i.client.DeleteUserAttribute(ctx, id)
	i.userAttributes.Invalidate()
	switch {
	case err == nil, httpclient.IsGone(err):
		return nil
	case lacksMethod(err):
		return fmt.Errorf("%w: %w", ErrNoUserAttributeWrites, err)
	case !httpclient.IsNotFound(err) && !httpclient.IsUnreadable(err):
		return err
	}
	switch _, readErr := i.UserAttribute(ctx, id); {
	case errors.Is(readErr, ErrGone):
		return nil
	case readErr == nil && httpclient.IsNotFound(err):
		return fmt.Errorf("%w: %w", ErrNoUserAttributeWrites, err)
	default:
		return err
	}
}
