// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// itemList is the list in an answer, under the first of its keys that is there. Its
// items are left to [httpclient.DecodeItems].
type itemList struct {
	keys  []string
	items *[]json.RawMessage
}

func listUnder(keys ...string) *itemList { return &itemList{keys: keys} }

// UnmarshalJSON finds the list.
func (l *itemList) UnmarshalJSON(data []byte) error {
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}
	for _, key := range l.keys {
		if value, ok := answer[key]; ok && l.items == nil {
			if err := json.Unmarshal(value, &l.items); err != nil {
				return inKey(key, err)
			}
		}
	}
	return nil
}

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
	return *answer.items, nil
}

// inKey names the key of a value that cannot be decoded.
func inKey(key string, err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		e.Field = key // as the decoder does for keys of structs
		return e
	}
	return fmt.Errorf("%s: %w", key, err)
}

// Validate requires the list.
func (l *itemList) Validate() error { return httpclient.RequireList(l.keys[0], l.items) }
