// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// reportEvery is how often a refresh that takes long says that it is still going
// on.
const reportEvery = 30 * time.Second

// FollowRefresh returns when the job of a schema's refresh has ended, with an error if
// it failed or if its end was not seen within the time that the attribute timeout
// allows. It tells say what the job's status is.
func FollowRefresh(ctx context.Context, access *inventory.Inventory, job, timeout string, say func(format string, args ...any)) error {
	started := time.Now()
	last, lastReport := "", started
	err := access.AwaitJob(ctx, job, func(status string) {
		if status == last && time.Since(lastReport) < reportEvery {
			return
		}
		last, lastReport = status, time.Now()
		say("After %s the job is %s.", time.Since(started).Round(time.Second), strings.ToLower(strings.ReplaceAll(status, "_", " ")))
	})
	if err == nil {
		return nil
	}
	if _, failed := errors.AsType[*inventory.JobFailedError](err); failed {
		return fmt.Errorf("%w. Omni's user interface may say more, in the settings of the connection: usually Omni cannot reach the database, or the database user may not read the schema", err)
	}
	switch ctx.Err() {
	case nil:
		return fmt.Errorf("%w. The refresh has begun, and goes on in Omni as job %s", err, job)
	case context.DeadlineExceeded:
		// The cause says no more than this, and %w would bring advice on lists.
		return fmt.Errorf("it was not done within %s. It goes on in Omni as job %s: raise the timeout, or do not wait for it", timeout, job)
	default:
		return fmt.Errorf("waiting for it was interrupted (%w). It goes on in Omni as job %s", context.Cause(ctx), job)
	}
}
