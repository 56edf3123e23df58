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
	"strconv"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

const (
	userAttributeKey = "urn:omni:params:1.0:UserAttribute"
	patchOpSchema    = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

	// usersPerPage is what is asked for. Omni documents a default of 100 and no
	// maximum; a server that gives fewer is read in more pages.
	usersPerPage = 1000
)

var (
	// ErrPersonalKey says that the key is that of a person: SCIM takes those of the
	// organization only.
	ErrPersonalKey = errors.New("users are read and changed by SCIM, which accepts only an API key of the organization, not a personal token")
	// ErrNoUsers says that this server does not answer SCIM.
	ErrNoUsers = errors.New("this server has no SCIM API under /api/scim/v2, by which users are read and changed")
	// ErrNoAttributeValues says that this server's answers about users have no
	// attribute values.
	ErrNoAttributeValues = errors.New("this Omni server does not return the attribute values of its users")
)

// User is a user of the organization, as SCIM shows it. Omni's own attributes are
// not among the values.
type User struct {
	ID          string // of the membership, as model roles have it; not that of whoami's user
	Email       string // never changes
	DisplayName string
	Active      bool
	Groups      []string // names
	// Values are the user's own by attribute. One that could not be decoded is among
	// OddValues instead.
	Values    map[string]AttributeValue
	OddValues map[string]error
	// HasValues says whether this server returns attribute values and groups at all:
	// without it the absence of one says nothing.
	HasValues bool

	// Problem says why the rest could not be decoded; nil in the usual case.
	Problem error
}

// Has reports whether the user has this value of an attribute, or none for null.
func (u *User) Has(attribute string, value nullable.Value[AttributeValue]) bool {
	return u.OddValues[attribute] == nil && value.Or(AttributeValue{}).hasSame(u.Values[attribute])
}

// userAnswer is a user on the wire. The last four keys came after the specification
// of August 2026; a server that has none of them does not tell values either.
type userAnswer struct {
	ID          string                                     `json:"id"`
	UserName    string                                     `json:"userName"`
	DisplayName nullable.Value[string]                     `json:"displayName"`
	Active      nullable.Value[bool]                       `json:"active"`
	Emails      json.RawMessage                            `json:"emails"`
	Meta        json.RawMessage                            `json:"meta"`
	Groups      nullable.Value[[]userGroup]                `json:"groups"`
	Values      nullable.Value[map[string]json.RawMessage] `json:"urn:omni:params:1.0:UserAttribute"`

	wantID  string // "" where any is right
	problem error  // of an item in a list
}

// userGroup is a group of a user: an object with the name, or the bare name.
type userGroup struct{ Name string }

// UnmarshalJSON decodes either form.
func (g *userGroup) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &g.Name) == nil {
		return nil
	}
	var object struct {
		Display string `json:"display"`
	}
	if err := json.Unmarshal(data, &object); err != nil || object.Display == "" {
		return errors.New("a group of the user has no name")
	}
	g.Name = object.Display
	return nil
}

// check reports what a user cannot be without.
func (a *userAnswer) check() error {
	return httpclient.RequireKeys(map[string]bool{"id": a.ID != "", "userName": a.UserName != ""})
}

// Validate refuses an answer about another user, or about none.
func (a *userAnswer) Validate() error {
	if err := a.check(); err != nil {
		return err
	}
	if a.wantID != "" && !strings.EqualFold(a.ID, a.wantID) {
		return fmt.Errorf("the JSON describes user %q instead of %q", a.ID, a.wantID)
	}
	return nil
}

func (a *userAnswer) user() User {
	if a.problem != nil {
		return User{ID: a.ID, Email: a.UserName, Problem: a.problem}
	}
	u := User{
		ID: a.ID, Email: a.UserName, DisplayName: a.DisplayName.Or(""), Active: a.Active.Or(true), Values: map[string]AttributeValue{},
		HasValues: a.Emails != nil || a.Meta != nil || !a.Groups.IsZero() || !a.Values.IsZero(),
	}
	for _, group := range a.Groups.Or(nil) {
		u.Groups = append(u.Groups, group.Name)
	}
	for name, encoded := range a.Values.Or(nil) {
		var value nullable.Value[AttributeValue]
		switch err := json.Unmarshal(encoded, &value); {
		case err != nil && u.OddValues == nil:
			u.OddValues = map[string]error{name: err}
		case err != nil:
			u.OddValues[name] = err
		case len(value.Or(AttributeValue{}).Values) > 0:
			u.Values[name] = value.Or(AttributeValue{})
		}
	}
	return u
}

// userPage is one page of a list.
type userPage struct {
	Resources *[]json.RawMessage `json:"Resources"`
	Total     *int               `json:"totalResults"`
}

// Validate requires the list, and how long all of it is.
func (p *userPage) Validate() error {
	if err := httpclient.RequireList("Resources", p.Resources); err != nil {
		return err
	}
	return httpclient.RequireKeys(map[string]bool{"totalResults": p.Total != nil})
}

// userRequest is a request to SCIM, which stands beside the API's version. The
// references write Users and users; servers take either.
func userRequest(method string, segments ...string) httpclient.Request {
	return httpclient.Request{Method: method, Path: append([]string{"scim", "v2", "Users"}, segments...), BesideBase: true}
}

