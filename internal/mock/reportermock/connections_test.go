// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock_test

import (
	"encoding/json"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func TestHosts(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	id := c.create(postgres("hosts"))
	long := strings.Repeat("a", 63)
	for _, host := range []string{"localhost", "DB.Example.COM", "h", long, "db.1x", "10.0.0.1", "127.0.0.1", "::1", "a-b.c-d"} {
		if got := c.must("PATCH", "/"+id, object{"host": host})["host"]; got != host {
			t.Errorf("%q became %q", host, got)
		}
	}
	for _, host := range []string{
		"0db", "1db.example.com", "my_db", "my-db-", "-db", "db.example.com.", "db..x", long + "a", "999.1.1.1", "[::1]",
		"fe80::1%eth0", " db ", "host:5432", "http://db", "münchen.de", ".", "",
	} {
		c.refused("PATCH", "/"+id, object{"host": host}, 400, "FET-0001")
		if host != "" {
			c.refused("POST", "", with(postgres("x-x"), object{"host": host}), 400, "FET-0001")
		}
	}
}

func TestPorts(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	id := c.create(postgres("ports"))
	for port, taken := range map[int]bool{1: true, 65535: true, 65536: false, 0: false, -1: false} {
		if status, answer := c.send("PATCH", "/"+id, object{"port": port}); (status == 200) != taken {
			t.Errorf("%d: %d %v", port, status, answer)
		}
	}
}

func TestSSLModes(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	modes := map[string]string{
		"POSTGRESQL": "disable allow prefer require verify-ca verify-full",
		"MYSQL":      "false true skip-verify preferred",
		"MONGODB":    "disable false true enable insecure",
		"ORACLE":     "disable false true enable verify skip-verify",
		"SQL_SERVER": "disable false true strict",
	}
	all := map[string]bool{"": true, "Require": true}
	for _, list := range modes {
		for mode := range strings.FieldsSeq(list) {
			all[mode] = true
		}
	}
	id := c.create(postgres("modes"))
	for kind, list := range modes {
		for mode := range all {
			body := object{"type": kind, "ssl": object{"mode": mode, "ca": "CA"}}
			switch {
			case strings.Contains(" "+list+" ", " "+mode+" ") && mode != "":
				c.must("PATCH", "/"+id, body)
			case mode == "":
				c.refused("PATCH", "/"+id, body, 400, "FET-0402")
			default:
				fields := c.refused("PATCH", "/"+id, body, 400, "FET-0001")["fields"].(object)
				if !strings.HasPrefix(fields["ssl.mode"].(string), "FET-0413") {
					t.Errorf("%v", fields)
				}
			}
		}
	}
}

func TestSecretsAreKeptAndReplaced(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	id := c.create(with(postgres("secrets"), object{"ssl": object{"mode": "require", "ca": "CA-1", "cert": "CERT-1", "key": "KEY-1"}}))
	want := func(field, value string, exists bool) {
		t.Helper()
		if got, ok := c.Secret(id, field); got != value || ok != exists {
			t.Errorf("%s is %q, %t", field, got, ok)
		}
	}
	want("password", "pg-secret", true)
	want("ssl.key", "KEY-1", true)
	want("ssl.cert", "CERT-1", true)
	c.must("PATCH", "/"+id, object{"ssl": object{"ca": "CA-2"}}) // without a mode: nothing
	want("ssl.ca", "CA-1", true)
	c.must("PATCH", "/"+id, object{"ssl": object{"mode": "disable", "ca": "CA-3"}})
	want("ssl.ca", "CA-3", true)
	want("ssl.cert", "", false)
	want("ssl.key", "", false)
	c.refused("PATCH", "/"+id, object{"password": "refused", "port": 0}, 400, "FET-0001")
	want("password", "pg-secret", true)
	c.must("PATCH", "/"+id, object{"password": ""})
	want("password", "", true)
	for value, received := range map[string]bool{"CA-2": true, "KEY-1": true, "refused": true, "never": false, "": false, "db.example.com": false} {
		if c.ReceivedSecret(value) != received {
			t.Errorf("received %q: %t", value, !received)
		}
	}
	text, _ := json.Marshal(c.must("GET", "/"+id, nil))
	for _, value := range []string{"CA-", "CERT", "KEY", "pg-secret", "password"} {
		if strings.Contains(string(text), value) {
			t.Errorf("%s shows %s", text, value)
		}
	}
}

func TestEchoSecretsInErrors(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{EchoSecretsInErrors: true})
	body := with(postgres("x"), object{"ssl": object{"mode": "bogus", "ca": "CA-1"}})
	if message := c.refused("POST", "", body, 400, "FET-0001")["message"].(string); !strings.Contains(message, "'pg-secret'") || !strings.Contains(message, "'CA-1'") {
		t.Error(message)
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	created := c.must("POST", "", `{"CONFIGNAME":"first","configname":"last","type":"MYSQL","Host":"h","port":1,"databaseName":"d","userName":"u","password":"p","x":{}}`)
	if created["configName"] != "last" {
		t.Errorf("%v", created)
	}
	for _, body := range []string{"", "[]", `"x"`, "{} {}", `{"port":1e0.}`, `{"metadata":[]}`, `{"ssl":"x"}`, `{"ssl":{"mode":true}}`} {
		c.refused("POST", "", body, 400, "FET-0001")
		c.refused("PATCH", "/"+created["id"].(string), body, 400, "FET-0001")
	}
	for media, taken := range map[string]bool{
		"": false, "text/plain": false, "application/jsonl": false, "multipart/form-data": false,
		"text/json": true, "application/vnd.api+json": true, "application/merge-patch+json": true, "Application/JSON; charset=utf-8": true,
	} {
		r := httptest.NewRequest("PATCH", connections+"/"+created["id"].(string), strings.NewReader(`{"port":2}`))
		if media != "" {
			r.Header.Set("Content-Type", media)
		}
		if status, _ := c.roundTrip(r); (status == 200) != taken {
			t.Errorf("%q: %d", media, status)
		}
	}
}

// A body that says something at least is not called empty.
func TestBodiesOfOneKey(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	for key, value := range with(postgres("one"), object{"schema": "s", "ssl": object{"mode": "require"}, "metadata": object{"a": "1"}}) {
		if answer := c.refused("POST", "", object{key: value}, 400, "FET-0402"); answer["message"] == "empty request body" {
			t.Errorf("%s: %v", key, answer)
		}
	}
	for _, body := range []object{{}, {"ssl": object{}}, {"productName": "p"}, {"port": 0}} {
		if answer := c.refused("POST", "", body, 400, "FET-0001"); answer["message"] != "empty request body" {
			t.Errorf("%v: %v", body, answer)
		}
	}
}

func TestIDsAndTimes(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	at := c.clock.now()
	created := c.must("POST", "", postgres("one"))
	id := created["id"].(string)
	if !strings.HasPrefix(id, "019") && !strings.HasPrefix(id, "01a") || id[14] != '7' {
		t.Errorf("id %s", id)
	}
	stored, _ := c.Connection(id)
	if !stored.CreatedAt.Equal(at) || !stored.UpdatedAt.Equal(at) {
		t.Errorf("%+v", stored)
	}
	if created["createdAt"] == created["updatedAt"] {
		t.Error("a creation has one time")
	}
	if fine := newClient(t, reportermock.Options{Now: func() time.Time { return at.Add(5) }}).must("POST", "", postgres("one")); fine["createdAt"] != "2026-11-22T15:56:51.836000005Z" {
		t.Errorf("%v", fine)
	}
	// The clock stands, and yet updatedAt moves.
	c.must("PATCH", "/"+id, object{"host": "db.example.com"})
	if after, _ := c.Connection(id); !after.UpdatedAt.Equal(at.Add(time.Millisecond)) || !after.CreatedAt.Equal(at) {
		t.Errorf("%+v", after)
	}
	c.clock.advance(time.Minute)
	c.must("PATCH", "/"+id, object{"host": "db.example.com"})
	if after, _ := c.Connection(id); !after.UpdatedAt.Equal(at.Add(time.Minute)) {
		t.Errorf("%+v", after)
	}
	if created["createdAt"] != "2026-11-22T15:56:51.836123456Z" || c.must("GET", "/"+id, nil)["createdAt"] != "2026-11-22T15:56:51.836Z" {
		t.Errorf("%v", created)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	id := c.create(postgres("one"))
	c.refused("POST", "", postgres(" one "), 409, "FET-1002")
	c.create(postgres("ONE"))
	c.Remove(id)
	if again := c.create(postgres("one")); again == id {
		t.Error("an id was used twice")
	}
	if fields := c.refused("POST", "", postgres("   "), 400, "FET-0402")["fields"].(object); fields["config_name"] != "config name is required" || len(fields) != 1 {
		t.Errorf("%v", fields)
	}
	c.refused("PATCH", "/"+c.create(postgres("two")), object{"configName": " a "}, 400, "FET-0001")
	c.StartJob("two")
	c.refused("POST", "", postgres("two"), 409, "FET-1002")
	for _, connection := range c.Connections() {
		if connection.ConfigName == "two" {
			c.refused("PATCH", "/"+connection.ID, object{"port": 1}, 409, "FET-1021")
			c.FinishJob("two")
			c.must("PATCH", "/"+connection.ID, object{"port": 1})
		}
	}
}

func TestOutOfBand(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	mode := "require"
	id := c.Add(reportermock.Connection{ConfigName: "theirs", ProductName: "p", SSLMode: &mode, Metadata: object{"a": "1"}}, "pw")
	c.clock.advance(time.Minute)
	c.Edit(id, func(e *reportermock.Connection) {
		e.Host = "other.example.com"
		e.Metadata["a"] = "2"
		e.SSLMode = nil
	})
	read := c.must("GET", "/"+id, nil)
	if read["host"] != "other.example.com" || read["ssl"] != nil || read["metadata"].(object)["a"] != "2" || read["updatedAt"] == read["createdAt"] {
		t.Errorf("%v", read)
	}
	copied, _ := c.Connection(id)
	copied.Metadata["a"] = "3"
	if all := c.Connections(); len(all) != 1 || all[0].Metadata["a"] != "2" {
		t.Errorf("%+v", all)
	}
	if got, _ := c.Secret(id, "password"); got != "pw" {
		t.Errorf("password %q", got)
	}
	c.SetSecret(id, "password", "theirs")
	if got, _ := c.Secret(id, "password"); got != "theirs" {
		t.Errorf("password %q", got)
	}
	c.Remove(id)
	c.refused("GET", "/"+id, nil, 404, "FET-1001")
	if _, ok := c.Connection(id); ok || len(c.Connections()) != 0 {
		t.Error("a removed connection is still there")
	}
	failtest.RequirePanics(t, map[string]func(){
		"edit":    func() { c.Edit(id, func(*reportermock.Connection) {}) },
		"remove":  func() { c.Remove("x") },
		"secret":  func() { c.SetSecret(id, "password", "x") },
		"no name": func() { c.Add(reportermock.Connection{}, "") },
		"pattern": func() { c.Forbid("", "[") },
		"taken": func() {
			c.Add(reportermock.Connection{ConfigName: "t"}, "")
			c.Add(reportermock.Connection{ConfigName: "t"}, "")
		},
		"bad count": func() { c.CountRequests("", "[") },
	})
}

// What is added without details has defaults, and what is given stays.
func TestAdd(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	requireCA := func(id, want string) {
		t.Helper()
		if got, _ := c.Secret(id, "ssl.ca"); got != want {
			t.Errorf("the certificate is %q, want %q", got, want)
		}
	}
	now := c.clock.now()
	id := c.Add(reportermock.Connection{ConfigName: "bare"}, "pw")
	requireCA(id, "")
	want := reportermock.Connection{
		ID: id, ConfigName: "bare", Type: "POSTGRESQL", Host: "db.example.com", Port: 5432, DatabaseName: "mydatabase", UserName: "dbuser", CreatedAt: now, UpdatedAt: now,
	}
	if got, _ := c.Connection(id); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	mode, schema := "require", "s"
	want = reportermock.Connection{
		ConfigName: "full", ProductName: "p", Type: "MYSQL", Host: "h", Port: 1, DatabaseName: "d", UserName: "u", Schema: &schema, SSLMode: &mode,
		CreatedAt: now.Add(-time.Hour), UpdatedAt: now.Add(-time.Minute),
	}
	want.ID = c.Add(want, "pw")
	if got, _ := c.Connection(want.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	requireCA(want.ID, "CA")
	c.SetSecret(want.ID, "ssl.ca", "theirs")
	c.Edit(want.ID, func(e *reportermock.Connection) { e.UpdatedAt = now.Add(time.Hour) })
	requireCA(want.ID, "theirs")
	if got, _ := c.Connection(want.ID); !got.UpdatedAt.Equal(now.Add(time.Hour)) {
		t.Errorf("%+v", got)
	}
	c.Edit(id, func(e *reportermock.Connection) { e.SSLMode = &mode })
	requireCA(id, "CA")
}

func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	id := c.create(postgres("one"))
	c.SetDatabaseDown(true)
	for _, request := range [][2]string{
		{"POST", ""},
		{"GET", ""},
		{"GET", "/unassigned"},
		{"GET", "/" + id},
		{"PATCH", "/" + id},
		{"DELETE", "/" + id},
		{"POST", "/" + id + "/assign"},
		{"POST", "/" + id + "/test"},
		{"GET", "/" + id + "/schema"},
	} {
		c.refused(request[0], request[1], postgres("two"), 503, "FET-0003")
	}
	c.refused("POST", "/validate-schema", `{"mappedFields":{"one":{}}}`, 503, "FET-0003")
	c.refused("POST", "", postgres("a b"), 400, "FET-0402")
}
