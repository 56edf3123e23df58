// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package host

import "strings"

// Routes are handlers of the type H by path and method. In a path "*" stands for
// one segment. Where several paths are a request's, one with its method wins,
// and then the one with fewer "*".
type Routes[H any] map[string]map[string]H

// Match is what Find found.
type Match[H any] struct {
	Path     string // of the route; "" where no route has the request's path
	Segments []string
	Handle   H
	Found    bool // the route has the request's method
}

// Segment returns what the nth "*" of the path, from 0, stands for: "" where the
// path has fewer.
func (m Match[H]) Segment(n int) string {
	if n >= len(m.Segments) {
		return ""
	}
	return m.Segments[n]
}

// Find looks for the route of a request.
func (r Routes[H]) Find(method, urlPath string) Match[H] {
	var best Match[H]
	for path, methods := range r {
		segments, ok := match(path, urlPath)
		if !ok {
			continue
		}
		handle, found := methods[method]
		this := Match[H]{Path: path, Segments: segments, Handle: handle, Found: found}
		if this.isBetter(best) {
			best = this
		}
	}
	return best
}

// Methods returns the methods of all routes with a path.
func (r Routes[H]) Methods(urlPath string) map[string]bool {
	all := map[string]bool{}
	for path, methods := range r {
		if _, ok := match(path, urlPath); ok {
			for method := range methods {
				all[method] = true
			}
		}
	}
	return all
}

func (m Match[H]) isBetter(than Match[H]) bool {
	if than.Path == "" || m.Found != than.Found {
		return than.Path == "" || m.Found
	}
	return len(m.Segments) < len(than.Segments)
}

// match compares a route's path with that of a request, and returns what each
// "*" stands for.
func match(path, urlPath string) (segments []string, ok bool) {
	pattern, given := strings.Split(path, "/"), strings.Split(urlPath, "/")
	if len(pattern) != len(given) {
		return nil, false
	}
	for i, segment := range given {
		switch {
		case pattern[i] == "*" && segment != "":
			segments = append(segments, segment)
		case pattern[i] != segment:
			return nil, false
		}
	}
	return segments, true
}
