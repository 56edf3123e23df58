// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

const (
	dbtRoute            = "/api/v1/connections/*/dbt"
	dbtEnvironmentRoute = dbtRoute + "/environments"
)

// What each answer means to a read and to a write. Least of all may damage pass
// for the words that there is no configuration.
func TestDBTAnswers(t *testing.T) {
	t.Parallel()
	const older = `"supportsDbt":true,"sshUrl":"git@h:r","branch":"b","autogenRelationships":true,"dbtVersion":"Auto","projectRootPath":null`
	for name, c := range map[string]struct {
		answer      string
		read, write func(d *omni.DBT, err error) bool
	}{
		"configured": {`{` + older + `,"authMethod":"ssh","githubAppInstallationId":null}`, isDBT("ssh"), isDBT("ssh")},
		"older":      {`{` + older + `}`, isDBT(""), isDBT("")},
		"none":       {`{"supportsDbt":true,"message":"dbt not configured for this connection"}`, fails(omni.ErrDBTNotConfigured), isUnreadableDBT},
		"no support": {`{"supportsDbt":false,"message":"dbt not configured for this connection"}`, fails(omni.ErrDBTUnsupported), isUnreadableDBT},
		"done": {`{"success":true,"message":"dbt configuration updated successfully"}`, isUnreadableDBT, func(d *omni.DBT, err error) bool {
			return d == nil && err == nil
		}},
		"refused":       {`{"success":false,"error":"no"}`, isUnreadableDBT, isUnreadableDBT},
		"no message":    {`{"supportsDbt":true}`, isUnreadableDBT, isUnreadableDBT},
		"message alone": {`{"message":"dbt not configured for this connection"}`, isUnreadableDBT, isUnreadableDBT},
		"no branch":     {`{"supportsDbt":true,"sshUrl":"git@h:r"}`, isUnreadableDBT, isUnreadableDBT},
		"wrong type":    {`{"supportsDbt":true,"sshUrl":1,"branch":"b"}`, isUnreadableDBT, isUnreadableDBT},
		"empty":         {`{}`, isUnreadableDBT, isUnreadableDBT},
		"array":         {`[]`, isUnreadableDBT, isUnreadableDBT},
		"page":          {`<html></html>`, isUnreadableDBT, isUnreadableDBT},
	} {
		s := newScripted(t, "v1", always(200, c.answer))
		if d, err := s.client.GetDBT(t.Context(), idA); !c.read(d, err) {
			t.Errorf("%s: read is %+v, %v", name, d, err)
		}
		if d, err := s.client.PutDBT(t.Context(), idA, omni.DBTWrite{}); !c.write(d, err) {
			t.Errorf("%s: write is %+v, %v", name, d, err)
		}
	}
}

func isDBT(method string) func(d *omni.DBT, err error) bool {
	return func(d *omni.DBT, err error) bool {
		return err == nil && d != nil && d.SSHURL.Or("") == "git@h:r" && d.AuthMethod.Or("") == method &&
			d.ProjectRootPath.IsNull() && d.AuthMethod.IsZero() == (method == "")
	}
}

func fails(want error) func(d *omni.DBT, err error) bool {
	return func(d *omni.DBT, err error) bool { return d == nil && errors.Is(err, want) }
}

func isUnreadableDBT(d *omni.DBT, err error) bool { return d == nil && httpclient.IsUnreadable(err) }

