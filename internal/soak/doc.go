// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package soak holds a test only: worlds of random configurations that are
// applied again and again, while servers fail and others meddle, and what must
// hold whatever happens. `make test` runs a few of them, `make soak` as many as
// fit into its time.
package soak
