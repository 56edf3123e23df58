// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// answers are what a server says on each route, "GET connections" for one, in
// turn; the last answer stands. An answer is a body, or a status alone.
type answers map[string][]string

// serve answers as the script says, and 500 what is not in it.
func (a answers) serve() func(r *http.Request, _ string) (int, string) {
	var mu sync.Mutex
	return func(r *http.Request, _ string) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/"), "/")
		route := r.Method + " " + path
		script := a[route]
		if len(script) == 0 {
			return 500, `{"detail":"not in the script: ` + route + `"}`
		}
		if len(script) > 1 {
			a[route] = script[1:]
		}
		switch script[0] {
		case "404":
			return 404, `{"detail":"Not Found"}`
		case "404 does not exist":
			return 404, `{"detail":"Connection does not exist"}`
		case "403":
			return 403, `{"detail":"Permission denied"}`
		case "410":
			return 410, `{"detail":"Gone"}`
		case "500":
			return 500, `{"detail":"oops"}`
		}
		return 200, script[0]
	}
}

// What is there, what is certainly gone, and what is not known are three things:
// no call that fails makes an object gone, or found.
func TestWhatIsGoneIsCertain(t *testing.T) {
	t.Parallel()
	const (
		a, b   = omnitest.IDA, omnitest.IDB
		listed = `{"connections":[{"id":"` + a + `","name":"n","dialect":"exasol"}]}`
		others = `{"connections":[{"id":"` + b + `","name":"n","dialect":"exasol"}]}`
		trash  = `{"connections":[{"id":"` + a + `","deletedAt":"2026-01-01T00:00:00Z"}]}`
		odd    = `{"connections":[{"id":"` + a + `","name":7}]}`
		one    = `{"connection":{"id":"` + a + `","name":"n","dialect":"exasol"}}`
		list   = "GET connections"
		get    = "GET connections/" + a

		schedule    = `{"scheduleId":"` + b + `","connectionId":"` + a + `","schedule":"c","timezone":"UTC"}`
		schedules   = `{"schedules":[` + schedule + `]}`
		oddSchedule = `{"schedules":[{"scheduleId":"` + b + `","schedule":7}]}`
		listOf      = "GET connections/" + a + "/schedules"
		getOf       = listOf + "/" + b

		attributes = "GET user-attributes"
		known      = `{"records":[{"id":"` + a + `","name":"n"}]}`
		unknown    = `{"records":[{"id":"` + b + `","name":"m"}]}`

		models   = "GET models"
		model    = `{"records":[{"id":"` + a + `","connectionId":"` + a + `","modelKind":"SCHEMA"}],"pageInfo":{"hasNextPage":false}}`
		oddModel = `{"records":[{"id":"` + a + `","connectionId":"` + a + `","modelKind":"SCHEMA","name":7}],"pageInfo":{"hasNextPage":false}}`
		noModel  = `{"records":[],"pageInfo":{"hasNextPage":false}}`

		environments      = "GET connection-environments"
		dbt               = "GET connections/" + a + "/dbt"
		dbtList           = dbt + "/environments"
		dbtEnvironment    = `{"records":[{"id":"` + b + `","name":"n","targetSchema":"s","variables":[]}],"pageInfo":{"hasNextPage":false}}`
		oddDBTEnvironment = `{"records":[{"id":"` + b + `","name":7}],"pageInfo":{"hasNextPage":false}}`
		user              = "GET v2/Users/" + a
		users             = "GET v2/Users"
		ada               = `{"id":"` + a + `","userName":"a@example.com"}`
		userList          = `{"Resources":[` + ada + `],"totalResults":1,"startIndex":1,"itemsPerPage":1}`
		oddUser           = `{"Resources":[{"id":"` + a + `","userName":"a@example.com","displayName":7}],"totalResults":1,"startIndex":1,"itemsPerPage":1}`
		noUsers           = `{"Resources":[],"totalResults":0}`
	)
	connection := func(ctx context.Context, i *inventory.Inventory) error {
		_, err := i.Connection(ctx, a)
		return err
	}
	fresh := func(ctx context.Context, i *inventory.Inventory) error {
		_, err := i.FreshConnection(ctx, a)
		return err
	}
	scheduleOf := func(ctx context.Context, i *inventory.Inventory) error {
		_, err := i.Schedule(ctx, a, b)
		return err
	}
	schedulesOf := func(ctx context.Context, i *inventory.Inventory) error {
		all, err := i.Schedules(ctx, a)
		if err == nil && len(all) == 0 {
			return errNone
		}
		return err
	}
	attribute := func(ctx context.Context, i *inventory.Inventory) error {
		_, err := i.UserAttribute(ctx, a)
		return err
	}
	schemaModel := func(ctx context.Context, i *inventory.Inventory) error {
		_, err := i.SchemaModel(ctx, a)
		return err
	}
	freshModel := func(ctx context.Context, i *inventory.Inventory) error {
		_, err := i.FreshSchemaModel(ctx, a)
		return err
	}
	environment := func(ctx context.Context, i *inventory.Inventory) error {
		_, err := i.Environment(ctx, b)
		return err
	}
	dbtEnvironmentOf := func(ctx context.Context, i *inventory.Inventory) error {
		_, err := i.DBTEnvironment(ctx, a, b)
		return err
	}
	dbtEnvironments := func(ctx context.Context, i *inventory.Inventory) error {
		_, err := i.DBTEnvironments(ctx, a)
		return err
	}
	lateUser := func(ctx context.Context, i *inventory.Inventory) error { // the second user that is read
		_, _ = i.User(ctx, b)
		_, err := i.User(ctx, a)
		return err
	}
	lateAddress := func(ctx context.Context, i *inventory.Inventory) error {
		_, _ = i.FindUser(ctx, "b@example.com")
		_, err := i.FindUser(ctx, "a@example.com")
		return err
	}
	named := func(ctx context.Context, i *inventory.Inventory) error {
		found, err := i.FindUserAttribute(ctx, "n")
		if err == nil && found == nil {
			return errNone
		}
		return err
	}
	pair := func(ctx context.Context, i *inventory.Inventory) error {
		found, err := i.FindEnvironment(ctx, a, b)
		if err == nil && found == nil {
			return errNone
		}
		return err
	}
	lateSchedule := func(ctx context.Context, i *inventory.Inventory) error { // the second schedule of its connection
		_, _ = i.Schedule(ctx, a, "first")
		_, err := i.Schedule(ctx, a, b)
		return err
	}
	freshUser := func(ctx context.Context, i *inventory.Inventory) error {
		_, err := i.FreshUser(ctx, a)
		return err
	}
	for name, c := range map[string]struct {
		read   func(context.Context, *inventory.Inventory) error
		server answers
		want   error // nil is there; errOther is not known
	}{
		"connection: listed":                        {connection, answers{list: {listed}}, nil},
		"connection: in the trash":                  {connection, answers{list: {trash}}, inventory.ErrGone},
		"connection: odd":                           {connection, answers{list: {odd}}, errOther},
		"connection: the list fails":                {connection, answers{list: {"500"}, get: {one}}, errOther},
		"connection: only by id":                    {connection, answers{list: {others}, get: {one}}, nil},
		"connection: its own read fails":            {connection, answers{list: {others}, get: {"500"}}, errOther},
		"connection: neither":                       {connection, answers{list: {others}, get: {"404"}}, inventory.ErrGone},
		"connection: the second list has it":        {connection, answers{list: {others, listed}, get: {"404"}}, nil},
		"connection: the second list fails":         {connection, answers{list: {others, "500"}, get: {"404"}}, errOther},
		"connection: an empty list":                 {connection, answers{list: {`{"connections":[]}`}, get: {"404"}}, inventory.ErrGone},
		"connection: no right to list":              {connection, answers{list: {"403"}, get: {one}}, nil},
		"connection: no right to list, 404":         {connection, answers{list: {"403"}, get: {"404"}}, errOther},
		"connection: no right to list, no such":     {connection, answers{list: {"403"}, get: {"404 does not exist"}}, inventory.ErrGone},
		"connection: no right to list, 410":         {connection, answers{list: {"403"}, get: {"410"}}, inventory.ErrGone},
		"connection: no right to list, 500":         {connection, answers{list: {"403"}, get: {"500"}}, errOther},
		"fresh connection: there":                   {fresh, answers{get: {one}}, nil},
		"fresh connection: fails":                   {fresh, answers{get: {"500"}, list: {listed}}, errOther},
		"fresh connection: listed only":             {fresh, answers{get: {"404"}, list: {listed}}, nil},
		"fresh connection: listed in the trash":     {fresh, answers{get: {"404"}, list: {trash}}, inventory.ErrGone},
		"fresh connection: neither":                 {fresh, answers{get: {"404"}, list: {others}}, inventory.ErrGone},
		"fresh connection: 404, and the list fails": {fresh, answers{get: {"404"}, list: {"500"}}, errOther},

		"schedule: there":                            {scheduleOf, answers{getOf: {schedule}}, nil},
		"schedule: fails":                            {scheduleOf, answers{getOf: {"500"}, listOf: {schedules}}, errOther},
		"schedule: listed only":                      {scheduleOf, answers{getOf: {"404"}, listOf: {schedules}}, nil},
		"schedule: 410, and listed":                  {scheduleOf, answers{getOf: {"410"}, listOf: {schedules}}, nil},
		"schedule: neither":                          {scheduleOf, answers{getOf: {"404"}, listOf: {`{"schedules":[]}`}}, inventory.ErrGone},
		"schedule: 404, and the list fails":          {scheduleOf, answers{getOf: {"404"}, listOf: {"500"}}, errOther},
		"schedule: an odd one in the list":           {scheduleOf, answers{getOf: {"404"}, listOf: {oddSchedule}}, errOther},
		"schedule: no list, no connection":           {scheduleOf, answers{getOf: {"404"}, listOf: {"404"}, list: {others}, get: {"404"}}, inventory.ErrGone},
		"schedule: no list, the connection is there": {scheduleOf, answers{getOf: {"404"}, listOf: {"404"}, list: {listed}}, errOther},
		"schedule: no list, the connection fails":    {scheduleOf, answers{getOf: {"404"}, listOf: {"410"}, list: {"500"}}, errOther},

		"schedules: some":             {schedulesOf, answers{listOf: {schedules}}, nil},
		"schedules: fail":             {schedulesOf, answers{listOf: {"500"}, list: {listed}}, errOther},
		"schedules: no model":         {schedulesOf, answers{listOf: {"404 does not exist"}, list: {listed}}, errNone},
		"schedules: no route":         {schedulesOf, answers{listOf: {"404"}, list: {listed}}, errOther},
		"schedules: no connection":    {schedulesOf, answers{listOf: {"404 does not exist"}, list: {others}, get: {"404"}}, inventory.ErrGone},
		"schedules: connection fails": {schedulesOf, answers{listOf: {"404 does not exist"}, list: {"500"}}, errOther},

		"user attribute: listed":                {attribute, answers{attributes: {known}}, nil},
		"user attribute: fails":                 {attribute, answers{attributes: {"500"}}, errOther},
		"user attribute: in the second list":    {attribute, answers{attributes: {unknown, known}}, nil},
		"user attribute: in neither":            {attribute, answers{attributes: {unknown}}, inventory.ErrGone},
		"user attribute: the second list fails": {attribute, answers{attributes: {unknown, "500"}}, errOther},
		"user attribute: an empty list":         {attribute, answers{attributes: {`{"records":[]}`}}, errOther},
		"user attribute: an odd one":            {attribute, answers{attributes: {`{"records":[{"id":"` + a + `","name":"n","label":7}]}`}}, errOther},
		"user attribute: a server without":      {attribute, answers{attributes: {"404"}}, omni.ErrNoUserAttributes},

		"schema model: listed":                {schemaModel, answers{models: {model}}, nil},
		"schema model: fails":                 {schemaModel, answers{models: {"500"}}, errOther},
		"schema model: in the second list":    {schemaModel, answers{models: {noModel, model}}, nil},
		"schema model: the second list fails": {schemaModel, answers{models: {noModel, "500"}, list: {listed}}, errOther},
		"schema model: an odd one":            {schemaModel, answers{models: {oddModel}}, errOther},
		"schema model: in neither":            {schemaModel, answers{models: {noModel}, list: {listed}}, inventory.ErrNoSchemaModel},
		"schema model: no connection":         {schemaModel, answers{models: {noModel}, list: {others}, get: {"404"}}, inventory.ErrGone},
		"schema model: the connection fails":  {schemaModel, answers{models: {noModel}, list: {"500"}}, errOther},
		"schema model: a server without":      {schemaModel, answers{models: {"404"}}, omni.ErrNoModels},
		"fresh schema model: there":           {freshModel, answers{models: {model}}, nil},
		"fresh schema model: none":            {freshModel, answers{models: {noModel}}, inventory.ErrNoSchemaModel},
		"fresh schema model: fails":           {freshModel, answers{models: {"500"}}, errOther},

		"environment: the list fails":    {environment, answers{environments: {"500"}}, errOther},
		"environment: no list":           {environment, answers{environments: {"404"}}, omni.ErrNoEnvironmentList},
		"environment: in neither list":   {environment, answers{environments: {`{"connectionEnvironments":[]}`}}, inventory.ErrGone},
		"environment: second list fails": {environment, answers{environments: {`{"connectionEnvironments":[]}`, "500"}}, errOther},

		"dbt environment: listed":              {dbtEnvironmentOf, answers{dbtList: {dbtEnvironment}}, nil},
		"dbt environment: fails":               {dbtEnvironmentOf, answers{dbtList: {"500"}}, errOther},
		"dbt environment: an odd one":          {dbtEnvironmentOf, answers{dbtList: {oddDBTEnvironment}}, errOther},
		"dbt environment: in neither list":     {dbtEnvironmentOf, answers{dbtList: {noModel}}, inventory.ErrGone},
		"dbt environment: second list fails":   {dbtEnvironmentOf, answers{dbtList: {noModel, "500"}}, errOther},
		"dbt environment: no connection":       {dbtEnvironmentOf, answers{dbtList: {"404"}, list: {others}, get: {"404"}}, inventory.ErrGone},
		"dbt environment: no route":            {dbtEnvironmentOf, answers{dbtList: {"404"}, list: {listed}}, omni.ErrNoDBT},
		"dbt environment: connection fails":    {dbtEnvironmentOf, answers{dbtList: {"410"}, list: {"500"}}, errOther},
		"dbt environments: not configured":     {dbtEnvironments, answers{dbtList: {"404"}, dbt: {`{"supportsDbt":true,"message":"dbt not configured for this connection"}`}}, omni.ErrDBTNotConfigured},
		"dbt environments: refused":            {dbtEnvironments, answers{dbtList: {"403"}, dbt: {`{"supportsDbt":false,"message":"dbt not configured for this connection"}`}}, omni.ErrDBTUnsupported},
		"dbt environments: refused, with dbt":  {dbtEnvironments, answers{dbtList: {"403"}, dbt: {`{"sshUrl":"git@github.com:o/r.git","branch":"main"}`}}, errOther},
		"dbt environments: the question fails": {dbtEnvironments, answers{dbtList: {"403"}, dbt: {"500"}}, errOther},

		"user attribute by name: there":         {named, answers{attributes: {known}}, nil},
		"user attribute by name: not there":     {named, answers{attributes: {unknown}}, errNone},
		"user attribute by name: fails":         {named, answers{attributes: {"500"}}, errOther},
		"user attribute by name: an odd one":    {named, answers{attributes: {`{"records":[{"id":"` + a + `","name":"n","label":7}]}`}}, errOther},
		"environment of a pair: there":          {pair, answers{environments: {`{"connectionEnvironments":[{"id":"e","baseConnectionId":"` + a + `","connectionId":"` + b + `"}]}`}}, nil},
		"environment of a pair: not there":      {pair, answers{environments: {`{"connectionEnvironments":[]}`}}, errNone},
		"environment of a pair: an odd one":     {pair, answers{environments: {`{"connectionEnvironments":[{"id":"e","baseConnectionId":"` + a + `","connectionId":"` + b + `","userAttributeValues":[{}]}]}`}}, errOther},
		"environment of a pair: no list":        {pair, answers{environments: {"404"}}, errNone},
		"environment of a pair: the list fails": {pair, answers{environments: {"500"}}, errOther},
		"second schedule: the list fails":       {lateSchedule, answers{listOf: {"500"}, getOf: {schedule}}, errOther},
		"second schedule: an odd one":           {lateSchedule, answers{listOf: {oddSchedule}}, errOther},
		"second schedule: no list":              {lateSchedule, answers{listOf: {"404"}, getOf: {schedule}}, nil},
		"second user: listed":                   {lateUser, answers{users: {userList}}, nil},
		"second user: the list fails":           {lateUser, answers{users: {"500"}, user: {ada}}, errOther},
		"second user: an odd one":               {lateUser, answers{users: {oddUser}}, errOther},
		"second address: an odd one":            {lateAddress, answers{users: {noUsers, oddUser}}, errOther},
		"second user: only by id":               {lateUser, answers{users: {noUsers}, user: {ada}}, nil},
		"second user: in neither":               {lateUser, answers{users: {noUsers}, user: {"404"}}, inventory.ErrGone},
		"second address: listed":                {lateAddress, answers{users: {noUsers, userList}}, nil},
		"second address: the list fails":        {lateAddress, answers{users: {noUsers, "500"}}, errOther},
		"second address: found only":            {lateAddress, answers{users: {noUsers, noUsers, userList}}, nil},
		"second address: nowhere":               {lateAddress, answers{users: {noUsers}}, inventory.ErrGone},

		"user: gone":  {freshUser, answers{user: {"404"}}, inventory.ErrGone},
		"user: 410":   {freshUser, answers{user: {"410"}}, inventory.ErrGone},
		"user: fails": {freshUser, answers{user: {"500"}}, errOther},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := omnitest.New(t, "v1", c.server.serve())
			err := c.read(t.Context(), inventory.New(s.Client))
			switch {
			case errors.Is(c.want, errOther):
				for _, sure := range []error{errNone, inventory.ErrGone, inventory.ErrNoSchemaModel, omni.ErrNoEnvironmentList, omni.ErrNoUserAttributes, omni.ErrNoModels, omni.ErrNoDBT} {
					if err == nil || errors.Is(err, sure) {
						t.Errorf("%v", err)
					}
				}
			case !errors.Is(err, c.want):
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

var (
	errOther = errors.New("not known")
	errNone  = errors.New("there is none")
)

// What an update of a user attribute came to is asked of the list, where the
// answer does not tell.
func TestUserAttributeUpdateThatTheListDecides(t *testing.T) {
	t.Parallel()
	const (
		a      = omnitest.IDA
		update = "PUT user-attributes/" + a
		list   = "GET user-attributes"
		has    = `{"records":[{"id":"` + a + `","name":"new"}]}`
		hasNot = `{"records":[{"id":"` + a + `","name":"old"}]}`
		none   = `{"records":[{"id":"` + omnitest.IDB + `","name":"m"}]}`
	)
	for name, c := range map[string]struct {
		server answers
		want   error // errOther is none of the known
	}{
		"done":                    {answers{update: {`{"success":true}`}}, nil},
		"odd, and done":           {answers{update: {`[]`}, list: {has}}, nil},
		"odd, and not done":       {answers{update: {`[]`}, list: {hasNot}}, errOther},
		"odd, and the list fails": {answers{update: {`[]`}, list: {"500"}}, errOther},
		"gone":                    {answers{update: {"404"}, list: {none}}, inventory.ErrGone},
		"no route":                {answers{update: {"404"}, list: {hasNot}}, omni.ErrNoUserAttributeWrites},
		"404, and the list fails": {answers{update: {"404"}, list: {"500"}}, errOther},
		"refused":                 {answers{update: {"403"}, list: {has}}, errOther},
	} {
		s := omnitest.New(t, "v1", c.server.serve())
		err := inventory.New(s.Client).UpdateUserAttribute(t.Context(), a, omni.UserAttributeSettings{Name: nullable.Of("new")})
		if errors.Is(c.want, errOther) {
			if err == nil || errors.Is(err, inventory.ErrGone) || errors.Is(err, omni.ErrNoUserAttributeWrites) {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := omnitest.New(t, "v1", answers{}.serve())
	if err := inventory.New(s.Client).UpdateUserAttribute(t.Context(), a, omni.UserAttributeSettings{}); err != nil || len(s.Sent()) != 0 {
		t.Errorf("an empty change: %v", err)
	}
}

func TestUserAttributeDeleteThatTheListDecides(t *testing.T) {
	t.Parallel()
	const (
		a      = omnitest.IDA
		end    = "DELETE user-attributes/" + a
		list   = "GET user-attributes"
		there  = `{"records":[{"id":"` + a + `","name":"n"}]}`
		absent = `{"records":[{"id":"` + omnitest.IDB + `","name":"m"}]}`
	)
	for name, c := range map[string]struct {
		server answers
		want   error
	}{
		"done":                    {answers{end: {`{"success":true}`}}, nil},
		"gone already":            {answers{end: {"410"}}, nil},
		"404, and not listed":     {answers{end: {"404"}, list: {absent}}, nil},
		"404, and listed":         {answers{end: {"404"}, list: {there}}, omni.ErrNoUserAttributeWrites},
		"404, and the list fails": {answers{end: {"404"}, list: {"500"}}, errOther},
		"odd, and not listed":     {answers{end: {`[]`}, list: {absent}}, nil},
		"odd, and listed":         {answers{end: {`[]`}, list: {there}}, errOther},
		"odd, and the list fails": {answers{end: {`[]`}, list: {"500"}}, errOther},
		"refused":                 {answers{end: {"403"}, list: {absent}}, errOther},
	} {
		s := omnitest.New(t, "v1", c.server.serve())
		err := inventory.New(s.Client).DeleteUserAttribute(t.Context(), a)
		if errors.Is(c.want, errOther) {
			if err == nil || errors.Is(err, omni.ErrNoUserAttributeWrites) {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Where the key may not list, a 404 leaves open what it means, and the error says so.
func TestNotFoundWithoutTheRightToList(t *testing.T) {
	t.Parallel()
	for status, isExplained := range map[string]bool{"404": true, "500": false} {
		s := omnitest.New(t, "v1", answers{"GET connections": {"403"}, "GET connections/" + omnitest.IDA: {status}}.serve())
		_, err := inventory.New(s.Client).Connection(t.Context(), omnitest.IDA)
		if err == nil || strings.Contains(err.Error(), "this does not show that it is gone") != isExplained {
			t.Errorf("%s: %v", status, err)
		}
	}
	s := omnitest.New(t, "v1", omnitest.Always(http.StatusForbidden, `{"detail":"The role does not exist"}`))
	if _, err := inventory.New(s.Client).Connection(t.Context(), omnitest.IDA); errors.Is(err, inventory.ErrGone) || !httpclient.IsForbidden(err) {
		t.Errorf("%v", err)
	}
}
