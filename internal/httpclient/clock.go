// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clockOffset is how far the server's clock is ahead of this machine's, as the
// Date headers of its answers tell.
type clockOffset struct{ nanoseconds atomic.Int64 }

// learn reads the date of an answer. A fault may be another program's, such as a
// proxy's, and what comes from a cache (Age) is dated when it was new.
func (o *clockOffset) learn(status int, header http.Header, received time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil || isFault(status) || header.Get("Age") != "" {
		return
	}
	// The header has no fractions: half a second more is right on average.
	o.nanoseconds.Store(int64(date.Add(500 * time.Millisecond).Sub(received)))
}

// ServerTime returns the time that the server's clock showed when this machine's
// showed at. Compare it with times that the server gives, such as when an object
// was created. It knows the clock from the Date header of the server's last
// answer, to half a second plus the time that answer took on the way; before the
// first answer, or if answers have no date, it returns at.
func (c *Client) ServerTime(at time.Time) time.Time {
	return at.Add(time.Duration(c.clockOffset.nanoseconds.Load()))
}

// serverNow is when the server gave the last answer, by its own clock.
func (c *call) serverNow() time.Time {
	if date, err := http.ParseTime(c.last.header.Get("Date")); err == nil {
		return date
	}
	return c.client.ServerTime(c.client.config.Now())
}
