// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// The waits between tries while a job holds a connection.
const (
	jobFirstWait = 500 * time.Millisecond
	jobLastWait  = 10 * time.Second
)

// HeldByJobError says that a job held the connection for all the time that there
// was.
type HeldByJobError struct {
	Err   error         // the server's last refusal
	Held  time.Duration // from the first refusal to the end
	Tries int
	// Canceled says that the user ended the wait, and not the deadline.
	Canceled bool
}

func (e *HeldByJobError) Error() string {
	end := "when the operation timed out; raise the resource's timeout, or apply again once the job has ended"
	if e.Canceled {
		end = "when the operation was canceled"
	}
	return fmt.Sprintf("%s. A job of the service was using the connection and had not ended after %s and %d tries, %s", e.Err, e.Held.Round(time.Second), e.Tries, end)
}

// Unwrap returns the refusal.
func (e *HeldByJobError) Unwrap() error { return e.Err }

// WhileJobRuns repeats send while the server says that a job holds the
// connection. When the context ends first, the error is a [HeldByJobError].
func WhileJobRuns(ctx context.Context, send func() error) error {
	var held *HeldByJobError
	var since time.Time
	for wait := jobFirstWait; ; wait = min(2*wait, jobLastWait) {
		err := send()
		switch {
		case IsJobRunning(err):
			if held == nil {
				held, since = &HeldByJobError{}, time.Now()
			}
			if !httpclient.MayBeDone(held.Err) {
				held.Err = err
			}
			held.Tries++
		case held != nil && ctx.Err() != nil && !httpclient.MayBeDone(err) && err != nil:
			// The last try came too late; it was the job that took the time.
		default:
			return err
		}
		if httpclient.Sleep(ctx, wait) != nil {
			held.Held, held.Canceled = time.Since(since), errors.Is(ctx.Err(), context.Canceled)
			return held
		}
	}
}
