// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

var errHeld = &httpclient.Error{Status: 409, Kind: httpclient.KindConflict, Code: "FET-1021", Message: "cannot update connection with active jobs"}

// errMayBeDone is a refusal after a try that may have been carried out.
var errMayBeDone = &httpclient.Error{Status: 409, Kind: httpclient.KindConflict, Code: "FET-1021", MayBeDone: true}

func TestWhileJobRuns(t *testing.T) {
	t.Parallel()
	other := errors.New("refused")
	lost := &httpclient.Error{Kind: httpclient.KindTimeout, MayBeDone: true}
	late := &httpclient.Error{Kind: httpclient.KindTimeout, Err: context.DeadlineExceeded}
	for name, test := range map[string]struct {
		answers []error // the last one repeats
		takes   time.Duration
		want    error // nil is success; errHeld means a HeldByJobError
		words   string
	}{
		"no job":            {[]error{nil}, 0, nil, ""},
		"refused":           {[]error{other}, 0, other, ""},
		"ends":              {[]error{errHeld, errHeld, errHeld, nil}, 3500 * time.Millisecond, nil, ""},
		"ends, and refused": {[]error{errHeld, other}, 500 * time.Millisecond, other, ""},
		"does not end":      {[]error{errHeld}, time.Minute, errHeld, "not ended after 1m0s and 10 tries, when the operation timed out; raise"},
		"may be done":       {[]error{errMayBeDone, errHeld}, time.Minute, errMayBeDone, "not ended after 1m0s"},
		"canceled":          {[]error{errHeld}, 20 * time.Second, errHeld, "after 20s and 6 tries, when the operation was canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if name == "canceled" {
					time.AfterFunc(20*time.Second, cancel)
				}
				began := time.Now()
				err := reporter.WhileJobRuns(ctx, func() error {
					answer := test.answers[0]
					test.answers = test.answers[min(1, len(test.answers)-1):]
					return answer
				})
				if d := time.Since(began); d != test.takes || !errors.Is(err, test.want) {
					t.Errorf("%v after %s", err, d)
				}
				if held, ok := errors.AsType[*reporter.HeldByJobError](err); ok != (test.words != "") || ok && !strings.Contains(held.Error(), test.words) {
					t.Errorf("%v, want %q", err, test.words)
				}
				if errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v reads as if a list had been waited for", err)
				}
			})
		})
	}
	// The end of the time says nothing of a job where the first try is refused otherwise.
	over, end := context.WithCancel(t.Context())
	end()
	if err := reporter.WhileJobRuns(over, func() error { return other }); !errors.Is(err, other) {
		t.Errorf("%v", err)
	}
	// The time ends in the middle of the second try, which ends in last.
	endingWith := func(t *testing.T, last error) (tries int, err error) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		err = reporter.WhileJobRuns(ctx, func() error {
			if tries++; tries == 1 {
				return errHeld
			}
			cancel()
			return last
		})
		return tries, err
	}
	// One that succeeds at the very end has succeeded.
	synctest.Test(t, func(t *testing.T) {
		if tries, err := endingWith(t, nil); err != nil || tries != 2 {
			t.Errorf("%v after %d tries", err, tries)
		}
	})
	// One that ended by the deadline says so only if it may have been carried out.
	for _, last := range []*httpclient.Error{lost, late} {
		synctest.Test(t, func(t *testing.T) {
			_, err := endingWith(t, last)
			if reporter.IsJobRunning(err) == last.MayBeDone {
				t.Errorf("%+v: %v", last, err)
			}
		})
	}
}
