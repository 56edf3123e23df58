// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package listonce

import (
	"slices"
	"strings"
)

// List is a collection in one order, made once where it is loaded, with an index
// by key. Whoever reads it gets the same slice: do not change it.
type List[T any] struct {
	All   []T
	index map[string]int
}

// NewList sorts items by compare and indexes them by key, in which case does not
// count. An item without a key is in All only; of two with one key the index has
// the last.
func NewList[T any](items []T, key func(T) string, compare func(a, b T) int) List[T] {
	slices.SortStableFunc(items, compare)
	index := make(map[string]int, len(items))
	for i, item := range items {
		if k := key(item); k != "" {
			index[strings.ToLower(k)] = i
		}
	}
	return List[T]{All: items, index: index}
}

// Find returns the item of this key.
func (l List[T]) Find(key string) (item T, ok bool) {
	i, ok := l.index[strings.ToLower(key)]
	if !ok {
		return item, false
	}
	return l.All[i], true
}
