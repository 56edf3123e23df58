// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// The kinds of request, in the order of the tables.
const (
	getList = "GET list"
	getOne  = "GET one"
)

var kinds = []string{getList, getOne, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// requests counts what a server got.
type requests struct {
	byKind  map[string]int // but for those that were refused
	refused int            // with status 429, for the rate limit
	span    time.Duration  // from the first of all to the last
}

func countRequests(all []omnimock.Request) requests {
	counted := requests{byKind: map[string]int{}}
	if len(all) > 0 {
		counted.span = all[len(all)-1].Time.Sub(all[0].Time)
	}
	for _, r := range all {
		if r.Status == http.StatusTooManyRequests {
			counted.refused++
		} else {
			counted.byKind[kindOf(r)]++
		}
	}
	return counted
}

// kindOf tells a list from one object by the path: /api/v1/<collection>[/<id>].
func kindOf(r omnimock.Request) string {
	const segmentsOfList = 3
	switch {
	case r.Method != http.MethodGet:
		return r.Method
	case strings.Count(r.Path, "/") <= segmentsOfList:
		return getList
	default:
		return getOne
	}
}

func (r requests) total() int {
	n := 0
	for _, count := range r.byKind {
		n += count
	}
	return n
}
