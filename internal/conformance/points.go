// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package conformance asks a server what the references leave open: each choice
// that the mocks make, and each point on which the references are silent or
// disagree. The same questions go to the mock; where the two answers differ, the
// mock is not what this server is.
//
// It judges neither: a difference is news for whoever writes the mock, and the
// provider has to take both answers.
package conformance

import "slices"

// Point is a question to a server.
type Point struct {
	ID     string // system/object/question; it stays the same from report to report
	System string // live.Omni or live.Reporter
	Asks   string // what is asked, in a few words
	// Choices are the declarations of the mock that decide this point, such as
	// omnimock.fillDefaults.
	Choices []string
	// Reads says that the probe sends GETs alone.
	Reads bool
	// Probe sends requests and returns what the server does, in words that are the
	// same for every run. nil means that it cannot be asked from outside: Why says
	// why not.
	Probe func(*Probe) string
	Why   string
}

// Points are all questions, by system and object.
func Points() []Point {
	return slices.Concat(omniConnections(), omniErrors(), omniEnvironments(), omniModels(), omniDBT(), omniAttributes(), omniUsers(), reporterConnections(), reporterErrors())
}
