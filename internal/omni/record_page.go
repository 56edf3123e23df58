// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// recordsPerPage is the largest page that the server gives.
const recordsPerPage = 100

// recordPage is one page of a list that goes on by a cursor.
type recordPage struct {
	PageInfo struct {
		HasNextPage bool   `json:"hasNextPage"`
		NextCursor  string `json:"nextCursor"`
	} `json:"pageInfo"`
	Records *[]json.RawMessage `json:"records"`

	// mayBeBare says that an array, which the hand-written docs have for dbt
	// environments, is the only page.
	mayBeBare bool
}

// UnmarshalJSON decodes either form.
func (p *recordPage) UnmarshalJSON(data []byte) error {
	if p.mayBeBare && bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		return json.Unmarshal(data, &p.Records)
	}
	type plain recordPage
	return json.Unmarshal(data, (*plain)(p))
}

// Validate requires the list and, if there is a next page, the way there.
func (p *recordPage) Validate() error {
	if err := httpclient.RequireList("records", p.Records); err != nil {
		return err
	}
	if p.PageInfo.HasNextPage && p.PageInfo.NextCursor == "" {
		return errors.New(`the JSON says that there is a next page, and has no "nextCursor"`)
	}
	return nil
}

// listRecords returns the records of all pages, each of the form that blank allows;
// what names them in errors.
func (c *Client) listRecords(ctx context.Context, path []string, filter url.Values, what string, blank recordPage) ([]json.RawMessage, error) {
	var all []json.RawMessage
	query := url.Values{"pageSize": {strconv.Itoa(recordsPerPage)}}
	maps.Copy(query, filter)
	for asked := map[string]bool{}; ; {
		page := blank
		if err := c.http.Do(ctx, httpclient.Request{Method: http.MethodGet, Path: path, Query: query}, &page); err != nil {
			return nil, err
		}
		all = append(all, *page.Records...)
		cursor := page.PageInfo.NextCursor
		if !page.PageInfo.HasNextPage {
			return all, nil
		}
		if asked[cursor] {
			return nil, fmt.Errorf("the server's list of %s has no end: it returned the same cursor twice", what)
		}
		asked[cursor] = true
		query.Set("cursor", cursor)
	}
}
