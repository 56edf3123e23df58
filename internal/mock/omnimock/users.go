// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	scimPrefix = "/api/scim/v2"
	// attributesKey is where SCIM keeps a user's attribute values.
	attributesKey = "urn:omni:params:1.0:UserAttribute"
	userSchema    = "urn:ietf:params:scim:schemas:core:2.0:User"
	patchSchema   = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	listSchema    = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	// groupsAttribute is the system attribute with the names of a user's groups.
	groupsAttribute = "omni_user_groups"
)

// User is a user of the organization.
type User struct {
	ID          string // the membership's, as model roles have it
	UserName    string // the e-mail address
	DisplayName string
	Inactive    bool
	Groups      []string // names
	// Attributes are the user's values by attribute: a string, a json.Number, or a
	// []any of these.
	Attributes map[string]any
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

func (u *User) export() User {
	out := *u
	out.Groups, out.Attributes = slices.Clone(u.Groups), maps.Clone(u.Attributes)
	return out
}

// userRoutes exist in both spellings: the specification writes Users, the
// documentation users, and a live server took either. Making, replacing and
// deleting users is not simulated.
func (s *Server) userRoutes() routes {
	all := routes{}
	for _, name := range []string{"Users", "users"} {
		all[name] = map[string]handler{"GET": s.organizationOnly(s.listUsers)}
		all[name+"/*"] = map[string]handler{"GET": s.organizationOnly(s.getUser), "PATCH": s.organizationOnly(s.patchUser)}
	}
	return all
}

// organizationOnly refuses the key of a person. Choice: the status is 403; only the
// text is known.
func (s *Server) organizationOnly(handle handler) handler {
	return func(c call) (answer, error) {
		if s.opts.PersonalToken {
			return answer{}, refuse(http.StatusForbidden, "User-scoped API keys are not allowed to access the SCIM API.")
		}
		return handle(c)
	}
}

// userObject is a user as the API shows it. Omni's own attributes are not shown.
func (s *Server) userObject(u *User) map[string]any {
	object := map[string]any{
		"id": u.ID, "userName": u.UserName, "displayName": u.DisplayName, "active": !u.Inactive, "schemas": []string{userSchema},
	}
	if s.opts.Users == NarrowUsers {
		return object
	}
	groups := []map[string]any{}
	for _, name := range u.Groups {
		groups = append(groups, map[string]any{"display": name, "value": miniID(name)})
	}
	object["emails"] = []map[string]any{{"primary": true, "value": u.UserName}}
	object["meta"] = map[string]any{"resourceType": "User", "created": timestamp(u.CreatedAt), "lastModified": timestamp(u.UpdatedAt)}
	if len(groups) > 0 || s.opts.Users == WholeUsers {
		object["groups"] = groups
	}
	if len(u.Attributes) > 0 || s.opts.Users == WholeUsers {
		object[attributesKey] = maps.Clone(u.Attributes)
	}
	return object
}

// miniID is the short form of ids that SCIM has for groups.
func miniID(name string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)).String()[:8]
}

var userFilter = regexp.MustCompile(`^userName eq ("(?:[^"\\]|\\.)*")$`)

// listUsers filters and pages. Choice: of the filters the one that is documented is
// taken, users are listed in the order of their ids, and a count below 1 is refused.
func (s *Server) listUsers(call call) (answer, error) {
	q := call.query
	if err := onlyQuery(q, "filter", "count", "startIndex"); err != nil {
		return answer{}, err
	}
	numbers := map[string]int{"count": s.opts.UserPage, "startIndex": 1}
	for name := range numbers {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 1 {
			return answer{}, invalid(name, "Number must be greater than or equal to 1")
		}
		numbers[name] = n
	}
	if s.opts.RefuseLargeUserPages && numbers["count"] > s.opts.UserPage {
		return answer{}, invalid("count", "Number must be less than or equal to %d", s.opts.UserPage)
	}
	found, err := s.filteredUsers(q.Get("filter"), q.Has("filter"))
	if err != nil {
		return answer{}, err
	}
	total := len(found)
	found = found[min(numbers["startIndex"]-1, total):]
	found = found[:min(numbers["count"], s.opts.UserPage, len(found))]
	shown := make([]map[string]any, len(found))
	for i, u := range found {
		shown[i] = s.userObject(u)
	}
	return answer{http.StatusOK, map[string]any{
		"schemas": []string{listSchema}, "totalResults": total, "startIndex": numbers["startIndex"], "itemsPerPage": len(shown), "Resources": shown,
	}}, nil
}

