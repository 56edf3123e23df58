// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import "time"

// SetClock gives a token source another clock.
func SetClock(s *TokenSource, now func() time.Time) { s.now = now }
