// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"errors"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// A request for a token that nobody waits for any more ends without a word about the
// one that came after it.
func TestAbandonedFetchLeavesTheNextAlone(t *testing.T) {
	t.Parallel()
	s := NewTokenSource(nil, "", secret.String{})
	canceled := false
	abandoned, next := &fetch{done: make(chan struct{}), waiting: 1, cancel: func() { canceled = true }}, &fetch{}
	s.fetching = next
	if s.leave(abandoned); !canceled || s.fetching != next {
		t.Errorf("canceled %t, and the next is %p", canceled, s.fetching)
	}
	s.finish(abandoned, tokenAnswer{}, time.Now(), errors.New("canceled"))
	if s.fetching != next || abandoned.err == nil {
		t.Errorf("%v, and the next is %p", abandoned.err, s.fetching)
	}
	<-abandoned.done
}
