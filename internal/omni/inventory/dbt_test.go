// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

const (
	dbtRoute            = "/api/v1/connections/*/dbt"
	dbtEnvironmentRoute = dbtRoute + "/environments"
)

func TestDeleteDBT(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(server *omnimock.Server, id string)
		check   func(err error) bool
		remains bool
	}{
		"there":                  {check: isNil},
		"unlinked":               {prepare: func(s *omnimock.Server, id string) { s.UnlinkDBT(id) }, check: isNil},
		"the connection is gone": {prepare: func(s *omnimock.Server, id string) { s.TrashConnection(id) }, check: isNil},
		"404 by mistake":         {prepare: answerDelete(404, `{"detail":"Not Found"}`), check: isNotDeleted, remains: true},
		"404 of a proxy":         {prepare: answerDelete(404, `<html></html>`), check: httpclient.IsUnreadable, remains: true},
		"forbidden":              {prepare: answerDelete(403, `{}`), check: httpclient.IsForbidden, remains: true},
		"no success":             {prepare: answerDelete(200, `{"success":false,"error":"no"}`), check: httpclient.IsUnreadable, remains: true},
		"lost, and again": {prepare: func(s *omnimock.Server, _ string) {
			s.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodDelete, ""))
		}, check: isNil},
		"404, and the read says 401": {prepare: func(s *omnimock.Server, id string) {
			answerDelete(404, `{}`)(s, id)
			s.Faults().Add(fault.Answer(401, `{}`).On(http.MethodGet, dbtRoute))
		}, check: httpclient.IsUnauthorized, remains: true},
	} {
		server := omnimock.Start(t, omnimock.Options{})
		id := addPostgres(server, "n")
		server.EditDBT(id, func(*omnimock.DBT) {})
		if c.prepare != nil {
			c.prepare(server, id)
		}
		if _, err := inventoryOf(t, server).DeleteDBT(t.Context(), id); !c.check(err) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, remains := server.DBT(id); remains != c.remains {
			t.Errorf("%s: it is there: %t", name, remains)
		}
	}
}

