// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// page is the answer to a list.
type page struct {
	Items []wireConnection `json:"items"`
	Page  int              `json:"page"`
	Limit int              `json:"limit"`
	Total int              `json:"total"`
}

// listQuery is what a list asks for.
type listQuery struct {
	page, limit int
	from, to    time.Time // both inclusive
	kind        string
	metadata    map[string]string
}

const defaultLimit = 10

func (s *Server) list(c call) (answer, error) {
	product, err := product(c.header)
	if err != nil {
		return answer{}, err
	}
	result, err := s.listWhere(c.query, func(c *connection) bool { return product == "" || c.product == product }, s.internal)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, result}, nil
}

func (s *Server) listUnassigned(c call) (answer, error) {
	result, err := s.listWhere(c.query, func(c *connection) bool { return c.product == "" }, nil)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, result}, nil
}

// listWhere returns a page. The internal connections come on top of the first
// one, whatever its limit and its dates; they are part of its total only.
func (s *Server) listWhere(query map[string]string, match func(*connection) bool, internal []*connection) (page, error) {
	q, err := s.parseList(query)
	if err != nil {
		return page{}, err
	}
	if s.databaseDown {
		return page{}, unavailable()
	}
	found := slices.DeleteFunc(s.live(), func(c *connection) bool { return !match(c) || !q.matches(c) })
	if !strings.EqualFold(query["sortOrder"], "asc") {
		slices.Reverse(found)
	}
	result := page{Items: []wireConnection{}, Page: q.page, Limit: q.limit, Total: len(found)}
	if q.page == 1 {
		for _, c := range internal {
			if q.kind == "" || c.kind == q.kind {
				result.Items = append(result.Items, c.wire())
				result.Total++
			}
		}
	}
	start := min(len(found)/q.limit+1, q.page-1) * q.limit // no product of two large numbers
	for _, c := range found[min(start, len(found)):min(start+q.limit, len(found))] {
		result.Items = append(result.Items, c.wire())
	}
	return result, nil
}

func (q listQuery) matches(c *connection) bool {
	if c.createdAt.Before(q.from) || c.createdAt.After(q.to) || q.kind != "" && c.kind != q.kind {
		return false
	}
	for key, want := range q.metadata {
		if have, ok := c.metadata[key].(string); !ok || have != want {
			return false
		}
	}
	return true
}

// parseList checks a query: each parameter, then what they say together. What it
// does not know it ignores, and so it does empty values.
func (s *Server) parseList(query map[string]string) (listQuery, error) {
	q := listQuery{metadata: map[string]string{}}
	for key, value := range query {
		if err := q.take(key, value); err != nil {
			return q, err
		}
	}
	var err error
	if q.limit, err = number(query, "limit", defaultLimit); err != nil {
		return q, err
	}
	if q.page, err = number(query, "page", 1); err != nil {
		return q, err
	}
	q.kind = strings.ToUpper(query["type"])
	if q.from, q.to, err = s.window(query["startDate"], query["endDate"]); err != nil {
		return q, err
	}
	return q, s.checkPage(q, strings.ToLower(query["sortOrder"]), query["cursor"])
}

// take reads a filter, and refuses parameters that no list has if they look
// dangerous.
func (q *listQuery) take(key, value string) error {
	if value == "" || slices.Contains(parameters, key) {
		return nil
	}
	if name, ok := strings.CutPrefix(key, "metadata."); ok {
		q.metadata[name] = value
		return nil
	}
	if strings.HasPrefix(key, "$") || strings.HasPrefix(key, "_") || len(key) > 64 || len(value) > 256 {
		return invalidQuery(formatted)
	}
	return nil
}

var parameters = []string{"limit", "page", "sortOrder", "startDate", "endDate", "type", "cursor"}

func (s *Server) checkPage(q listQuery, sortOrder, cursor string) error {
	switch {
	case q.limit < 1:
		return invalidQuery("limit must be greater than 0")
	case q.limit > s.opts.MaxPageSize:
		return invalid("Pagination Limit Exceeded", "FET-0406", fmt.Sprintf(
			"The pagination limit exceeds the maximum allowed of %d items per page. Please verify the limit and try again.", s.opts.MaxPageSize))
	case q.page < 1:
		return invalidQuery("page must be greater than 0")
	case !slices.Contains([]string{"", "asc", "desc"}, sortOrder):
		return invalid("Invalid Sort Order", "FET-0407",
			"The 'sort_order' field must be 'asc' or 'desc'. Please provide a valid sort order and try again.")
	}
	if cursor != "" {
		if decoded, err := base64.StdEncoding.DecodeString(cursor); err != nil || !json.Valid(decoded) {
			return invalidQuery("cursor")
		}
	}
	return nil
}

func number(query map[string]string, key string, fallback int) (int, error) {
	if query[key] == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(query[key])
	if err != nil {
		return 0, invalidQuery(formatted)
	}
	return n, nil
}

// window returns the dates of creation that a list shows: a month at most.
func (s *Server) window(startDate, endDate string) (from, to time.Time, err error) {
	now := s.now().UTC()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	for text, date := range map[*string]*time.Time{&startDate: &from, &endDate: &to} {
		if *text == "" {
			continue
		}
		if *date, err = time.Parse(time.DateOnly, *text); err != nil {
			return from, to, invalid("Invalid Date Format Error", "FET-0408",
				"The 'initialDate', 'finalDate', or both are in the incorrect format. Please use the 'yyyy-mm-dd' format and try again.")
		}
	}
	switch {
	case startDate == "" && endDate == "":
		to = today.AddDate(0, 0, 1)
	case endDate == "":
		to = from.AddDate(0, 0, 1)
	case startDate == "":
		from = today.AddDate(0, -1, 0)
	}
	if to.Before(from) {
		return from, to, invalid("Invalid Final Date Error", "FET-0409",
			"The 'finalDate' cannot be earlier than the 'initialDate'. Please verify the dates and try again.")
	}
	if to.Equal(from) {
		to = to.AddDate(0, 0, 1)
	}
	if earliest := to.AddDate(0, -1, 0); from.Before(earliest) {
		from = earliest
	}
	return from, to, nil
}
