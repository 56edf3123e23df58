// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"context"
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
// connections it sees those of the last month, as the service's list does.
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
	environments, err := s.optional(ctx, "connection-environments", "connectionEnvironments")
	if err != nil {
		return nil, err
	}
	for _, e := range environments {
		name, isOurs := ours[e["connectionId"]]
		if _, baseIsOurs := ours[e["baseConnectionId"]]; isOurs && baseIsOurs {
			all = append(all, Leftover{"environment", name, "connection-environments/" + text(e["id"])})
		}
	}
	all = append(all, found...)
	attributes, err := s.optional(ctx, "user-attributes", "records")
	if err != nil {
		return nil, err
	}
	for _, a := range attributes {
		if label := text(a["label"]); IsOurs(label) && a["name"] == AttributeName(label) && a["system"] != true {
			all = append(all, Leftover{"user attribute", label, "user-attributes/" + text(a["id"])})
		}
	}
	return all, nil
}

func (s *Server) reporterLeftovers(ctx context.Context) ([]Leftover, error) {
	var all []Leftover
	for page := 1; page <= pageLimit; page++ {
		items, err := s.list(ctx, fmt.Sprintf("connections?limit=10&page=%d", page), "items")
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
	if answer.Status != http.StatusOK {
		return nil, fmt.Errorf("GET %s answered %d: %.200s", path, answer.Status, answer.Body)
	}
	return answer.objects(key), nil
}

// optional is list for a list that a server may lack.
func (s *Server) optional(ctx context.Context, path, key string) ([]map[string]any, error) {
	answer, err := s.Do(ctx, http.MethodGet, path, nil, nil)
	return answer.objects(key), err
}

// objects are the objects of the answer's list under a key.
func (a Answer) objects(key string) []map[string]any {
	items, _ := a.At(key).([]any)
	var all []map[string]any
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			all = append(all, object)
		}
	}
	return all
}

func text(value any) string {
	s, _ := value.(string)
	return s
}
