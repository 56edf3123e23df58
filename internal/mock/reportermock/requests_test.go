// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// The requests of this file were sent to a running Fetcher Manager 2.0.2 as well,
// in a second look at it, which found a mock that answered otherwise.

func TestQueries(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	long, longer := strings.Repeat("v", 257), strings.Repeat("k", 65)
	c.create(with(postgres("one"), object{"metadata": object{longer: long}}))
	c.create(postgres("two"))
	for _, query := range []string{"?limit=%zz", "?limit=1;page=2", "?limit=1&limit=%", "?" + longer + "=1", "?k=" + long, "?$k=1", "?_k=1"} {
		c.refused("GET", query, nil, 400, "FET-0405")
	}
	for query, want := range map[string]string{
		"?limit=x&limit=1":                       "two",
		"?limit=1&limit=":                        "two one",
		"?metadata." + longer + "=" + long:       "one",
		"?cursor=&$k=&" + longer + "=":           "two one",
		"?sortOrder=asc&sortOrder=DESC":          "two one",
		"?%6Cimit=1&%zz=1&%":                     "two",
		"?type=mysql&type=postgresql&x=+%2B&y&=": "two one",
	} {
		if got := strings.Join(c.names(query), " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	// What the parameters say together comes after each of them.
	c.refused("GET", "?limit=1000&page=x", nil, 400, "FET-0405")
	c.refused("GET", "?limit=1000&startDate=2026-11-20&endDate=2026-11-01", nil, 400, "FET-0409")
	c.refused("GET", "?limit=1000&page=0", nil, 400, "FET-0406")
}

func TestPageCap(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{MaxPageSize: 50})
	c.must("GET", "?limit=50", nil)
	answer := c.refused("GET", "?limit=100", nil, 400, "FET-0406")
	if answer["message"] != "The pagination limit exceeds the maximum allowed of 50 items per page. Please verify the limit and try again." {
		t.Errorf("%v", answer)
	}
	c.refused("GET", "/unassigned?limit=51", nil, 400, "FET-0406")
	c = newClient(t, reportermock.Options{MaxPageSize: 5})
	c.refused("GET", "", nil, 400, "FET-0406") // the default is 10
}

func TestPaths(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	id := c.create(postgres("one"))
	for _, path := range []string{"//", "/UNASSIGNED", "/" + id + "//", "/" + strings.ToUpper(id) + "/", "/{" + id + "}"} {
		c.must("GET", path, nil)
	}
	for method, path := range map[string]string{"GET": "/%7B" + id + "%7D", "DELETE": "/" + id[:35], "POST": "/nope/ASSIGN"} {
		c.refused(method, path, nil, 400, "FET-0404")
	}
	c.refused("GET", "/"+id+"/Nope", nil, 404, 404.0)
	r := httptest.NewRequest("GET", "/V1/Management/CONNECTIONS/"+id, nil)
	if status, _ := c.roundTrip(r); status != 200 {
		t.Errorf("%s: %d", r.URL, status)
	}
}

func TestAssignChecksTheIDFirst(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	r := httptest.NewRequest("POST", connections+"/nope/assign", nil)
	if _, answer := c.roundTrip(r); answer["code"] != "FET-0404" {
		t.Errorf("%v", answer)
	}
}

func TestAllowAndHealth(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{Auth: reportermock.StaticToken})
	id := c.create(postgres("one"))
	for _, test := range [][3]string{
		{"PUT", "/" + id, "GET, HEAD, DELETE, PATCH"},
		{"PUT", "", "GET, HEAD, POST"},
		{"GET", "/" + id + "/test", "POST"},
		{"POST", "/" + id + "/schema", "GET, HEAD"},
	} {
		w := httptest.NewRecorder()
		c.ServeHTTP(w, httptest.NewRequest(test[0], connections+test[1], nil))
		if w.Code != 405 || w.Header().Get("Allow") != test[2] {
			t.Errorf("%s %s: %d %v", test[0], test[1], w.Code, w.Header())
		}
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest("GET", "/health", nil))
	if w.Code != 200 || w.Body.String() != "healthy" || w.Header().Get("Date") != "Sun, 22 Nov 2026 15:56:51 GMT" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	// A server with a static token gives none out, and it may be asked by its whole address.
	if status, _ := c.roundTrip(httptest.NewRequest("POST", "/v1/login/oauth/access_token", nil)); status != 404 {
		t.Errorf("asked for a token: %d", status)
	}
	if status, _ := c.roundTrip(httptest.NewRequest("GET", "http://reporter.example"+connections, nil)); status != 200 {
		t.Errorf("asked by the address: %d", status)
	}
}

