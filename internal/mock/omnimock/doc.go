// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package omnimock is an in-memory Omni server: connections, connection
// environments and what belongs to them in Omni's REST API, as strict as the real one or stricter.
//
// It is written from Omni's public API references, not from the client that is
// tested against it. Where the references are silent it refuses what a real
// server might refuse; those choices are marked "Choice:" in the comments.
//
// A request passes, in this order: the record (Requests), scripted faults
// (Faults), the latency, authentication, the rate limit, routing, permissions,
// the body, and then the handler. No answer ever holds a secret
// (Options.EchoSecretsInErrors excepted). Tests can ask whether one was received
// (ReceivedSecret), and what is kept under its name on the wire (Secret): a
// privateKey that came without PEM headers has them there, and nothing is kept of
// a connection in the trash.
package omnimock
