// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package lifecycle holds tests only: the lifecycle matrix, which crosses every
// registered resource with every way in which Terraform can act on it.
//
// Nothing stands in for Terraform here. A real CLI runs, command by command, with
// the provider as it is built, in a process of its own, against the mock servers.
// A cell of the matrix is one resource in one way; a resource is a subject, a way
// is a row of ways. After each cell the state has what the server has, a plan is
// empty, nothing is stuck, and no message blames the provider.
//
// Cells of one way share a configuration and its commands, which is fast. Where
// one fails, each is tried by itself to tell which. `make lifecycle` tries every
// one by itself.
package lifecycle
