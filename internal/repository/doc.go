// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package repository holds tests only: of what the files at the root say about
// the code, and of what every package does.
package repository
