// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

// A list shows the connections that were created within a month: a longer range
// is cut without a word, to what could be 28 days. So a list of everything walks
// through windows of that length.
const windowDays = 28

// maxPageSize is the largest page that a server gives which its operator did not
// set a lower limit for.
const maxPageSize = 100

// windows yields pairs of dates, the latest first. Both are inclusive at
// midnight UTC, so that a window begins where the one after it ends. The first
// ends beyond tomorrow, because the server's clock need not be ours.
func windows(now, createdAfter time.Time) iter.Seq2[time.Time, time.Time] {
	const day = 24 * time.Hour // in UTC every day is as long
	return func(yield func(time.Time, time.Time) bool) {
		earliest := createdAfter.UTC().Truncate(day)
		end := now.UTC().Truncate(day).Add(2 * day)
		for end.After(earliest) {
			start := end.Add(-windowDays * day)
			if start.Before(earliest) {
				start = earliest
			}
			if !yield(start, end) {
				return
			}
			end = start
		}
	}
}

// ConnectionFilter narrows a list. Zero fields do not. The server filters by the
// first three; what it does not filter, or not for all connections, is filtered
// here.
type ConnectionFilter struct {
	ProductName string
	Type        string
	Metadata    map[string]string // all of these texts
	// CreatedAfter ends the list earlier than [Options.CreatedAfter] does.
	CreatedAfter time.Time
}

// Limits of the server on a filter's key and value.
const (
	maxFilterKey   = 64
	maxFilterValue = 256
)

// query is what the server is asked to filter by, beyond the product's header.
// An empty value would count as none, and a dot could mean a nested object.
func (f ConnectionFilter) query() url.Values {
	query := url.Values{}
	if f.Type != "" {
		query.Set("type", f.Type)
	}
	for key, value := range f.Metadata {
		if name := "metadata." + key; value != "" && !strings.Contains(key, ".") && len(name) <= maxFilterKey && len(value) <= maxFilterValue {
			query.Set(name, value)
		}
	}
	return query
}

// matches checks what came. The server shows its internal connections, which have
// no date, whatever is asked for, and a connection that cannot be read is kept,
// with its problem.
func (f ConnectionFilter) matches(c *Connection) bool {
	if c.Problem != nil {
		return true
	}
	if f.ProductName != "" && c.ProductName.Or("") != NormalizeProductName(f.ProductName) {
		return false
	}
	if c.CreatedAt.Or(time.Time{}).Before(f.CreatedAfter) && !c.IsInternal() {
		return false
	}
	metadata := c.Metadata.Or(nil)
	for key, want := range f.Metadata {
		if have, ok := metadata[key].(string); !ok || have != want {
			return false
		}
	}
	return true
}

// ListConnections returns the connections that match and were created since
// [Options.CreatedAfter], the internal ones first, the rest in no particular
// order.
func (c *Client) ListConnections(ctx context.Context, filter ConnectionFilter) ([]Connection, error) {
	return c.listAll(ctx, connectionsPath(), filter)
}

// FindConnection returns the connection with this name, of whatever product, or
// nil where there is none. Names are unique and case counts. It looks at the
// newest connections first, and ends where it finds the name. Internal
// connections are passed over. It is an error where a connection without a readable
// name may have it.
func (c *Client) FindConnection(ctx context.Context, configName string) (*Connection, error) {
	var nameless error
	for connection, err := range c.walk(ctx, connectionsPath(), ConnectionFilter{}) {
		if err != nil {
			return nil, err
		}
		if connection.ConfigName.Or("") == configName && !connection.IsInternal() {
			return &connection, nil
		}
		if connection.Problem != nil && !isKnown(connection.ConfigName) {
			nameless = fmt.Errorf("connection %q may have this name: %w", connection.ID, connection.Problem)
		}
	}
	return nil, nameless
}

func (c *Client) listAll(ctx context.Context, path []string, filter ConnectionFilter) ([]Connection, error) {
	all := []Connection{}
	for connection, err := range c.walk(ctx, path, filter) {
		if err != nil {
			return nil, err
		}
		if filter.matches(&connection) {
			all = append(all, connection)
		}
	}
	return all, nil
}

