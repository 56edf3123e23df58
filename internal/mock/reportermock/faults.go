// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"encoding/json"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// JobRunning is the answer to changing a connection that a job uses, as a fault:
// it can end by itself after some requests, where StartJob needs FinishJob.
func JobRunning() fault.Fault { return asFault(jobRunning("update")) }

// Unavailable is the answer of a server whose own database is down, as a fault.
func Unavailable() fault.Fault { return asFault(unavailable()) }

func asFault(r *refusal) fault.Fault {
	body, _ := json.Marshal(r.Body) // the server's own values always encode
	return fault.Answer(r.Status, string(body))
}