func TestAuthorizationSchemes(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{Auth: reportermock.StaticToken})
	for value, want := range map[string]string{
		"bearer " + c.Token(): "", "BEARER  " + c.Token(): "", c.Token(): "",
		"Bearer ": "Missing Token", "Bearer": "Missing Token", "Basic eA==": "Missing Token", "": "Missing Token", "x": "Unauthorized",
	} {
		r := httptest.NewRequest("GET", connections, nil)
		r.Header.Set("Authorization", value)
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		if (w.Code == http.StatusOK) != (want == "") || want != "" && w.Body.String() != want {
			t.Errorf("%q: %d %s", value, w.Code, w.Body)
		}
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	send := func(media, body string) (int, object) {
		r := httptest.NewRequest("POST", connections, strings.NewReader(body))
		r.Header.Set("X-Product-Name", "p")
		r.Header.Set("Content-Type", media)
		return c.roundTrip(r)
	}
	const form = "configName=one&TYPE=POSTGRESQL&host=h&port=5432&databaseName=d&userName=a+b&password=p%26q&ssl.mode=require&ssl.ca=CA"
	const media = "application/x-www-form-urlencoded"
	status, answer := send(media, form)
	if status != 201 || answer["userName"] != "a b" || answer["ssl"].(object)["mode"] != "require" || !c.ReceivedSecret("p&q") {
		t.Errorf("%d %v", status, answer)
	}
	for sent, want := range map[string]string{"a%zz": "a%zz", "a%4": "a%4", "a%": "a%", "%41": "A", "%4a%4B": "JK", "%2": "%2", "a%2525": "a%25", "12": "12", "%E2%82%AC": "€"} {
		status, answer := send(media, strings.Replace(strings.Replace(form, "a+b", sent, 1), "one", "c-"+strconv.Itoa(len(c.Connections())), 1))
		if status != 201 || answer["userName"] != want {
			t.Errorf("%s: %d %v, want %s", sent, status, answer, want)
		}
	}
	for _, test := range [][3]string{
		{media, `{"configName": "two", "port": 1}`, "empty request body"},
		{media, strings.Replace(form, "5432", "x", 1), "unable to parse request body"},
		{"application/json", form, "unable to parse request body"},
	} {
		if status, answer := send(test[0], test[1]); status != 400 || answer["message"] != test[2] {
			t.Errorf("%v: %d %v", test, status, answer)
		}
	}
}

func TestMetadataOfAllTypes(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	key, value := strings.Repeat("k", 101), strings.Repeat("v", 2001)
	metadata := object{key: value, "": "", "n": 5.0, "flag": true, "none": nil, "deep": object{"a": []any{1.0}}}
	id := c.create(with(postgres("one"), object{"metadata": metadata}))
	got := c.must("GET", "/"+id, nil)["metadata"].(object)
	if len(got) != len(metadata) || got[key] != value || got["n"] != 5.0 || got["flag"] != true || got["none"] != nil {
		t.Errorf("%v", got)
	}
}

// Metadata that are sent empty are shown once, and are none from then on.
func TestEmptyMetadata(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	requireMetadata := func(answer object, want string) {
		t.Helper()
		if got, _ := json.Marshal(answer["metadata"]); string(got) != want {
			t.Errorf("the metadata are %s, want %s", got, want)
		}
	}
	created := c.must("POST", "", with(postgres("one"), object{"metadata": object{}}))
	requireMetadata(created, "{}")
	path := "/" + created["id"].(string)
	requireMetadata(c.must("GET", path, nil), "null")
	requireMetadata(c.must("PATCH", path, object{"metadata": object{"a": "1"}}), `{"a":"1"}`)
	requireMetadata(c.must("PATCH", path, object{"port": 1}), `{"a":"1"}`)
	requireMetadata(c.must("PATCH", path, object{"metadata": object{}}), "{}")
	requireMetadata(c.must("PATCH", path, object{"port": 2}), "null")
}

func TestLongestProductName(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	for length, want := range map[int]int{100: 200, 101: 400} {
		r := httptest.NewRequest("GET", connections, nil)
		r.Header.Set("X-Product-Name", strings.Repeat("p", length))
		if status, answer := c.roundTrip(r); status != want {
			t.Errorf("%d characters: %d %v", length, status, answer)
		}
	}
}

