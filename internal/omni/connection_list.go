// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"sync"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// connectionList decodes the list of all connections. An apply lists them again and
// again, and most of them are in the answer as they were in the one before: these are
// not decoded a second time, which is most of the work. It is safe for concurrent use.
type connectionList struct {
	mu     sync.Mutex
	last   []Connection
	byText map[[sha256.Size]byte]int // where last has what was decoded from this text
}

func (l *connectionList) decode(items []json.RawMessage) []Connection {
	l.mu.Lock()
	defer l.mu.Unlock()
	all, byText := make([]Connection, len(items)), make(map[[sha256.Size]byte]int, len(items))
	var unknown []json.RawMessage
	var at []int
	for i, item := range items {
		sum := sha256.Sum256(item)
		if known, ok := l.byText[sum]; ok {
			all[i] = l.last[known]
		} else {
			unknown, at = append(unknown, item), append(at, i)
		}
		byText[sum] = i
	}
	for n, decoded := range decodeConnections(unknown) {
		all[at[n]] = decoded
	}
	l.last, l.byText = slices.Clone(all), byText // the caller may sort its own
	return all
}

func decodeConnections(items []json.RawMessage) []Connection {
	return httpclient.DecodeItems(items, "connection", (*Connection).check, func(c *Connection, item json.RawMessage, problem error) {
		*c = Connection{ID: httpclient.TextOf(item, "id"), Problem: problem}
	})
}
