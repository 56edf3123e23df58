// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the same names on every machine

	"github.com/google/uuid"
)

// Schedule is a schedule on the server: it refreshes a connection's schema.
type Schedule struct {
	ID           string
	ConnectionID string
	Schedule     string // six fields, as AWS EventBridge has them
	Timezone     string
	HardRefresh  bool
	CreatedAt    time.Time
	UpdatedAt    time.Time
	DisabledAt   *time.Time
}

// scheduleStore holds schedules and what they need: schema models, and the jobs
// that refresh them.
type scheduleStore struct {
	schedules map[string]*Schedule
	models    map[string]*model // by connection
	jobs      map[string]*job
}

func newScheduleStore() scheduleStore {
	return scheduleStore{schedules: map[string]*Schedule{}, models: map[string]*model{}, jobs: map[string]*job{}}
}

func (s *Server) scheduleRoutes() routes {
	if s.opts.Generation == Guide2025 {
		return nil // the guide has none
	}
	return routes{
		"connections/*/schedules":   {"GET": s.listSchedules, "POST": s.createSchedule},
		"connections/*/schedules/*": {"GET": s.getSchedule, "PUT": s.updateSchedule, "DELETE": s.deleteSchedule},
	}
}

// scheduleObject is the schedule as the API shows it, without a wrapper. The key
// hardRefresh came in July 2026.
func (s *Server) scheduleObject(o *Schedule) map[string]any {
	object := map[string]any{
		"scheduleId": o.ID, "connectionId": o.ConnectionID, "schedule": o.Schedule, "timezone": o.Timezone,
		"description": fmt.Sprintf("Runs on %s in %s", o.Schedule, o.Timezone),
		"hardRefresh": o.HardRefresh, "disabledAt": nil,
		"createdAt": timestamp(o.CreatedAt), "updatedAt": timestamp(o.UpdatedAt),
	}
	if o.DisabledAt != nil {
		object["disabledAt"] = timestamp(*o.DisabledAt)
	}
	if s.opts.NoHardRefresh {
		delete(object, "hardRefresh")
	}
	return object
}

// scheduled checks that there is a connection that can have schedules. A live server was seen
// to answer 404 to the creation of one until the connection has its schema model,
// although the connection itself could be fetched. Choice: the list answers the
// same.
func (s *Server) scheduled(id string) error {
	if err := checkID(id); err != nil {
		return err
	}
	if _, ok := s.live(id); !ok || s.models[id] == nil && !s.opts.SchedulesWithoutModel {
		return noConnection(id)
	}
	return nil
}

// schedule returns a schedule of the connection; one of another is not found.
func (s *Server) schedule(call call) (*Schedule, error) {
	if err := onlyQuery(call.query); err != nil {
		return nil, err
	}
	if err := s.scheduled(call.id); err != nil {
		return nil, err
	}
	if err := checkID(call.sub); err != nil {
		return nil, err
	}
	o, ok := s.schedules[call.sub]
	if !ok || o.ConnectionID != call.id {
		return nil, refuse(http.StatusNotFound, "Schedule not found")
	}
	return o, nil
}

func (s *Server) listSchedules(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	if err := s.scheduled(call.id); err != nil {
		return answer{}, err
	}
	objects := []map[string]any{}
	for _, o := range s.sortedSchedules() {
		if o.ConnectionID == call.id {
			objects = append(objects, s.scheduleObject(&o))
		}
	}
	return answer{http.StatusOK, map[string]any{"schedules": objects}}, nil
}

func (s *Server) getSchedule(call call) (answer, error) {
	o, err := s.schedule(call)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, s.scheduleObject(o)}, nil
}

func (s *Server) createSchedule(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	if err := s.scheduled(call.id); err != nil {
		return answer{}, err
	}
	o := &Schedule{ID: uuid.NewString(), ConnectionID: call.id}
	if err := s.setSchedule(o, call.body); err != nil {
		return answer{}, err
	}
	o.CreatedAt = o.UpdatedAt
	s.schedules[o.ID] = o
	return answer{http.StatusCreated, s.scheduleObject(o)}, nil
}

// updateSchedule replaces the whole: a key that is left out gets its default.
func (s *Server) updateSchedule(call call) (answer, error) {
	o, err := s.schedule(call)
	if err != nil {
		return answer{}, err
	}
	if err := s.setSchedule(o, call.body); err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, s.scheduleObject(o)}, nil
}