// An assignment is a change.
func TestAssign(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	path := "/" + c.Add(reportermock.Connection{ConfigName: "theirs"}, "pw")
	before := c.must("GET", path, nil)
	after := c.must("POST", path+"/assign", nil)
	if before["productName"] != nil || after["productName"] != "my-product" || after["updatedAt"] == before["updatedAt"] || after["createdAt"] != before["createdAt"] {
		t.Errorf("%v became %v", before, after)
	}
	c.refused("POST", path+"/assign", nil, 409, "FET-1015")
}

func TestWhatDoesNotConnect(t *testing.T) {
	t.Parallel()
	database := reportermock.Database{Host: "db", Port: 1, DatabaseName: "d", UserName: "u", Password: "p@ss w?rd"}
	private, plain, v6, secure, plus := database, database, database, database, database
	plus.Host, plus.Password = "plus", "p+q"
	private.Host, private.PrivateCA, private.Password = "private", true, "p"
	plain.Password = "plain"
	v6.Host, v6.Password = "::1", "p"
	secure.Host, secure.Password = "secure", "p"
	c := newClient(t, reportermock.Options{Databases: []reportermock.Database{database, private, plain, v6, secure, plus}})
	body := func(kind, host, password string) object {
		return object{"configName": "x-" + strings.ToLower(kind), "type": kind, "host": host, "port": 1, "databaseName": "d", "userName": "u", "password": password}
	}
	verify := object{"ssl": object{"mode": "verify-full", "ca": "the right one"}}
	for name, test := range map[string]struct {
		body     object
		connects bool
	}{
		"all right":              {body("POSTGRESQL", "db", "plain"), true},
		"options in the name":    {with(body("POSTGRESQL", "db", "plain"), object{"databaseName": "d?application_name=x"}), true},
		"options of MySQL":       {with(body("MYSQL", "db", "plain"), object{"databaseName": "d?x=y"}), true},
		"wrong user":             {with(body("POSTGRESQL", "db", "plain"), object{"userName": "v"}), false},
		"plus for a blank":       {body("POSTGRESQL", "plus", "p q"), true},
		"closed port":            {with(body("POSTGRESQL", "db", "plain"), object{"port": 2}), false},
		"wrong database":         {with(body("POSTGRESQL", "db", "plain"), object{"databaseName": "e"}), false},
		"blank in the password":  {body("POSTGRESQL", "db", "p@ss w?rd"), false},
		"escaped password":       {body("MYSQL", "db", "p@ss w?rd"), false},
		"no escaping elsewhere":  {body("MONGODB", "db", "p@ss w?rd"), true},
		"IPv6":                   {body("POSTGRESQL", "::1", "p"), false},
		"IPv6 elsewhere":         {body("MYSQL", "::1", "p"), true},
		"private CA":             {with(body("POSTGRESQL", "private", "p"), verify), false},
		"private CA, unverified": {with(body("POSTGRESQL", "private", "p"), object{"ssl": object{"mode": "require", "ca": "x"}}), true},
		"public CA":              {with(body("POSTGRESQL", "secure", "p"), verify), true},
	} {
		id := c.create(test.body)
		if status, answer := c.send("POST", "/"+id+"/test", nil); (status == 200) != test.connects || !test.connects && answer["code"] != 500.0 {
			t.Errorf("%s: %d %v", name, status, answer)
		}
		c.Remove(id)
	}
	anything := newClient(t, reportermock.Options{AnyDatabase: true})
	anything.must("POST", "/"+anything.create(body("POSTGRESQL", "db", "x y"))+"/test", nil)
	anything.refused("POST", "/"+anything.create(with(body("POSTGRESQL", "::1", "x"), object{"configName": "v6-x"}))+"/test", nil, 500, 500.0)
}

func TestValidationsOfSchemas(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	c.create(postgres("abc"))
	answer := c.refused("POST", "/validate-schema", `{"mappedFields":{"abc":{"t":[""]}}}`, 400, "FET-0401")
	if answer["message"] != "field name cannot be empty or whitespace-only in 'abc.t'" {
		t.Errorf("%v", answer)
	}
	for _, body := range []string{`{"mappedFields":{"abc":{}}}`, `{"mappedFields":{"abc":null}}`} {
		c.refused("POST", "/validate-schema", body, 422, "FET-1060") // its database is down
	}
}