// A 404 says that the connection is gone, or that the server is too old.
func TestDBTWithoutItsConnectionOrRoute(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for name, c := range map[string]struct {
		options omnimock.Options
		version string
		gone    bool
		want    error
	}{
		"no such connection": {version: omni.DefaultAPIVersion, gone: true, want: inventory.ErrGone},
		"too old":            {options: omnimock.Options{Generation: omnimock.Guide2025}, version: omni.APIVersionUnstable, want: omni.ErrNoDBT},
	} {
		server := omnimock.Start(t, c.options)
		id := addPostgres(server, "n")
		addPostgres(server, "another")
		if c.gone {
			server.PurgeConnection(id)
		}
		access := inventoryAt(t, server, c.version)
		errs := map[string]error{}
		_, errs["read"] = access.DBT(ctx, id)
		_, errs["write"] = access.SetDBT(ctx, id, omni.DBTWrite{})
		errs["rotate"] = access.RotateDBTKeys(ctx, id)
		_, errs["rotate the signing key"] = access.RotateDBTSigningKey(ctx, id, omni.SigningKeyRotation{})
		_, errs["read an environment"] = access.DBTEnvironment(ctx, id, omnitest.IDA)
		made, isFound, err := access.CreateDBTEnvironment(ctx, id, omni.DBTEnvironmentSettings{Name: "n", TargetSchema: "s"})
		if errs["create an environment"] = err; made != nil || isFound {
			t.Errorf("%s: %v, %t", name, made, isFound)
		}
		for what, err := range errs {
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
	}
}

// A lost answer is resolved where exactly one new environment is what was sent.
func TestLostDBTEnvironment(t *testing.T) {
	t.Parallel()
	plain, theirs := secret.New("p"), "theirs"
	hidden := secret.New("hidden")
	settings := omni.DBTEnvironmentSettings{Name: "n", TargetSchema: "s", Variables: []omni.DBTVariableWrite{{Name: "P", Value: &plain}, {Name: "S", IsSecret: true, Value: &hidden}}}
	same := omnimock.DBTEnvironment{Name: "n", TargetSchema: "s", Variables: []omnimock.DBTVariable{{Name: "P", Value: new("p")}, {Name: "S", Value: &theirs, IsSecret: true}}}
	for name, c := range map[string]struct {
		meanwhile []omnimock.DBTEnvironment // made by others, while ours was
		applied   bool
		found     bool
	}{
		"made":                      {nil, true, true},
		"not made":                  {nil, false, false},
		"made, and others too":      {[]omnimock.DBTEnvironment{{Name: "n", TargetSchema: "other"}, {Name: "other", TargetSchema: "s"}, {Name: "n", TargetSchema: "s"}}, true, true},
		"made, and the same too":    {[]omnimock.DBTEnvironment{same}, true, false},
		"not made, others are like": {[]omnimock.DBTEnvironment{{Name: "n", TargetSchema: "s"}}, false, false},
	} {
		server := omnimock.Start(t, omnimock.Options{})
		id := addPostgres(server, "n")
		server.EditDBT(id, func(*omnimock.DBT) {})
		server.AddDBTEnvironment(id, same) // was there before
		f := fault.Fault{Reset: true, Apply: c.applied}.On(http.MethodPost, dbtEnvironmentRoute)
		server.Faults().Add(f)
		access := inventoryOf(t, server)
		if _, err := access.DBTEnvironment(t.Context(), id, omnitest.IDA); !errors.Is(err, inventory.ErrGone) { // so the list is read before they come
			t.Fatal(err)
		}
		for _, e := range c.meanwhile {
			server.AddDBTEnvironment(id, e)
		}
		e, _, err := access.CreateDBTEnvironment(t.Context(), id, settings)
		if (err == nil) != c.found {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
		if _, isUnknown := errors.AsType[*createonce.UnknownOutcomeError](err); err != nil {
			if !isUnknown {
				t.Errorf("%s: %v", name, err)
			}
		} else if got, _ := server.Secret((*e.Variables)[slices.IndexFunc(*e.Variables, func(v omni.DBTVariable) bool { return v.Name == "S" })].ID, "value"); got != "hidden" {
			t.Errorf("%s: took somebody else's", name)
		}
		if n := server.CountRequests(http.MethodPost, ""); n != 1 {
			t.Errorf("%s: sent %d times", name, n)
		}
	}
}

// Of creates of one name, a lost one is not found; those of other names are no
// obstacle to it.
func TestLostDBTEnvironmentAfterOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, schema string // of what was made before
		isFound      bool
	}{
		{"other", "s", true},
		{"n", "other", false},
	} {
		server := omnimock.Start(t, omnimock.Options{})
		id := addPostgres(server, "n")
		server.EditDBT(id, func(*omnimock.DBT) {})
		access := inventoryOf(t, server)
		if _, _, err := access.CreateDBTEnvironment(t.Context(), id, omni.DBTEnvironmentSettings{Name: c.name, TargetSchema: c.schema}); err != nil {
			t.Fatal(err)
		}
		server.Faults().Add(fault.Fault{Reset: true, Apply: true}.On(http.MethodPost, dbtEnvironmentRoute))
		made, isFound, err := access.CreateDBTEnvironment(t.Context(), id, omni.DBTEnvironmentSettings{Name: "n", TargetSchema: "s"})
		if _, isUnknown := errors.AsType[*createonce.UnknownOutcomeError](err); isFound != c.isFound || isUnknown == c.isFound || isFound && made.Name != "n" {
			t.Errorf("after %s: %+v, %t, %v", c.name, made, isFound, err)
		}
	}
}