// setSchedule checks a body and takes it over.
func (s *Server) setSchedule(o *Schedule, sent []byte) error {
	body, err := parseObject(sent)
	if err != nil {
		return err
	}
	known := []string{"schedule", "timezone"}
	if !s.opts.NoHardRefresh {
		known = append(known, "hardRefresh")
	}
	if err := onlyKeys(body, known); err != nil {
		return err
	}
	texts := map[string]string{}
	for _, key := range known[:2] {
		value, ok := body[key]
		if !ok {
			return required(key)
		}
		if texts[key], err = asString(key, value); err != nil {
			return err
		}
	}
	hard, ok := body["hardRefresh"].(bool)
	if sent, isSent := body["hardRefresh"]; isSent && !ok {
		return wrongType("hardRefresh", "boolean", sent)
	}
	switch {
	case !isCron(texts["schedule"]):
		return refuse(http.StatusBadRequest, "Invalid cron expression")
	case !isTimezone(texts["timezone"]):
		return refuse(http.StatusBadRequest, "Invalid timezone")
	}
	o.Schedule, o.Timezone, o.HardRefresh = texts["schedule"], texts["timezone"], hard
	now := s.now().Truncate(time.Millisecond)
	if !now.After(o.UpdatedAt) {
		now = o.UpdatedAt.Add(time.Millisecond)
	}
	o.UpdatedAt = now
	return nil
}

func (s *Server) deleteSchedule(call call) (answer, error) {
	o, err := s.schedule(call)
	if err != nil {
		return answer{}, err
	}
	delete(s.schedules, o.ID)
	return answer{http.StatusOK, map[string]any{"success": true}}, nil
}

// isTimezone looks a name up in the IANA database.
func isTimezone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "" && name != "Local"
}

// The fields of AWS EventBridge's cron expressions. Choice: names in upper case
// only, one blank between fields, and of the wildcards L, W and # exactly the forms
// of the reference's examples: how much more the server takes is not documented.
// Ranges wrap, as EventBridge's do, but not those of years.
var cronFields = [6]struct {
	min, max int
	names    string // the first stands for min
	special  *regexp.Regexp
}{
	{min: 0, max: 59},
	{min: 0, max: 23},
	{min: 1, max: 31, special: regexp.MustCompile(`^(\?|L|([1-9]|[12]\d|3[01])W)$`)},
	{min: 1, max: 12, names: "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"},
	{min: 1, max: 7, names: "SUN MON TUE WED THU FRI SAT", special: regexp.MustCompile(`^(\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$`)},
	{min: 1970, max: 2199},
}

func isCron(text string) bool {
	fields := strings.Split(text, " ")
	if len(fields) != len(cronFields) || (fields[2] == "?") == (fields[4] == "?") {
		return false
	}
	for i, field := range fields {
		if special := cronFields[i].special; special != nil && special.MatchString(field) {
			continue
		}
		if slices.ContainsFunc(strings.Split(field, ","), func(item string) bool { return !isCronItem(i, item) }) {
			return false
		}
	}
	return true
}

var cronItem = regexp.MustCompile(`^(\*|(\w+)(?:-(\w+))?)(?:/(\d{1,4}))?$`)

func isCronItem(field int, item string) bool {
	f := cronFields[field]
	parts := cronItem.FindStringSubmatch(item)
	if parts == nil {
		return false
	}
	number := func(text string) int {
		if at := slices.Index(strings.Fields(f.names), text); at >= 0 {
			return f.min + at
		}
		n, err := strconv.Atoi(text)
		if err != nil || n > f.max {
			return -1
		}
		return n
	}
	if parts[4] != "" {
		if step, _ := strconv.Atoi(parts[4]); step < 1 || step > f.max {
			return false
		}
	}
	if parts[1] == "*" {
		return true
	}
	from, to := number(parts[2]), number(cmp.Or(parts[3], parts[2]))
	wraps := field != len(cronFields)-1
	return from >= f.min && to >= f.min && (to >= from || wraps)
}

func (s *Server) sortedSchedules() []Schedule {
	all := make([]Schedule, 0, len(s.schedules))
	for _, o := range s.schedules {
		all = append(all, *o)
	}
	slices.SortFunc(all, func(a, b Schedule) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Schedules returns all schedules, by id.
func (s *Server) Schedules() []Schedule {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sortedSchedules()
}

// AddSchedule makes a schedule of a connection as the web interface does, which
// builds the schema model if there is none. It panics if there is no such
// connection; what the schedule says is not checked.
func (s *Server) AddSchedule(connectionID, schedule, timezone string) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.registerModel(s.mustConnection(connectionID)).refreshed = true
	now := s.now().Truncate(time.Millisecond)
	o := &Schedule{ID: uuid.NewString(), ConnectionID: connectionID, Schedule: schedule, Timezone: timezone, CreatedAt: now, UpdatedAt: now}
	s.schedules[o.ID] = o
	return o.ID
}

// EditSchedule changes a schedule as somebody else does. It panics if there is no
// such schedule.
func (s *Server) EditSchedule(id string, edit func(*Schedule)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.schedules[id]
	if !ok {
		panic("omnimock: no schedule " + id)
	}
	edit(o)
	o.UpdatedAt = o.UpdatedAt.Add(time.Millisecond)
}

// RemoveSchedule ends a schedule.
func (s *Server) RemoveSchedule(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.schedules, id)
}