// A validation may ask for so much at most, and hears of all that is missing.
func TestValidationOfWholeSchemas(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{Databases: []reportermock.Database{{
		Host: "db.example.com", Port: 5432, DatabaseName: "analytics", UserName: "reporter", Password: "pg-secret", Tables: map[string][]string{"t": {"f"}},
	}}})
	c.create(postgres("abc"))
	answer := c.refused("POST", "/validate-schema", object{"mappedFields": object{"abc": object{"t": []string{"f", "g", "h"}, "u": []string{"f"}, "v": []string{"f"}}}}, 422, "FET-1060")
	missing := func(kind, table string) object { return object{"type": kind, "dataSourceId": "abc", "table": table} }
	if want := []any{with(missing("FIELD_NOT_FOUND", "t"), object{"field": "g"}), with(missing("FIELD_NOT_FOUND", "t"), object{"field": "h"}), missing("TABLE_NOT_FOUND", "u"), missing("TABLE_NOT_FOUND", "v")}; !reflect.DeepEqual(answer["errors"], want) {
		t.Errorf("%v", answer)
	}
	most := func(sources, tables, fields int) object {
		all := object{}
		for s := range sources {
			all[fmt.Sprint("s", s)] = object{}
			for t := range tables {
				all[fmt.Sprint("s", s)].(object)[fmt.Sprint("t", t)] = slices.Repeat([]string{"f"}, fields)
			}
		}
		return object{"mappedFields": all}
	}
	for code, body := range map[string]object{"FET-1062": most(10, 20, 50), "FET-1061": most(11, 1, 1)} {
		c.refused("POST", "/validate-schema", body, 400, code)
	}
	c.refused("POST", "/validate-schema", most(1, 21, 1), 400, "FET-1061")
	c.refused("POST", "/validate-schema", most(1, 1, 51), 400, "FET-1061")
}

// The largest body is read; beyond it, and where it breaks off, the connection ends.
func TestLargestBody(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	c.refused("POST", "", "{}"+strings.Repeat(" ", 4<<20-2), 400, "FET-0001")
	for name, body := range map[string]io.Reader{"one byte more": strings.NewReader(strings.Repeat(" ", 4<<20+1)), "broken off": iotest.ErrReader(io.ErrUnexpectedEOF)} {
		func() {
			defer func() {
				if got := recover(); got != http.ErrAbortHandler { //nolint:errorlint // it is this one
					t.Errorf("%s: %v", name, got)
				}
			}()
			c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", connections, body))
		}()
	}
}

func TestGuardedHosts(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{GuardHosts: true, AnyDatabase: true, Internal: []reportermock.Internal{{ConfigName: "plugin_crm", Host: "127.0.0.1", Port: 1}}})
	id := c.create(postgres("one"))
	for _, host := range []string{"127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1", "fd00::1"} {
		c.refused("POST", "", with(postgres("x-x"), object{"host": host}), 400, "FET-0414")
		c.refused("PATCH", "/"+id, object{"host": host, "port": 0}, 400, "FET-0414")
	}
	c.refused("POST", "", object{"host": "10.0.0.1"}, 400, "FET-0414") // before what is missing
	c.must("PATCH", "/"+id, object{"host": "8.8.8.8"})
	c.must("POST", "/"+id+"/test", nil)
	for _, host := range []string{"localhost", "db.internal", "db.svc.cluster.LOCAL"} {
		c.must("PATCH", "/"+id, object{"host": host})
		c.refused("POST", "/"+id+"/test", nil, 400, "FET-0414")
		c.refused("GET", "/"+id+"/schema", nil, 400, "FET-0414")
	}
	c.must("POST", "/"+c.Internal("plugin_crm")+"/test", nil)
}

func TestLowerCaseHosts(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{LowerCaseHosts: true})
	created := c.must("POST", "", with(postgres("one"), object{"host": "DB.Example.com"}))
	changed := c.must("PATCH", "/"+created["id"].(string), object{"host": "DB2.Example.com"})
	if created["host"] != "db.example.com" || changed["host"] != "db2.example.com" {
		t.Errorf("%v, then %v", created["host"], changed["host"])
	}
}

func TestInternalConnectionsHaveTheFirstDate(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{Internal: []reportermock.Internal{{ConfigName: "plugin_crm", Host: "h", Port: 1}}})
	if got := c.must("GET", "/"+c.Internal("plugin_crm"), nil); got["createdAt"] != "0001-01-01T00:00:00Z" || got["updatedAt"] != "0001-01-01T00:00:00Z" {
		t.Errorf("%v", got)
	}
}
