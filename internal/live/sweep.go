// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Leftover is something that a run made on a server and did not delete.
type Leftover struct {
	Kind string // environment, connection or user attribute
	Name string // of a connection, for an environment too
	path string
}

// String is what a list of them shows.
func (l Leftover) String() string { return fmt.Sprintf("%s %s (%s)", l.Kind, l.Name, l.path) }

// pageLimit is how many pages of Reporter's list are read at most.
const pageLimit = 200

// Leftovers finds what runs left on the server, in the order in which it can be
// deleted. Only what IsOurs says of the whole name counts. Of Reporter's
// connections it sees those of the last month, as the service's list does. With an
// error it returns what it found before.
func (s *Server) Leftovers(ctx context.Context) ([]Leftover, error) {
	if s.System == Reporter {
		return s.reporterLeftovers(ctx)
	}
	connections, err := s.list(ctx, "connections", "connections")
	if err != nil {
		return nil, err
	}
	var all, found []Leftover
	ours := map[any]string{} // names by id
	for _, c := range connections {
		if name := text(c["name"]); IsOurs(name) && c["deletedAt"] == nil {
			ours[c["id"]] = name
			found = append(found, Leftover{"connection", name, "connections/" + text(c["id"])})
		}
	}
	environments, environmentsErr := s.optional(ctx, "connection-environments", "connectionEnvironments")
	for _, e := range environments {
		name, isOurs := ours[e["connectionId"]]
		if _, baseIsOurs := ours[e["baseConnectionId"]]; isOurs && baseIsOurs {
			all = append(all, Leftover{"environment", name, "connection-environments/" + text(e["id"])})
		}
	}
	all = append(all, found...)
	attributes, attributesErr := s.optional(ctx, "user-attributes", "records")
	for _, a := range attributes {
		if label := text(a["label"]); IsOurs(label) && a["name"] == AttributeName(label) && a["system"] != true {
			all = append(all, Leftover{"user attribute", label, "user-attributes/" + text(a["id"])})
		}
	}
	return all, errors.Join(environmentsErr, attributesErr)
}

// firstPageSize is what pages of Reporter's list begin with; an operator may cap
// them lower.
const firstPageSize = 10

func (s *Server) reporterLeftovers(ctx context.Context) ([]Leftover, error) {
	var all []Leftover
	size := firstPageSize
	for page := 1; page <= pageLimit; page++ {
		answer, err := s.Do(ctx, http.MethodGet, fmt.Sprintf("connections?limit=%d&page=%d", size, page), nil, nil)
		if err != nil {
			return all, err
		}
		if answer.Text("code") == "FET-0406" && size > 1 {
			size, page = size/2, 0 // from the start, with smaller pages
			continue
		}
		items, err := answer.objects("items")
		if err != nil || len(items) == 0 {
			return all, err
		}
		for _, c := range items {
			if name := text(c["configName"]); IsOurs(name) {
				all = append(all, Leftover{"connection", name, "connections/" + text(c["id"])})
			}
		}
	}
	return all, fmt.Errorf("the list has more than %d pages", pageLimit)
}

// Remove deletes leftovers; what is gone already is as good.
func (s *Server) Remove(ctx context.Context, l Leftover) error {
	answer, err := s.Do(ctx, http.MethodDelete, l.path, nil, nil)
	if err != nil {
		return err
	}
	if answer.Status >= http.StatusMultipleChoices && answer.Status != http.StatusNotFound && answer.Status != http.StatusGone {
		return fmt.Errorf("the server refused to delete %s: %d %.200s", l, answer.Status, answer.Body)
	}
	return nil
}

// list reads the objects of a list.
func (s *Server) list(ctx context.Context, path, key string) ([]map[string]any, error) {
	answer, err := s.Do(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return nil, err
	}
	items, err := answer.objects(key)
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", path, err)
	}
	return items, nil
}

// optional is list for a list that a server may lack.
func (s *Server) optional(ctx context.Context, path, key string) ([]map[string]any, error) {
	answer, err := s.Do(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return nil, err
	}
	switch answer.Status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusBadRequest:
		return nil, nil
	}
	items, err := answer.objects(key)
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", path, err)
	}
	return items, nil
}

// objects are the objects of the answer's list under a key.
func (a Answer) objects(key string) ([]map[string]any, error) {
	items, ok := a.At(key).([]any)
	if a.Status != http.StatusOK || !ok {
		return nil, fmt.Errorf("it answered %d without a list: %.200s", a.Status, a.Body)
	}
	var all []map[string]any
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			all = append(all, object)
		}
	}
	return all, nil
}

func text(value any) string {
	s, _ := value.(string)
	return s
}
