// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package livetest holds tests alone: the core of the acceptance tests, with the
// built provider and nothing of a mock but its address. With -live they run
// against the servers that the shell's OMNI_* and REPORTER_* name (make
// test-live), without it against the mock server in a process of its own, once for
// each generation.
//
// Everything is named tf-acc-<random>, on hosts of reserved domains, and destroyed
// in the end. What needs a mock's own controls (faults, the vault, edits by
// others, an older generation) is not here.
package livetest