// Reads share a list a connection; a write empties that of its connection only.
func TestDBTEnvironmentReads(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	access := inventoryOf(t, server)
	type one struct{ connection, id string }
	var all []one
	for range 3 {
		connection := addPostgres(server, "n")
		server.EditDBT(connection, func(*omnimock.DBT) {})
		for range 20 {
			all = append(all, one{connection, server.AddDBTEnvironment(connection, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s"})})
		}
	}
	read := func(want int) {
		t.Helper()
		server.ResetRequests()
		var group sync.WaitGroup
		for _, o := range all {
			group.Go(func() {
				if e, err := access.DBTEnvironment(t.Context(), o.connection, o.id); err != nil || e.ID != o.id {
					t.Errorf("%v", err)
				}
			})
		}
		group.Wait()
		if got := server.CountRequests("", ""); got != want {
			t.Errorf("%d requests, not %d", got, want)
		}
	}
	read(3)
	read(0)
	if _, err := access.UpdateDBTEnvironment(t.Context(), all[0].connection, all[0].id, omni.DBTEnvironmentSettings{Name: "m", TargetSchema: "s"}); err != nil {
		t.Fatal(err)
	}
	read(1)
	if e, _ := access.DBTEnvironment(t.Context(), all[0].connection, all[0].id); e.Name != "m" {
		t.Errorf("the name is %s after the write", e.Name)
	}
	made, isFound, err := access.CreateDBTEnvironment(t.Context(), all[0].connection, omni.DBTEnvironmentSettings{Name: "made", TargetSchema: "s"})
	if err != nil || isFound || made.Name != "made" || made.ID == "" {
		t.Fatalf("%+v, %t, %v", made, isFound, err)
	}
	all = append(all, one{all[0].connection, made.ID})
	read(1)
	if err := access.DeleteDBTEnvironment(t.Context(), all[0].connection, made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := access.DBTEnvironment(t.Context(), all[0].connection, made.ID); !errors.Is(err, inventory.ErrGone) {
		t.Errorf("after the delete: %v", err)
	}
}

// linkDBT is what a create does.
func linkDBT(ctx context.Context, t *testing.T, access *inventory.Inventory, id, branch string) (*omni.DBT, inventory.Origin, error) {
	t.Helper()
	existing, err := access.DBT(ctx, id)
	if err != nil && !errors.Is(err, omni.ErrDBTNotConfigured) {
		t.Fatal(err)
	}
	write := omni.DBTWrite{Settings: omni.DBTSettings{SSHURL: nullable.Of("git@github.com:o/r.git"), Branch: nullable.Of(branch), AutogenRelationships: nullable.Of(true), EnableVirtualSchemas: nullable.Of(true)}}
	return access.LinkDBT(ctx, id, write, existing, existing != nil && existing.Branch.Or("") == branch)
}

// A dbt configuration that a create has taken over stays where a delete of another
// address comes.
func TestDBTThatMoves(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	id, other := addPostgres(server, "n"), addPostgres(server, "other")
	server.EditDBT(id, func(d *omnimock.DBT) { d.Branch = "main" })
	access := inventoryOf(t, server)
	if config, origin, err := linkDBT(t.Context(), t, access, id, "main"); err != nil || origin != inventory.AsWanted || config.Branch.Or("") != "main" {
		t.Errorf("%+v, %d, %v", config, origin, err)
	}
	if _, _, err := linkDBT(t.Context(), t, access, id, "main"); !errors.Is(err, inventory.ErrLinkedTwice) {
		t.Errorf("a second resource: %v", err)
	}
	if n := server.CountRequests(http.MethodPut, ""); n != 0 {
		t.Errorf("%d writes of what is there", n)
	}
	for _, want := range []bool{true, false} {
		if isLeft, err := access.DeleteDBT(t.Context(), id); err != nil || isLeft != want {
			t.Errorf("%t, %v", isLeft, err)
		}
		if _, isThere := server.DBT(id); isThere != want {
			t.Errorf("there: %t", isThere)
		}
	}
	server.EditDBT(other, func(*omnimock.DBT) {})
	server.AddDBTEnvironment(other, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s"})
	for _, want := range []int{1, 0} { // its environments end with it
		if all, err := access.DBTEnvironments(t.Context(), other); err != nil || len(all) != want {
			t.Errorf("%v, %v", all, err)
		}
		server.UnlinkDBT(other)
		if _, err := access.DeleteDBT(t.Context(), other); err != nil {
			t.Error(err)
		}
	}
	for connection, want := range map[string]inventory.Origin{id: inventory.Remade, other: inventory.Remade, addPostgres(server, "third"): inventory.Made} {
		if _, origin, err := linkDBT(t.Context(), t, access, connection, "main"); err != nil || origin != want {
			t.Errorf("%d, %v", origin, err)
		}
	}
}

// One that a create wants otherwise is overwritten only where a delete of it comes.
func TestDBTThatMovesAndChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		deletes, isCreatedAgain bool
		want                    error
	}{"a delete comes": {true, false, nil}, "none comes": {false, false, inventory.ErrLinked}, "it is linked again after the delete": {true, true, inventory.ErrLinked}} {
		inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
			id := addPostgres(server, "n")
			server.EditDBT(id, func(d *omnimock.DBT) { d.Branch = "main" })
			access := inventoryOf(t, server)
			if c.isCreatedAgain {
				if _, err := access.DeleteDBT(t.Context(), id); err != nil {
					t.Error(err)
				}
				server.EditDBT(id, func(d *omnimock.DBT) { d.Branch = "theirs" })
			}
			var group sync.WaitGroup
			if c.deletes && !c.isCreatedAgain {
				group.Go(func() {
					time.Sleep(time.Second) // the create has met it, and waits
					if isLeft, err := access.DeleteDBT(t.Context(), id); err != nil || !isLeft {
						t.Errorf("%s: %t, %v", name, isLeft, err)
					}
				})
			}
			_, origin, err := linkDBT(t.Context(), t, access, id, "ours")
			group.Wait()
			if got, _ := server.DBT(id); !errors.Is(err, c.want) || (got.Branch == "ours") != (c.want == nil) || (origin == inventory.TakenOver) != (c.want == nil) {
				t.Errorf("%s: %d, %v, %+v", name, origin, err, got)
			}
			if c.want != nil { // the failed create keeps nobody from it
				server.EditDBT(id, func(d *omnimock.DBT) { d.Branch = "ours" })
				if _, origin, err := linkDBT(t.Context(), t, access, id, "ours"); err != nil || origin != inventory.AsWanted {
					t.Errorf("%s: %d, %v", name, origin, err)
				}
			}
		})
	}
}

// New keys are made of the configuration as it is, and only where there are any.
func TestRotateDBTKeys(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	id, token := addPostgres(server, "n"), addPostgres(server, "token")
	server.EditDBT(id, func(d *omnimock.DBT) { d.Branch = "trunk" })
	server.EditDBT(token, func(d *omnimock.DBT) { d.AuthMethod = omni.DBTAuthToken })
	access := inventoryOf(t, server)
	before, _ := server.DBT(id)
	if err := access.RotateDBTKeys(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	after, _ := server.DBT(id)
	if after.DeployKey == before.DeployKey || after.Branch != "trunk" || after.SSHURL != before.SSHURL {
		t.Errorf("%+v", after)
	}
	for _, r := range server.Requests() { // an older server refuses these, and keeps what is left out
		if strings.Contains(string(r.Body), "authMethod") || strings.Contains(string(r.Body), "githubApp") || strings.Contains(string(r.Body), "Committer") {
			t.Errorf("sent %s", r.Body)
		}
	}
	writes := server.CountRequests(http.MethodPut, "")
	err := access.RotateDBTKeys(t.Context(), token)
	if _, ok := errors.AsType[*inventory.NotSSHError](err); !ok || !strings.Contains(err.Error(), "by https_token, and only") || server.CountRequests(http.MethodPut, "") != writes {
		t.Errorf("%v", err)
	}
	server.Forbid(http.MethodPut, dbtRoute)
	if err := access.RotateDBTKeys(t.Context(), id); !httpclient.IsForbidden(err) {
		t.Errorf("%v", err)
	}
	server.AllowAll()
	server.EditDBT(token, func(d *omnimock.DBT) { d.AuthMethod = omni.DBTAuthGitHubApp })
	if d, err := access.RotateDBTSigningKey(t.Context(), token, omni.SigningKeyRotation{}); err != nil || d == nil {
		t.Errorf("%v, %v", d, err)
	}
	server.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"no"}`).On(http.MethodPost, ""))
	if d, err := access.RotateDBTSigningKey(t.Context(), token, omni.SigningKeyRotation{}); d != nil || !httpclient.IsForbidden(err) {
		t.Errorf("%v, %v", d, err)
	}
	server.Faults().Add(fault.Answer(http.StatusNotFound, `{"detail":"Not Found"}`).On(http.MethodPost, ""))
	if d, err := access.RotateDBTSigningKey(t.Context(), id, omni.SigningKeyRotation{}); !errors.Is(err, omni.ErrNoDBT) || d != nil || !strings.Contains(err.Error(), "the connection is there, and the answer was") {
		t.Errorf("%v, %v", d, err)
	}
}

func TestDeleteDBTEnvironment(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	id := addPostgres(server, "n")
	server.EditDBT(id, func(*omnimock.DBT) {})
	environment := server.AddDBTEnvironment(id, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s"})
	access := inventoryOf(t, server)
	if all, err := access.DBTEnvironments(t.Context(), id); err != nil || len(all) != 1 || server.CountRequests("", "") != 1 {
		t.Errorf("%v, %v after %d requests", all, err, server.CountRequests("", ""))
	}
	server.Faults().Add(fault.Answer(http.StatusNotFound, `{"detail":"Not Found"}`).On(http.MethodDelete, ""))
	if err := access.DeleteDBTEnvironment(t.Context(), id, environment); !isNotDeleted(err) {
		t.Errorf("a 404 while it is there: %v", err)
	}
	for range 2 { // the second time it is gone already
		if err := access.DeleteDBTEnvironment(t.Context(), id, environment); err != nil {
			t.Error(err)
		}
		if all, err := access.DBTEnvironments(t.Context(), id); err != nil || len(all) != 0 {
			t.Errorf("after the delete: %v, %v", all, err)
		}
	}
	server.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"no"}`).On(http.MethodPost, dbtEnvironmentRoute))
	if e, isFound, err := access.CreateDBTEnvironment(t.Context(), id, omni.DBTEnvironmentSettings{Name: "n", TargetSchema: "s"}); e != nil || isFound || !httpclient.IsForbidden(err) {
		t.Errorf("%v, %t, %v", e, isFound, err)
	}
}

// A server that does not say how it reaches the repository has no other way than SSH.
func TestRotateDBTKeysOfAnOlderServer(t *testing.T) {
	t.Parallel()
	const dbt = "connections/" + omnitest.IDA + "/dbt"
	s := omnitest.New(t, "v1", answers{"GET " + dbt: {`{"sshUrl":"git@example.com:o/r.git","branch":"main"}`}, "PUT " + dbt: {`{"success":true}`}}.serve())
	if err := inventory.New(s.Client).RotateDBTKeys(t.Context(), omnitest.IDA); err != nil {
		t.Error(err)
	}
	s.Expect(t, "GET "+dbt, "PUT "+dbt+` {"sshUrl":"git@example.com:o/r.git","branch":"main","rotateKeys":true}`)
}
