// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// batchWindow is how long a creation waits for another one of the same base where
// nothing shows yet that there are any. Terraform starts what it runs in parallel
// within a few milliseconds, but on a large state it needs longer for each.
const batchWindow = 90 * time.Millisecond

// environmentBatches puts the environments of one base that are created at the
// same time into one request, because the endpoint takes a list and the server
// allows few requests a minute.
type environmentBatches struct {
	client   *omni.Client
	handover *handover
	window   time.Duration

	mu   sync.Mutex
	open map[string]*environmentBatch // by base: those that still take members
}

// environmentBatch is one request in the making. The results are set before
// done closes.
type environmentBatch struct {
	ctx     context.Context //nolint:containedctx // it outlives each member's own
	cancel  context.CancelFunc
	members []string // connection ids
	waiting int      // members whose context has not ended
	done    chan struct{}

	environments map[string]omni.Environment
	errs         map[string]error
}

// create adds the connection to the base's batch and returns its part of the
// result. A member whose context ends still waits for the result, which may be
// an environment that must not be lost; the request itself is given up when the
// contexts of all members have ended.
func (b *environmentBatches) create(ctx context.Context, baseConnectionID, connectionID string) (omni.Environment, error) {
	batch, isFirst := b.join(ctx, baseConnectionID, connectionID)
	stop := context.AfterFunc(ctx, func() { b.leave(batch) })
	defer stop()
	gathering, stopGathering := context.WithCancel(ctx)
	defer stopGathering()
	context.AfterFunc(batch.ctx, stopGathering)
	_, end := b.handover.gather(gathering, b.client.IsThrottled(), b.window)
	defer end()
	if isFirst {
		// While the rate limit holds it back anyway, the batch takes members.
		hasTurn := b.client.Turn(batch.ctx)
		b.send(baseConnectionID, batch, hasTurn)
	}
	<-batch.done
	return batch.environments[connectionID], batch.errs[connectionID]
}

func (b *environmentBatches) join(ctx context.Context, baseConnectionID, connectionID string) (*environmentBatch, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	batch := b.open[baseConnectionID]
	// The same connection twice is for the server to refuse, in requests apart.
	isFirst := batch == nil || slices.Contains(batch.members, connectionID)
	if isFirst {
		batch = &environmentBatch{done: make(chan struct{}), environments: map[string]omni.Environment{}, errs: map[string]error{}}
		batch.ctx, batch.cancel = context.WithCancel(context.WithoutCancel(ctx))
		set(&b.open, baseConnectionID, batch)
	}
	batch.members = append(batch.members, connectionID)
	batch.waiting++
	return batch, isFirst
}

func (b *environmentBatches) leave(batch *environmentBatch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	batch.waiting--
	if batch.waiting == 0 {
		batch.cancel()
	}
}

// send closes the batch to further members and posts it. If the server refuses
// it, one member may be the reason for all: then each is tried alone.
func (b *environmentBatches) send(baseConnectionID string, batch *environmentBatch, hasTurn bool) {
	b.mu.Lock()
	if b.open[baseConnectionID] == batch {
		delete(b.open, baseConnectionID)
	}
	b.mu.Unlock()
	defer close(batch.done)
	defer batch.cancel()

	err := b.postSome(batch, baseConnectionID, batch.members, hasTurn)
	refused := httpclient.IsBadRequest(err) || httpclient.IsNotFound(err) || httpclient.IsConflict(err)
	for _, id := range batch.members {
		if refused && len(batch.members) > 1 {
			batch.errs[id] = b.postSome(batch, baseConnectionID, []string{id}, false)
		} else {
			batch.errs[id] = err
		}
	}
}

func (b *environmentBatches) postSome(batch *environmentBatch, baseConnectionID string, connectionIDs []string, hasTurn bool) error {
	environments, err := b.client.CreateEnvironments(batch.ctx, baseConnectionID, connectionIDs, hasTurn)
	if err != nil {
		return err
	}
	for i, id := range connectionIDs {
		batch.environments[id] = environments[i]
	}
	return nil
}
