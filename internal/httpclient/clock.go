// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clockOffset is how far the server's clock is ahead of this machine's, as the
// Date headers of its answers tell: not less than one bound, and not more than the
// other. The zero value knows nothing.
type clockOffset struct{ bounds atomic.Pointer[offsetBounds] }

type offsetBounds struct{ least, most time.Duration }

// learn reads the date of the answer to a request. A fault may be another
// program's, such as a proxy's, and what comes from a cache (Age) is dated when it
// was new.
func (o *clockOffset) learn(status int, header http.Header, sent, received time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil || isFault(status) || header.Get("Age") != "" {
		return
	}
	// The server wrote it between the two, and the header has no fractions.
	o.bounds.Store(&offsetBounds{least: date.Sub(received), most: date.Add(time.Second).Sub(sent)})
}

// unknownOffset is how far apart two clocks may be of which nothing is known.
const unknownOffset = 2 * time.Minute

// ServerTime returns the earliest and the latest time that the server's clock can
// have shown when this machine's showed at. Compare them with times that the
// server gives, such as when an object was created. They are known from the Date
// header of the server's last answer, to a second plus the time that this answer
// took; before the first one, or if answers have no date, the two clocks count as
// two minutes apart at most.
func (c *Client) ServerTime(at time.Time) (earliest, latest time.Time) {
	bounds := c.clockOffset.bounds.Load()
	if bounds == nil {
		return at.Add(-unknownOffset), at.Add(unknownOffset)
	}
	return at.Add(bounds.least), at.Add(bounds.most)
}

// serverNow is when the server gave the last answer, by its own clock.
func (c *call) serverNow() time.Time {
	if date, err := http.ParseTime(c.last.header.Get("Date")); err == nil {
		return date
	}
	earliest, latest := c.client.ServerTime(c.client.config.Now())
	return earliest.Add(latest.Sub(earliest) / 2)
}