// explainList is explainKey for what every server with SCIM answers.
func explainList(err error) error {
	if e, ok := httpclient.AsError(err); ok && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed) {
		return fmt.Errorf("%w: %w", ErrNoUsers, err)
	}
	return explainKey(err)
}

// explainKey puts [ErrPersonalKey] before the server's refusal of such a key.
func explainKey(err error) error {
	if httpclient.IsForbidden(err) && strings.Contains(strings.ToLower(Message(err)), "user-scoped") {
		return fmt.Errorf("%w: %w", ErrPersonalKey, err)
	}
	return err
}

// ListUsers returns all users, page after page, in no particular order. Where users
// come and go meanwhile, so that pages overlap, it reads all once more.
func (c *Client) ListUsers(ctx context.Context) ([]User, error) {
	users, total, err := c.listUsers(ctx)
	if err == nil && len(users) != total {
		users, total, err = c.listUsers(ctx)
	}
	if err == nil && len(users) != total {
		err = fmt.Errorf("the server says that there are %d users, and its pages have %d: its answer is not complete", total, len(users))
	}
	if err != nil {
		return nil, explainList(err)
	}
	return users, nil
}

func (c *Client) listUsers(ctx context.Context) (users []User, total int, err error) {
	seen := map[string]bool{}
	for start := 1; ; {
		page, err := c.userPage(ctx, start)
		if err != nil {
			return nil, 0, err
		}
		before := len(users)
		for _, u := range page.users() {
			if !seen[strings.ToLower(u.ID)] {
				seen[strings.ToLower(u.ID)] = true
				users = append(users, u)
			}
		}
		start += len(*page.Resources)
		if start > *page.Total || len(users) == before {
			return users, *page.Total, nil
		}
	}
}

// userPage asks for a large page and, where the server refuses that, from then on
// for one of its own size.
func (c *Client) userPage(ctx context.Context, start int) (*userPage, error) {
	var page userPage
	err := eitherForm(ctx, &c.ownUserPages, refusedField("count"), func(ctx context.Context, own bool) error {
		request := userRequest(http.MethodGet)
		request.Query = url.Values{"startIndex": {strconv.Itoa(start)}}
		if !own {
			request.Query.Set("count", strconv.Itoa(usersPerPage))
		}
		return c.http.Do(ctx, request, &page)
	})
	return &page, err
}

// users are those of the page, each with its problem where it is odd.
func (p *userPage) users() []User {
	answers := httpclient.DecodeItems(*p.Resources, "user", (*userAnswer).check, func(a *userAnswer, item json.RawMessage, problem error) {
		*a = userAnswer{ID: httpclient.TextOf(item, "id"), UserName: httpclient.TextOf(item, "userName"), problem: problem}
	})
	users := make([]User, len(answers))
	for i := range answers {
		users[i] = answers[i].user()
	}
	return users
}

// GetUser returns a user.
func (c *Client) GetUser(ctx context.Context, id string) (*User, error) {
	answer := userAnswer{wantID: id}
	if err := c.http.Do(ctx, userRequest(http.MethodGet, id), &answer); err != nil {
		return nil, explainKey(err)
	}
	user := answer.user()
	return &user, nil
}

// FindUser returns the user with this e-mail address, whatever its case, or nil. What
// the server's filter finds is checked once more: it could be lenient.
func (c *Client) FindUser(ctx context.Context, email string) (*User, error) {
	request := userRequest(http.MethodGet)
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(email)
	request.Query = url.Values{"filter": {fmt.Sprintf(`userName eq "%s"`, quoted)}}
	var page userPage
	if err := c.http.Do(ctx, request, &page); err != nil {
		return nil, explainList(err)
	}
	for _, u := range page.users() {
		if SameEmail(u.Email, email) {
			return &u, u.Problem
		}
		if u.Email == "" { // the filter found it, so it may be the one
			return nil, u.Problem
		}
	}
	return nil, nil
}

type userPatch struct {
	Schemas    []string        `json:"schemas"`
	Operations []userOperation `json:"Operations"`
}

type userOperation struct {
	Op    string `json:"op"`
	Path  string `json:"path,omitempty"`
	Value any    `json:"value"`
}

// SetUserValue gives a user a value of an attribute, or takes it away with null; all
// other attributes stay. The operation without a path, which Omni's own client sends,
// comes first; a server that refuses it gets the documented one with a path. Sent
// twice it does no harm.
func (c *Client) SetUserValue(ctx context.Context, id, attribute string, value nullable.Value[AttributeValue]) (*User, error) {
	answer := userAnswer{wantID: id}
	err := eitherForm(ctx, &c.userPaths, refusedField("path"), func(ctx context.Context, withPath bool) error {
		operation := userOperation{Op: "replace", Value: map[string]any{userAttributeKey: map[string]any{attribute: value}}}
		if withPath {
			operation = userOperation{Op: "replace", Path: userAttributeKey + ":" + attribute, Value: value}
		}
		request := userRequest(http.MethodPatch, id)
		request.Idempotent = true
		request.Body = userPatch{Schemas: []string{patchOpSchema}, Operations: []userOperation{operation}}
		return c.http.Do(ctx, request, &answer)
	})
	if err != nil {
		return nil, explainKey(err)
	}
	user := answer.user()
	return &user, nil
}
