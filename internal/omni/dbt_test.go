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
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
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
		"refused":         {`{"success":false,"error":"no"}`, isUnreadableDBT, isUnreadableDBT},
		"no message":      {`{"supportsDbt":true}`, isUnreadableDBT, isUnreadableDBT},
		"message alone":   {`{"message":"dbt not configured for this connection"}`, isUnreadableDBT, isUnreadableDBT},
		"no branch":       {`{"supportsDbt":true,"sshUrl":"git@h:r"}`, isUnreadableDBT, isUnreadableDBT},
		"done, no branch": {`{"success":true,"sshUrl":"git@h:r"}`, isUnreadableDBT, isUnreadableDBT},
		"wrong type":      {`{"supportsDbt":true,"sshUrl":1,"branch":"b"}`, isUnreadableDBT, isUnreadableDBT},
		"empty":           {`{}`, isUnreadableDBT, isUnreadableDBT},
		"array":           {`[]`, isUnreadableDBT, isUnreadableDBT},
		"page":            {`<html></html>`, isUnreadableDBT, isUnreadableDBT},
	} {
		s := omnitest.New(t, "v1", omnitest.Always(200, c.answer))
		if d, err := s.Client.GetDBT(t.Context(), omnitest.IDA); !c.read(d, err) {
			t.Errorf("%s: read is %+v, %v", name, d, err)
		}
		if d, err := s.Client.PutDBT(t.Context(), omnitest.IDA, omni.DBTWrite{}); !c.write(d, err) {
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

// What replaces a configuration is sent whole, and a key or a token only where it is
// to be another.
func TestDBTBody(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"success":true}`))
	settings := omni.DBTSettings{SSHURL: nullable.Of("git@h:r"), Branch: nullable.Of("b")}
	for body, write := range map[string]omni.DBTWrite{
		`{"sshUrl":"git@h:r","branch":"b"}`:                   {Settings: settings},
		`{"sshUrl":"git@h:r","branch":"b","rotateKeys":true}`: {Settings: settings, RotateKeys: true},
		`{"sshUrl":"git@h:r","branch":"b","token":"hidden"}`:  {Settings: settings, Token: omnitest.SecretOf("hidden")},
	} {
		if d, err := s.Client.PutDBT(t.Context(), omnitest.IDA, write); d != nil || err != nil {
			t.Errorf("%+v, %v", d, err)
		}
		s.Expect(t, "PUT connections/"+omnitest.IDA+"/dbt "+body)
	}
	s.Answer = omnitest.Always(200, `{"supportsDbt":true,"sshUrl":"git@h:r","branch":"b"}`)
	if d, err := s.Client.RotateSigningKey(t.Context(), omnitest.IDA, omni.SigningKeyRotation{CommitterEmail: nullable.Of("e"), CommitterName: nullable.Of("n")}); err != nil || d.Branch.Or("") != "b" {
		t.Errorf("%+v, %v", d, err)
	}
	s.Expect(t, "POST connections/"+omnitest.IDA+`/dbt/rotate-signing-key {"commitSigningCommitterEmail":"e","commitSigningCommitterName":"n"}`)
}

// Tokens and keys go on the wire, and into no message.
func TestDBTSecretsAreMasked(t *testing.T) {
	t.Parallel()
	var received []string
	s := omnitest.New(t, "v1", func(_ *http.Request, body string) (int, string) {
		received = append(received, body)
		echo, _ := json.Marshal("refused: " + body)
		return 400, `{"detail":` + string(echo) + `}`
	})
	hidden := func(text string) *secret.String { s := secret.New(text); return &s }
	ctx := t.Context()
	_, one := s.Client.PutDBT(ctx, omnitest.IDA, omni.DBTWrite{Token: hidden("hidden-1")})
	_, two := s.Client.CreateDBTEnvironment(ctx, omnitest.IDA, omni.DBTEnvironmentSettings{Variables: []omni.DBTVariableWrite{
		{Name: "A", IsSecret: true, Value: hidden("hidden-2")}, {Name: "B", Value: hidden("visible")},
	}})
	all := fmt.Sprint(one, two)
	if strings.Contains(all, "hidden-") || !strings.Contains(all, "visible") || strings.Count(all, secret.Redacted) < 2 {
		t.Errorf("%s", all)
	}
	for _, want := range []string{"hidden-1", "hidden-2"} {
		if !strings.Contains(strings.Join(received, "\n"), want) {
			t.Errorf("%s was not sent", want)
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
		"one page":   {[]string{`{"pageInfo":{"hasNextPage":false,"nextCursor":null},"records":[` + item(omnitest.IDA) + `]}`}, []string{omnitest.IDA}, ""},
		"two pages":  {[]string{`{"pageInfo":{"hasNextPage":true,"nextCursor":"a&b"},"records":[` + item(omnitest.IDA) + `]}`, `{"pageInfo":{"hasNextPage":false},"records":[` + item(omnitest.IDB) + `]}`}, []string{omnitest.IDA, omnitest.IDB}, ""},
		"an array":   {[]string{` [` + item(omnitest.IDA) + `,` + item(omnitest.IDB) + `]`}, []string{omnitest.IDA, omnitest.IDB}, ""},
		"no pages":   {[]string{`{"records":[]}`}, nil, ""},
		"odd items":  {[]string{`{"records":[{"id":"` + omnitest.IDA + `","name":7},` + item(omnitest.IDB) + `,{"id":"` + omnitest.IDC + `","name":"n","targetSchema":"s"},{"id":8},null]}`}, []string{omnitest.IDA + "!", omnitest.IDB, omnitest.IDC + "!", "!", "!"}, ""},
		"no list":    {[]string{`{"pageInfo":{"hasNextPage":false}}`}, nil, "records"},
		"no cursor":  {[]string{`{"pageInfo":{"hasNextPage":true},"records":[]}`}, nil, "nextCursor"},
		"no end":     {[]string{`{"pageInfo":{"hasNextPage":true,"nextCursor":"a"},"records":[]}`, `{"pageInfo":{"hasNextPage":true,"nextCursor":"a"},"records":[]}`}, nil, "has no end"},
		"page fails": {[]string{`{"pageInfo":{"hasNextPage":true,"nextCursor":"a"},"records":[]}`, `<html>`}, nil, "200"},
	} {
		next := 0
		var queries []string
		s := omnitest.New(t, "v1", func(r *http.Request, _ string) (int, string) {
			queries = append(queries, r.URL.RawQuery)
			next++
			return 200, c.pages[next-1]
		})
		list, err := s.Client.ListDBTEnvironments(t.Context(), omnitest.IDA)
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
	answer := `{"id":"` + omnitest.IDB + `","name":"n","targetSchema":"s","variables":[]}`
	var bodies []string
	s := omnitest.New(t, "v1", func(r *http.Request, body string) (int, string) {
		bodies = append(bodies, r.Method+" "+body)
		return 200, answer
	})
	empty, value := secret.New(""), secret.New("v")
	_, err := s.Client.CreateDBTEnvironment(t.Context(), omnitest.IDA, omni.DBTEnvironmentSettings{Name: "n", TargetSchema: "s", TargetRole: nullable.Null[string]()})
	_, err2 := s.Client.UpdateDBTEnvironment(t.Context(), omnitest.IDA, omnitest.IDB, omni.DBTEnvironmentSettings{Name: "n", TargetSchema: "s", OwnerID: nullable.Of("o"), TargetDatabase: nullable.Of("d"), TargetName: nullable.Of("t"), Variables: []omni.DBTVariableWrite{
		{ID: omnitest.IDC, Name: "A", IsSecret: true}, {ID: omnitest.IDC, Name: "B", Value: &empty}, {Name: "C", IsSecret: true, Value: &value},
	}})
	want := []string{
		`POST {"name":"n","targetSchema":"s","targetRole":null,"variables":[]}`,
		`PUT {"name":"n","targetSchema":"s","ownerId":"o","targetDatabase":"d","targetName":"t","variables":[{"id":"` + omnitest.IDC + `","isSecret":true},{"id":"` + omnitest.IDC + `","isSecret":false,"value":""},{"name":"C","isSecret":true,"value":"v"}]}`,
	}
	if err != nil || err2 != nil || !slices.Equal(bodies, want) {
		t.Errorf("%v %v\n%s", err, err2, strings.Join(bodies, "\n"))
	}
	// Another one's answer is none.
	if _, err := s.Client.UpdateDBTEnvironment(t.Context(), omnitest.IDA, omnitest.IDC, omni.DBTEnvironmentSettings{}); !httpclient.IsUnreadable(err) {
		t.Errorf("%v", err)
	}
}

func FuzzListDBTEnvironments(f *testing.F) {
	for _, seed := range []string{
		`{"pageInfo":{"hasNextPage":false,"nextCursor":null,"pageSize":20,"totalRecords":1},"records":[{"id":"` + omnitest.IDA + `","name":"n","targetSchema":"s","variables":[{"id":"1","name":"A","value":null,"isSecret":true}]}]}`,
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