// walk yields each connection once, or an error and then nothing.
func (c *Client) walk(ctx context.Context, path []string, filter ConnectionFilter) iter.Seq2[Connection, error] {
	return func(yield func(Connection, error) bool) {
		seen := map[string]bool{} // internal ones are in every window
		earliest := c.createdAfter
		if filter.CreatedAfter.After(earliest) {
			earliest = filter.CreatedAfter
		}
		for start, end := range windows(c.now(), earliest) {
			connections, err := c.readWindow(ctx, path, filter, start, end)
			if err != nil {
				yield(Connection{}, err)
				return
			}
			for _, connection := range connections {
				if connection.ID != "" && seen[connection.ID] {
					continue
				}
				seen[connection.ID] = true
				if !yield(connection, nil) {
					return
				}
			}
		}
	}
}

// maxRereads bounds how often a window is read again because it changed.
const maxRereads = 3

// readWindow returns all pages of one window. When connections are deleted
// between two pages, those behind them move up, and one could slip from the
// second page to the first unseen; the total betrays that, and the window is
// read again. So it is where the server gives smaller pages only.
func (c *Client) readWindow(ctx context.Context, path []string, filter ConnectionFilter, start, end time.Time) ([]Connection, error) {
	query := filter.query()
	query.Set("startDate", start.Format(time.DateOnly))
	query.Set("endDate", end.Format(time.DateOnly))
	query.Set("sortOrder", "asc") // what is created meanwhile comes last
	rereads := 0
	for {
		size := int(c.pageSize.Load())
		connections, changed, err := c.readPages(ctx, path, productHeader(filter.ProductName), query, size)
		if limit, ok := pageCap(err); ok && limit < size {
			c.pageSize.Store(int64(limit))
			continue
		}
		if err != nil || !changed || rereads == maxRereads {
			return connections, err
		}
		rereads++
	}
}

func (c *Client) readPages(ctx context.Context, path []string, header http.Header, query url.Values, size int) (all []Connection, changed bool, err error) {
	query.Set("limit", strconv.Itoa(size))
	var firstTotal int
	seen := map[string]bool{}
	for page := 1; ; page++ {
		query.Set("page", strconv.Itoa(page))
		var answer connectionPage
		err := c.http.Do(ctx, httpclient.Request{
			Method: http.MethodGet,
			Path:   path,
			Header: header,
			Query:  query,
		}, &answer)
		if err != nil {
			return nil, false, err
		}
		if answer.Page != 0 && answer.Page != page {
			return nil, false, fmt.Errorf("reading the list of connections: the server gave page %d where page %d was asked for", answer.Page, page)
		}
		connections := answer.connections()
		// The internal ones are part of the first page's total only.
		total := answer.Total
		for i := range connections {
			if connections[i].IsInternal() {
				total--
			}
		}
		if page == 1 {
			firstTotal = total
		}
		changed = changed || total != firstTotal
		all = append(all, connections...)
		if len(connections) < answer.size(size) {
			return all, changed, nil
		}
		if !addNew(seen, connections) {
			return nil, false, fmt.Errorf("reading the list of connections: the server's page %d repeats the pages before it, so the list has no end", page)
		}
	}
}

// addNew adds the ids of connections, and reports whether there was a new one.
func addNew(ids map[string]bool, connections []Connection) bool {
	before := len(ids)
	for i := range connections {
		ids[connections[i].ID] = true
	}
	return len(ids) > before
}

type connectionPage struct {
	Items *[]json.RawMessage `json:"items"`
	Page  int                `json:"page"`
	Limit int                `json:"limit"`
	Total int                `json:"total"`
}

// Validate requires the list.
func (p *connectionPage) Validate() error { return httpclient.RequireList("items", p.Items) }

// size is how many connections a full page has, where this many were asked for.
func (p *connectionPage) size(asked int) int {
	if p.Limit > 0 && p.Limit < asked {
		return p.Limit
	}
	return asked
}

func (p *connectionPage) connections() []Connection {
	return httpclient.DecodeItems(*p.Items, "connection", (*Connection).check, (*Connection).markOdd)
}

// markOdd keeps what tells an odd connection from others.
func (c *Connection) markOdd(item json.RawMessage, problem error) {
	c.ID = httpclient.TextOf(item, "id")
	if name := httpclient.TextOf(item, "configName"); name != "" {
		c.ConfigName = nullable.Of(name)
	}
	c.Problem = problem
}