func (s *Server) filteredUsers(filter string, has bool) ([]*User, error) {
	all := s.sortedUsers()
	if !has {
		return all, nil
	}
	var email string
	parts := userFilter.FindStringSubmatch(filter)
	if parts == nil || json.Unmarshal([]byte(parts[1]), &email) != nil {
		return nil, invalid("filter", "Invalid filter")
	}
	email = strings.ToLower(email)
	return slices.DeleteFunc(all, func(u *User) bool {
		name := strings.ToLower(u.UserName)
		return name != email && (!s.opts.LooseUserFilter || !strings.Contains(name, email))
	}), nil
}

// user returns the user of a path.
func (s *Server) user(call call) (*User, error) {
	if err := onlyQuery(call.query); err != nil {
		return nil, err
	}
	if err := checkID(call.id); err != nil {
		return nil, err
	}
	u, ok := s.users[strings.ToLower(call.id)]
	if !ok { // Choice: not documented
		return nil, refuse(http.StatusNotFound, "User with id %s does not exist", call.id)
	}
	return u, nil
}

func (s *Server) getUser(call call) (answer, error) {
	u, err := s.user(call)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, s.userObject(u)}, nil
}

func (s *Server) sortedUsers() []*User {
	return slices.SortedFunc(maps.Values(s.users), func(a, b *User) int { return cmp.Compare(a.ID, b.ID) })
}

// dropValues forgets all users' values of an attribute.
func (s *Server) dropValues(attribute string) {
	for _, u := range s.users {
		delete(u.Attributes, attribute)
	}
}

func (s *Server) renameValues(before, after string) {
	for _, u := range s.users {
		if value, ok := u.Attributes[before]; ok && before != after {
			u.Attributes[after] = value
			delete(u.Attributes, before)
		}
	}
}

// Users returns all users, by id.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []User
	for _, u := range s.sortedUsers() {
		all = append(all, u.export())
	}
	return all
}

// User returns the user with this e-mail address.
func (s *Server) User(email string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		if strings.EqualFold(u.UserName, email) {
			return u.export(), true
		}
	}
	return User{}, false
}

// AddUser makes a user as the web interface does, and returns its id. It panics if
// the address is missing or taken, or a value does not fit its attribute.
func (s *Server) AddUser(u User) (id string) {
	if _, taken := s.User(u.UserName); taken || !strings.Contains(u.UserName, "@") {
		panic(fmt.Sprintf("omnimock: no user can have the address %q", u.UserName))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	values := u.Attributes
	u.ID, u.Attributes, u.Groups = cmp.Or(u.ID, uuid.NewString()), map[string]any{}, slices.Clone(u.Groups)
	u.DisplayName = cmp.Or(u.DisplayName, u.UserName)
	u.CreatedAt = s.now().Truncate(time.Millisecond)
	u.UpdatedAt = u.CreatedAt
	s.mustSetValues(&u, values)
	s.users[u.ID] = &u
	return u.ID
}

// SetUserValues changes a user's values as the web interface does; nil clears one.
// It panics if there is no such user or attribute, or a value does not fit.
func (s *Server) SetUserValues(id string, values map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.users[id]
	if !ok {
		panic("omnimock: no user " + id)
	}
	s.mustSetValues(u, values)
}

func (s *Server) mustSetValues(u *User, values map[string]any) {
	for name, value := range values {
		if err := s.setValue(u, name, value); err != nil {
			panic("omnimock: " + err.Error())
		}
	}
}

// EditUser changes a user as the web interface does. It panics if there is no such
// user.
func (s *Server) EditUser(id string, edit func(*User)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.users[id]
	if !ok {
		panic("omnimock: no user " + id)
	}
	edit(u)
}

// RemoveUser takes a user out of the organization.
func (s *Server) RemoveUser(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.users, id)
}

// RouteOfUser is [Server.RouteOf] for a user, whose values of the attribute that the
// base is bound to it looks up. It knows what SCIM shows: not the time zone, nor who
// is an administrator.
func (s *Server) RouteOfUser(baseID, userID string) (connectionID, reason string) {
	s.mu.Lock()
	u, c := s.users[userID], s.connections[baseID]
	s.mu.Unlock()
	if u == nil || c == nil {
		return "", "there is no such user or base"
	}
	switch name := c.text(attributeNameKey); name {
	case groupsAttribute:
		return s.RouteOf(baseID, u.Groups)
	case "omni_user_email":
		return s.RouteOf(baseID, []string{u.UserName})
	case "omni_user_name":
		return s.RouteOf(baseID, []string{u.DisplayName})
	default:
		return s.RouteOf(baseID, valueTexts(u.Attributes[name]))
	}
}

// valueTexts returns values as environments have them.
func valueTexts(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case json.Number:
		return []string{value.String()}
	case []any:
		var all []string
		for _, item := range value {
			all = append(all, valueTexts(item)...)
		}
		return all
	}
	return nil
}
