// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// itemList is the list in an answer, under the first of its keys that is there. Its
// items are left to [httpclient.DecodeItems]. The keys are fields, because a list can
// be long: so the decoder finds it in one pass.
type itemList struct {
	Connections  *[]json.RawMessage `json:"connections"`
	Environments *[]json.RawMessage `json:"connectionEnvironments"`
	Records      *[]json.RawMessage `json:"records"`
	Schedules    *[]json.RawMessage `json:"schedules"`

	keys []string
}

func listUnder(keys ...string) *itemList { return &itemList{keys: keys} }

// find returns the list, nil for none.
func (l *itemList) find() *[]json.RawMessage {
	lists := map[string]*[]json.RawMessage{
		"connections": l.Connections, "connectionEnvironments": l.Environments, "records": l.Records, "schedules": l.Schedules,
	}
	for _, key := range l.keys {
		if lists[key] != nil {
			return lists[key]
		}
	}
	return nil
}

// Validate requires the list.
func (l *itemList) Validate() error { return httpclient.RequireList(l.keys[0], l.find()) }

// listItems reads a list that servers of some generations do not have. Whether this
// one lacks it is remembered, so that it is asked once only; then the error is
// errLacking.
func (c *Client) listItems(ctx context.Context, path, key string, isLacking *atomic.Bool, errLacking error) ([]json.RawMessage, error) {
	if isLacking.Load() {
		return nil, errLacking
	}
	answer := listUnder(key)
	err := c.http.Do(ctx, httpclient.Request{Method: http.MethodGet, Path: []string{path}}, answer)
	if isUnsupported(err) {
		isLacking.Store(true)
		return nil, errLacking
	}
	if err != nil {
		return nil, err
	}
	return *answer.find(), nil
}