// Tokens and keys go on the wire, and into no message.
func TestDBTSecretsAreMasked(t *testing.T) {
	t.Parallel()
	var received []string
	s := newScripted(t, "v1", func(_ *http.Request, body string) (int, string) {
		received = append(received, body)
		echo, _ := json.Marshal("refused: " + body)
		return 400, `{"detail":` + string(echo) + `}`
	})
	hidden := func(text string) *secret.String { s := secret.New(text); return &s }
	ctx := t.Context()
	_, one := s.client.PutDBT(ctx, idA, omni.DBTWrite{Token: hidden("hidden-1")})
	_, two := s.client.RotateSigningKey(ctx, idA, omni.SigningKeyRotation{PrivateKey: hidden("hidden-2"), Passphrase: hidden("hidden-3")})
	_, three := s.client.CreateDBTEnvironment(ctx, idA, omni.DBTEnvironmentSettings{Variables: []omni.DBTVariableWrite{
		{Name: "A", IsSecret: true, Value: hidden("hidden-4")}, {Name: "B", Value: hidden("visible")},
	}})
	all := fmt.Sprint(one, two, three)
	if strings.Contains(all, "hidden-") || !strings.Contains(all, "visible") || strings.Count(all, secret.Redacted) < 4 {
		t.Errorf("%s", all)
	}
	for _, want := range []string{"hidden-1", "hidden-2", "hidden-3", "hidden-4"} {
		if !strings.Contains(strings.Join(received, "\n"), want) {
			t.Errorf("%s was not sent", want)
		}
	}
}

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
		if err := inventoryOf(t, server).DeleteDBT(t.Context(), id); !c.check(err) {
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
		"no such connection": {version: omni.DefaultAPIVersion, gone: true, want: omni.ErrGone},
		"too old":            {options: omnimock.Options{Generation: omnimock.Guide2025}, version: omni.APIVersionUnstable, want: omni.ErrNoDBT},
	} {
		server := omnimock.Start(t, c.options)
		id := addPostgres(server, "n")
		addPostgres(server, "another")
		if c.gone {
			server.PurgeConnection(id)
		}
		inventory := inventoryAt(t, server, c.version)
		errs := map[string]error{}
		_, errs["read"] = inventory.DBT(ctx, id)
		_, errs["write"] = inventory.SetDBT(ctx, id, omni.DBTWrite{})
		errs["rotate"] = inventory.RotateDBTKeys(ctx, id)
		_, errs["rotate the signing key"] = inventory.RotateDBTSigningKey(ctx, id, omni.SigningKeyRotation{})
		_, errs["read an environment"] = inventory.DBTEnvironment(ctx, id, idA)
		_, errs["create an environment"] = inventory.CreateDBTEnvironment(ctx, id, omni.DBTEnvironmentSettings{Name: "n", TargetSchema: "s"})
		for what, err := range errs {
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
	}
}

// A list of several pages is one list, of either form, and an odd item is not
// the others' fault.
func TestListDBTEnvironments(t *testing.T) {
	t.Parallel()
	item := func(id string) string {
		return `{"id":"` + id + `","name":"n","targetSchema":"s","ownerId":null,"isDefaultEnvironment":false,"variables":[]}`
	}
	for name, c := range map[string]struct {
		pages []string
		want  []string // ids, odd ones with a !
		error string
	}{
		"one page":   {[]string{`{"pageInfo":{"hasNextPage":false,"nextCursor":null},"records":[` + item(idA) + `]}`}, []string{idA}, ""},
		"two pages":  {[]string{`{"pageInfo":{"hasNextPage":true,"nextCursor":"a&b"},"records":[` + item(idA) + `]}`, `{"pageInfo":{"hasNextPage":false},"records":[` + item(idB) + `]}`}, []string{idA, idB}, ""},
		"an array":   {[]string{` [` + item(idA) + `,` + item(idB) + `]`}, []string{idA, idB}, ""},
		"no pages":   {[]string{`{"records":[]}`}, nil, ""},
		"odd items":  {[]string{`{"records":[{"id":"` + idA + `","name":7},` + item(idB) + `,{"id":"` + idC + `","name":"n","targetSchema":"s"},{"id":8},null]}`}, []string{idA + "!", idB, idC + "!", "!", "!"}, ""},
		"no list":    {[]string{`{"pageInfo":{"hasNextPage":false}}`}, nil, "records"},
		"no cursor":  {[]string{`{"pageInfo":{"hasNextPage":true},"records":[]}`}, nil, "nextCursor"},
		"no end":     {[]string{`{"pageInfo":{"hasNextPage":true,"nextCursor":"a"},"records":[]}`, `{"pageInfo":{"hasNextPage":true,"nextCursor":"a"},"records":[]}`}, nil, "does not end"},
		"page fails": {[]string{`{"pageInfo":{"hasNextPage":true,"nextCursor":"a"},"records":[]}`, `<html>`}, nil, "200"},
	} {
		next := 0
		var queries []string
		s := newScripted(t, "v1", func(r *http.Request, _ string) (int, string) {
			queries = append(queries, r.URL.RawQuery)
			next++
			return 200, c.pages[next-1]
		})
		list, err := s.client.ListDBTEnvironments(t.Context(), idA)
		var got []string
		for _, e := range list {
			id := e.ID
			if e.Problem != nil {
				id += "!"
			}
			got = append(got, id)
		}
		if (err != nil) != (c.error != "") || err != nil && !strings.Contains(err.Error(), c.error) || err == nil && !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		want := []string{"pageSize=100", "cursor=a&pageSize=100"}
		if name == "two pages" {
			want[1] = "cursor=a%26b&pageSize=100"
		}
		if !slices.Equal(queries, want[:len(c.pages)]) {
			t.Errorf("%s: asked for %v", name, queries)
		}
	}
}

