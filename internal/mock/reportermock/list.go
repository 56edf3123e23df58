// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
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
	ascending   bool
	from, to    time.Time // both inclusive
	kind        string
	metadata    map[string]string
}

const (
	defaultLimit = 10
	maxLimit     = 100
)

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
func (s *Server) listWhere(query url.Values, match func(*connection) bool, internal []*connection) (page, error) {
	q, err := s.parseList(query)
	if err != nil {
		return page{}, err
	}
	if s.databaseDown {
		return page{}, unavailable()
	}
	found := slices.DeleteFunc(s.live(), func(c *connection) bool { return !match(c) || !q.matches(c) })
	if !q.ascending {
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

// parseList checks a query. What it does not know it ignores.
func (s *Server) parseList(query url.Values) (listQuery, error) {
	q := listQuery{page: 1, limit: defaultLimit, metadata: map[string]string{}}
	for key := range query {
		value := query.Get(key)
		if strings.HasPrefix(key, "$") || strings.HasPrefix(key, "_") || len(key) > 64 || len(value) > 256 {
			return q, invalidQuery(formatted)
		}
		if name, ok := strings.CutPrefix(key, "metadata."); ok && value != "" {
			q.metadata[name] = value
		}
	}
	var err error
	if q.limit, err = positive(query, "limit", defaultLimit); err != nil {
		return q, err
	}
	if q.limit > maxLimit {
		return q, invalid("Pagination Limit Exceeded", "FET-0406",
			"The pagination limit exceeds the maximum allowed of 100 items per page. Please verify the limit and try again.")
	}
	if q.page, err = positive(query, "page", 1); err != nil {
		return q, err
	}
	switch strings.ToLower(query.Get("sortOrder")) {
	case "", "desc":
	case "asc":
		q.ascending = true
	default:
		return q, invalid("Invalid Sort Order", "FET-0407",
			"The 'sort_order' field must be 'asc' or 'desc'. Please provide a valid sort order and try again.")
	}
	if cursor := query.Get("cursor"); cursor != "" {
		if decoded, err := base64.StdEncoding.DecodeString(cursor); err != nil || !json.Valid(decoded) {
			return q, invalidQuery("cursor")
		}
	}
	q.kind = strings.ToUpper(query.Get("type"))
	q.from, q.to, err = s.window(query.Get("startDate"), query.Get("endDate"))
	return q, err
}

func positive(query url.Values, key string, fallback int) (int, error) {
	text := query.Get(key)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, invalidQuery(formatted)
	case n < 1:
		return 0, invalidQuery(key + " must be greater than 0")
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
		from = to.AddDate(0, -1, 0)
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
