// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"net/http"
	"time"

	"github.com/google/uuid"
)

// job is a refresh of a schema model.
type job struct {
	modelID string
	looks   int // how often it was looked at
}

type jobState int

const (
	jobRunning jobState = iota
	jobFailed
	jobCompleted
)

// refreshModel starts a job. Choice: a model that does not exist is 404, also
// where its id is that of a connection. There are no branches, so none is found.
func (s *Server) refreshModel(call call) (answer, error) {
	q := call.query
	if err := onlyQuery(q, "branch_id", "hard_refresh", "schemas", "tables"); err != nil {
		return answer{}, err
	}
	if err := checkID(call.id); err != nil {
		return answer{}, err
	}
	if len(call.body) > 0 { // Choice: no body is documented; an empty object does no harm
		body, err := parseObject(call.body)
		if err != nil {
			return answer{}, err
		}
		if err := onlyKeys(body, nil); err != nil {
			return answer{}, err
		}
	}
	hard := q.Get("hard_refresh")
	switch {
	case q.Has("hard_refresh") && hard != "true" && hard != "false":
		return answer{}, invalid("hard_refresh", "Invalid enum value. Expected 'true' | 'false', received '%s'", hard)
	case hard != "false" && (q.Has("schemas") || q.Has("tables")):
		return answer{}, refuse(http.StatusBadRequest, "schemas and tables need hard_refresh=false")
	}
	m := s.models[call.id]
	switch {
	case m == nil || m.deleted != nil:
		return answer{}, noModel(call.id)
	case q.Has("branch_id"):
		return answer{}, refuse(http.StatusNotFound, "Branch with id %s does not exist", q.Get("branch_id"))
	}
	id := uuid.NewString()
	s.jobs[id] = &job{modelID: m.id}
	return answer{http.StatusOK, map[string]any{"jobId": id, "modelId": m.id, "status": "running"}}, nil
}

// jobStatus tells how a refresh is doing. Specification and docs spell it in two
// ways.
func (s *Server) jobStatus(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	if err := checkID(call.id); err != nil {
		return answer{}, err
	}
	j, ok := s.jobs[call.id]
	if !ok {
		return answer{}, refuse(http.StatusNotFound, "Job with id %s does not exist", call.id)
	}
	kind, status := "REFRESH_SCHEMA", "IN_PROGRESS"
	if s.opts.DocumentedJobWords {
		kind, status = "refresh_schema", "RUNNING"
	}
	switch s.advance(j) {
	case jobFailed:
		status = "FAILED"
	case jobCompleted:
		status = "COMPLETED"
	}
	return answer{http.StatusOK, map[string]any{"job_id": call.id, "job_type": kind, "status": status}}, nil
}

// advance lets a job come further: it is over when it is looked at for the second
// time, since a test cannot wait for a database.
func (s *Server) advance(j *job) jobState {
	j.looks++
	switch {
	case s.opts.RefreshNeverEnds || j.looks == 1:
		return jobRunning
	case s.opts.RefreshFails:
		return jobFailed
	}
	if m := s.models[j.modelID]; m != nil {
		m.updated, m.refreshed = m.updated.Add(time.Millisecond), true
	}
	return jobCompleted
}

// isRefreshed looks at the jobs of a model too, which end whether or not somebody
// asks for their status.
func (s *Server) isRefreshed(m *model) bool {
	for _, j := range s.jobs {
		if j.modelID == m.id && !m.refreshed {
			s.advance(j)
		}
	}
	return m.refreshed
}
