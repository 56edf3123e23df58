// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package listonce

import (
	"maps"
	"slices"
	"sync"
)

// Group has one V for each key, made when it is first asked for: where a server
// lists a part of a collection at a time, each part has its own store. It is safe
// for concurrent use.
type Group[K comparable, V any] struct {
	newMember func(K) V

	mu    sync.Mutex
	byKey map[K]V
}

// NewGroup returns a group whose members come from newMember, which must not block.
func NewGroup[K comparable, V any](newMember func(K) V) *Group[K, V] {
	return &Group[K, V]{newMember: newMember, byKey: map[K]V{}}
}

// Of returns the member of this key.
func (g *Group[K, V]) Of(key K) V {
	g.mu.Lock()
	defer g.mu.Unlock()
	member, ok := g.byKey[key]
	if !ok {
		member = g.newMember(key)
		g.byKey[key] = member
	}
	return member
}

// Members returns those that were asked for until the call, in no order.
func (g *Group[K, V]) Members() []V {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Collect(maps.Values(g.byKey))
}
