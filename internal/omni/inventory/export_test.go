// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import "time"

// SetBatchWindow lets a test wait for a whole batch on a busy machine too.
func (i *Inventory) SetBatchWindow(d time.Duration) { i.batches.window = d }
