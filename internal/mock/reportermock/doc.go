// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package reportermock is an in-memory server of the connection management API
// that Lerian Reporter is set up with (Fetcher Manager 2.0.2), as strict as the
// real one or stricter.
//
// It is written from observed exchanges with a running server, which
// testdata/exchanges.json repeats and the tests replay. Where nothing was
// observed it refuses what a real server might refuse; those choices are marked
// "Choice:" in the comments.
//
// A request passes, in this order: the record (Requests), scripted faults
// (Faults), the latency, routing, authentication, the rate limit, and then the
// handler. No answer ever holds a secret (Options.EchoSecretsInErrors excepted).
// Tests can ask whether one was received (ReceivedSecret), and what is kept of a
// connection as password, ssl.ca, ssl.cert and ssl.key (Secret).
package reportermock