// An existing variable is sent by its id and without its name, which the server
// would refuse; no variables are an empty list.
func TestDBTEnvironmentBody(t *testing.T) {
	t.Parallel()
	answer := `{"id":"` + idB + `","name":"n","targetSchema":"s","variables":[]}`
	var bodies []string
	s := newScripted(t, "v1", func(r *http.Request, body string) (int, string) {
		bodies = append(bodies, r.Method+" "+body)
		return 200, answer
	})
	empty, value := secret.New(""), secret.New("v")
	_, err := s.client.CreateDBTEnvironment(t.Context(), idA, omni.DBTEnvironmentSettings{Name: "n", TargetSchema: "s", TargetRole: nullable.Null[string]()})
	_, err2 := s.client.UpdateDBTEnvironment(t.Context(), idA, idB, omni.DBTEnvironmentSettings{Name: "n", TargetSchema: "s", OwnerID: nullable.Of("o"), Variables: []omni.DBTVariableWrite{
		{ID: idC, Name: "A", IsSecret: true}, {ID: idC, Name: "B", Value: &empty}, {Name: "C", IsSecret: true, Value: &value},
	}})
	want := []string{
		`POST {"name":"n","targetSchema":"s","targetRole":null,"variables":[]}`,
		`PUT {"name":"n","targetSchema":"s","ownerId":"o","variables":[{"id":"` + idC + `","isSecret":true},{"id":"` + idC + `","isSecret":false,"value":""},{"name":"C","isSecret":true,"value":"v"}]}`,
	}
	if err != nil || err2 != nil || !slices.Equal(bodies, want) {
		t.Errorf("%v %v\n%s", err, err2, strings.Join(bodies, "\n"))
	}
	// Another one's answer is none.
	if _, err := s.client.UpdateDBTEnvironment(t.Context(), idA, idC, omni.DBTEnvironmentSettings{}); !httpclient.IsUnreadable(err) {
		t.Errorf("%v", err)
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
		inventory := inventoryOf(t, server)
		if _, err := inventory.DBTEnvironment(t.Context(), id, idA); !errors.Is(err, omni.ErrGone) { // so the list is read before they come
			t.Fatal(err)
		}
		for _, e := range c.meanwhile {
			server.AddDBTEnvironment(id, e)
		}
		e, err := inventory.CreateDBTEnvironment(t.Context(), id, settings)
		if (err == nil) != c.found {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
		if _, isUnknown := errors.AsType[*httpclient.UnknownOutcomeError](err); err != nil {
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

// Reads share a list a connection; a write empties that of its connection only.
func TestDBTEnvironmentReads(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	inventory := inventoryOf(t, server)
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
				if e, err := inventory.DBTEnvironment(t.Context(), o.connection, o.id); err != nil || e.ID != o.id {
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
	if _, err := inventory.UpdateDBTEnvironment(t.Context(), all[0].connection, all[0].id, omni.DBTEnvironmentSettings{Name: "m", TargetSchema: "s"}); err != nil {
		t.Fatal(err)
	}
	read(1)
	if e, _ := inventory.DBTEnvironment(t.Context(), all[0].connection, all[0].id); e.Name != "m" {
		t.Errorf("the name is %s after the write", e.Name)
	}
}

func FuzzListDBTEnvironments(f *testing.F) {
	for _, seed := range []string{
		`{"pageInfo":{"hasNextPage":false,"nextCursor":null,"pageSize":20,"totalRecords":1},"records":[{"id":"` + idA + `","name":"n","targetSchema":"s","variables":[{"id":"1","name":"A","value":null,"isSecret":true}]}]}`,
		`[{"id":"x"}]`, `{"records":null}`, `{"records":[null,1,"a",[]]}`, `[`, ``, `null`, `{"pageInfo":1,"records":[]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, e := range omni.DecodeDBTEnvironments(data) {
			if e.Problem == nil && (e.Variables == nil || e.Name == "" || e.TargetSchema == "" || e.ID == "") {
				t.Fatalf("%q gave %+v", data, e)
			}
		}
	})
}
