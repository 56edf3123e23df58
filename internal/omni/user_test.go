// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// page is a page of users, each with nothing but an id and an address.
func page(total int, ids ...string) string {
	users := make([]string, len(ids))
	for i, id := range ids {
		users[i] = fmt.Sprintf(`{"id":%q,"userName":"%s@example.com"}`, id, id)
	}
	return fmt.Sprintf(`{"Resources":[%s],"totalResults":%d}`, strings.Join(users, ","), total)
}

// What a user looks like on the servers that are known of.
func TestUserForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]omni.User{
		`{"id":"u","userName":"a@b.co","displayName":"A","active":false,"schemas":[]}`: {DisplayName: "A"},
		`{"id":"u","userName":"a@b.co","emails":[]}`:                                   {Active: true, HasValues: true},
		`{"id":"u","userName":"a@b.co","meta":{}}`:                                     {Active: true, HasValues: true},
		`{"id":"u","userName":"a@b.co","groups":[{"display":"X","value":"1"},"Y"]}`:    {Active: true, HasValues: true, Groups: []string{"X", "Y"}},
		`{"id":"u","userName":"a@b.co","urn:omni:params:1.0:UserAttribute":{"t":"x","n":3.5,"b":true,"m":["a",2],"z":null,"e":"","l":[]}}`: {
			Active: true, HasValues: true, Values: map[string]omni.AttributeValue{
				"t": {Values: []string{"x"}}, "n": {Values: []string{"3.5"}}, "b": {Values: []string{"true"}}, "m": {Values: []string{"a", "2"}, Multiple: true},
			},
		},
	} {
		s := omnitest.New(t, "v1", omnitest.Always(200, text))
		got, err := s.Client.GetUser(t.Context(), "u")
		if err != nil {
			t.Fatal(err)
		}
		want.ID, want.Email = "u", "a@b.co"
		if want.Values == nil {
			want.Values = map[string]omni.AttributeValue{}
		}
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", text, *got, want)
		}
	}
	// One odd value leaves the others alone.
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"id":"u","userName":"a@b.co","urn:omni:params:1.0:UserAttribute":{"odd":{"x":1},"t":"x"}}`))
	got, err := s.Client.GetUser(t.Context(), "u")
	if err != nil || got.OddValues["odd"] == nil || got.Values["t"].Values[0] != "x" {
		t.Errorf("%+v %v", got, err)
	}
	for _, text := range []string{`{}`, `{"id":"u"}`, `{"id":"other","userName":"a@b.co"}`, `[]`, `{"id":"u","userName":"a@b.co","groups":[{}]}`} {
		s.Answer = omnitest.Always(200, text)
		if user, err := s.Client.GetUser(t.Context(), "u"); err == nil {
			t.Errorf("%s is %+v", text, user)
		}
	}
}

func TestUsersArePaged(t *testing.T) {
	t.Parallel()
	pages := map[string]string{"1": page(3, "a", "b"), "3": page(3, "c")}
	s := omnitest.New(t, "v1", func(r *http.Request, _ string) (int, string) { return 200, pages[r.URL.Query().Get("startIndex")] })
	users, err := s.Client.ListUsers(t.Context())
	if err != nil || len(users) != 3 {
		t.Errorf("%v %v", users, err)
	}
	if got := s.Sent(); !reflect.DeepEqual(got, []string{"GET v2/Users?count=1000&startIndex=1", "GET v2/Users?count=1000&startIndex=3"}) {
		t.Errorf("sent %q", got)
	}
	// One user moved from the second page to the first while they were read: then all
	// are read again.
	first := true
	s.Answer = func(r *http.Request, _ string) (int, string) {
		start := r.URL.Query().Get("startIndex")
		if start == "3" && first {
			first = false
			return 200, page(3, "b")
		}
		return 200, pages[start]
	}
	if users, err = s.Client.ListUsers(t.Context()); err != nil || len(users) != 3 || len(s.Sent()) != 4 {
		t.Errorf("%v %v", users, err)
	}
	for name, answer := range map[string]string{"the same page for ever": page(3, "a"), "an end too early": page(3)} {
		s.Answer = omnitest.Always(200, answer)
		if _, err = s.Client.ListUsers(t.Context()); err == nil || !strings.Contains(err.Error(), "not complete") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for answer, words := range map[string]string{
		`{}`: `the JSON has no list "Resources"`, `{"Resources":[]}`: `the JSON has no "totalResults"`,
		`{"totalResults":1}`: `the JSON has no list "Resources"`, `{"Resources":{},"totalResults":1}`: "unexpected object in Resources",
	} {
		s.Answer = omnitest.Always(200, answer)
		if _, err = s.Client.ListUsers(t.Context()); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %s", answer, err, words)
		}
	}
	// A user that cannot be read is one by itself.
	s.Answer = omnitest.Always(200, `{"Resources":[{"id":"a","userName":7},{"id":"b","userName":"b@example.com"}],"totalResults":2}`)
	if users, err = s.Client.ListUsers(t.Context()); err != nil || users[0].Problem == nil || users[0].ID != "a" || users[1].Problem != nil {
		t.Errorf("%+v %v", users, err)
	}
}

// A server that refuses the large page is asked for its own, once and for all.
func TestUserPagesOfTheServersSize(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", func(r *http.Request, _ string) (int, string) {
		if r.URL.Query().Has("count") {
			return 400, `{"detail":"Bad Request: count: Number must be less than or equal to 100","status":400}`
		}
		return 200, page(1, "a")
	})
	for range 2 {
		if users, err := s.Client.ListUsers(t.Context()); err != nil || len(users) != 1 {
			t.Fatalf("%v %v", users, err)
		}
	}
	if n := len(s.Sent()); n != 3 {
		t.Errorf("%d requests", n)
	}
}

func TestFindUser(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, page(2, "xada", "Ada")))
	user, err := s.Client.FindUser(t.Context(), `ada@EXAMPLE.com`)
	if err != nil || user == nil || user.ID != "Ada" { // not the first that a lenient filter found
		t.Errorf("%+v %v", user, err)
	}
	if got := s.Sent(); !reflect.DeepEqual(got, []string{"GET v2/Users?filter=userName+eq+%22ada%40EXAMPLE.com%22"}) {
		t.Errorf("sent %q", got)
	}
	if user, err = s.Client.FindUser(t.Context(), `a"\b@example.com`); err != nil || user != nil {
		t.Errorf("%+v %v", user, err)
	}
	if got := s.Sent(); !reflect.DeepEqual(got, []string{"GET v2/Users?filter=userName+eq+%22a%5C%22%5C%5Cb%40example.com%22"}) {
		t.Errorf("sent %q", got)
	}
}

// A user who is found and cannot be read is an error, whether or not it is plain who
// that is.
func TestFindUserThatIsOdd(t *testing.T) {
	t.Parallel()
	for item, want := range map[string]*omni.User{
		`{"id":"a","userName":"ada@example.com","groups":[{}]}`: {ID: "a", Email: "ada@example.com"},
		`{"id":"a","userName":7}`:                               nil,
		`{"id":"a","userName":""}`:                              nil,
	} {
		s := omnitest.New(t, "v1", omnitest.Always(200, `{"Resources":[`+item+`],"totalResults":1}`))
		user, err := s.Client.FindUser(t.Context(), "ada@example.com")
		if err == nil || (user == nil) != (want == nil) || want != nil && (user.ID != want.ID || user.Email != want.Email) {
			t.Errorf("%s: %+v, %v", item, user, err)
		}
	}
}

// A personal token is told apart from one that lacks a right.
func TestPersonalKey(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(403, `{"detail":"User-scoped API keys are not allowed to access the SCIM API.","status":403}`))
	for name, call := range map[string]func() error{
		"list": func() error { _, err := s.Client.ListUsers(t.Context()); return err },
		"get":  func() error { _, err := s.Client.GetUser(t.Context(), "u"); return err },
		"find": func() error { _, err := s.Client.FindUser(t.Context(), "a@b.co"); return err },
		"set": func() error {
			_, err := s.Client.SetUserValue(t.Context(), "u", "env", nullable.Null[omni.AttributeValue]())
			return err
		},
	} {
		if err := call(); !errors.Is(err, omni.ErrPersonalKey) {
			t.Errorf("%s: %v", name, err)
		}
		s.Answer = omnitest.Always(403, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"Permission denied","status":"403"}`)
		if err := call(); errors.Is(err, omni.ErrPersonalKey) || err == nil || !strings.Contains(err.Error(), "Permission denied") {
			t.Errorf("%s: %v", name, err)
		}
		s.Answer = omnitest.Always(403, `{"detail":"User-scoped API keys are not allowed to access the SCIM API.","status":403}`)
	}
}

// A server without SCIM is told apart from one that lacks the user.
func TestNoUsers(t *testing.T) {
	t.Parallel()
	for status, none := range map[int]bool{404: true, 405: true, 400: false, 403: false, 500: false} {
		s := omnitest.New(t, "v1", omnitest.Always(status, fmt.Sprintf(`{"detail":"No","status":%d}`, status)))
		for name, call := range map[string]func() error{
			"list": func() error { _, err := s.Client.ListUsers(t.Context()); return err },
			"find": func() error { _, err := s.Client.FindUser(t.Context(), "a@b.co"); return err },
		} {
			if err := call(); errors.Is(err, omni.ErrNoUsers) != none {
				t.Errorf("%s, %d: %v", name, status, err)
			}
		}
		if _, err := s.Client.GetUser(t.Context(), "u"); errors.Is(err, omni.ErrNoUsers) {
			t.Errorf("get: %v", err)
		}
	}
}

// The form without a path comes first; a server that wants one is remembered.
func TestSetUserValueForms(t *testing.T) {
	t.Parallel()
	const head = `PATCH v2/Users/u {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace",`
	const merge, withPath = head + `"value":{"urn:omni:params:1.0:UserAttribute":{"env":%s}}}]}`, head + `"path":"urn:omni:params:1.0:UserAttribute:env","value":%s}]}`
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"id":"u","userName":"a@b.co"}`))
	set := func(value nullable.Value[omni.AttributeValue]) {
		t.Helper()
		if _, err := s.Client.SetUserValue(t.Context(), "u", "env", value); err != nil {
			t.Error(err)
		}
	}
	of := nullable.Of[omni.AttributeValue]
	set(of(omni.AttributeValue{Values: []string{"prod"}}))
	set(of(omni.AttributeValue{Values: []string{"3"}}))
	set(of(omni.AttributeValue{Values: []string{"3", "9007199254740993", "1.50", "x"}, Multiple: true, Numeric: true}))
	set(nullable.Null[omni.AttributeValue]())
	s.Expect(t, fmt.Sprintf(merge, `"prod"`), fmt.Sprintf(merge, `"3"`), fmt.Sprintf(merge, `[3,"9007199254740993","1.50","x"]`), fmt.Sprintf(merge, "null"))

	s.Answer = func(_ *http.Request, body string) (int, string) {
		if !strings.Contains(body, `"path"`) {
			return 400, `{"detail":"Bad Request: Operations.0.path: Required","status":400}`
		}
		return 200, `{"id":"u","userName":"a@b.co"}`
	}
	set(nullable.Null[omni.AttributeValue]())
	set(of(omni.AttributeValue{Values: []string{"x"}}))
	s.Expect(t, fmt.Sprintf(merge, "null"), fmt.Sprintf(withPath, "null"), fmt.Sprintf(withPath, `"x"`))
	s.Answer = omnitest.Always(200, `{"id":"other","userName":"a@b.co"}`)
	if _, err := s.Client.SetUserValue(t.Context(), "u", "env", nullable.Null[omni.AttributeValue]()); err == nil {
		t.Error("another user's answer was taken")
	}
}

func TestUserHas(t *testing.T) {
	t.Parallel()
	u := omni.User{Values: map[string]omni.AttributeValue{"m": {Values: []string{"b", "a"}}}, OddValues: map[string]error{"odd": errors.New("x")}}
	value := func(values ...string) nullable.Value[omni.AttributeValue] {
		return nullable.Of(omni.AttributeValue{Values: values})
	}
	none := nullable.Null[omni.AttributeValue]()
	if !u.Has("m", value("a", "b")) || u.Has("m", value("a")) || u.Has("m", none) || !u.Has("n", none) || u.Has("odd", none) {
		t.Error("a value is told wrongly")
	}
}

// A schema model is registered, found and listed; who has none, and which server.
func TestSchemaModelForms(t *testing.T) {
	t.Parallel()
	record := func(id, connection, kind, deleted string) string {
		return fmt.Sprintf(`{"id":%q,"connectionId":%q,"modelKind":%q,"name":"n","deletedAt":%s}`, id, connection, kind, deleted)
	}
	s := omnitest.New(t, "v1", func(r *http.Request, _ string) (int, string) {
		if r.URL.Query().Get("cursor") == "" {
			return 200, `{"records":[` + record("A", "A", "SCHEMA", "null") + `,` + record("x", "A", "SHARED", "null") + `],"pageInfo":{"hasNextPage":true,"nextCursor":"c"}}`
		}
		return 200, `{"records":[` + record("b", "b", "SCHEMA", `"2026-01-01T00:00:00Z"`) + `,{"id":"c"},` + record("d", "D", "SCHEMA", "null") + `]}`
	})
	models, err := s.Client.ListSchemaModels(t.Context())
	if err != nil || len(models) != 3 || models[0].ID != "A" || models[1].Problem == nil || models[2].ConnectionID != "D" {
		t.Errorf("%+v %v", models, err)
	}
	s.Expect(t, "GET models?modelKind=SCHEMA&pageSize=100", "GET models?cursor=c&modelKind=SCHEMA&pageSize=100")
	if m, err := s.Client.GetSchemaModel(t.Context(), "d"); err != nil || m == nil || m.ID != "d" {
		t.Errorf("%+v %v", m, err)
	}
	s.Expect(t, "GET models?connectionId=d&modelKind=SCHEMA&pageSize=100", "GET models?connectionId=d&cursor=c&modelKind=SCHEMA&pageSize=100")
	s.Answer = omnitest.Always(200, `{"records":[]}`)
	if m, err := s.Client.GetSchemaModel(t.Context(), "d"); err != nil || m != nil {
		t.Errorf("%+v %v", m, err)
	}
	s.Sent()

	s.Answer = omnitest.Always(200, `{"success":true,"model":{"id":"a","modelKind":"SCHEMA","name":null}}`)
	if m, err := s.Client.CreateSchemaModel(t.Context(), "a"); err != nil || m.ID != "a" || !m.Name.IsNull() {
		t.Errorf("%+v %v", m, err)
	}
	s.Expect(t, `POST models {"connectionId":"a","modelKind":"SCHEMA"}`)
	for answer, want := range map[string]error{
		`400 {"detail":"Schema model already exists for the connection"}`: omni.ErrSchemaModelExists,
		`404 {"detail":"Not Found"}`:                                      omni.ErrNoModels,
		`405 {"detail":"Method Not Allowed"}`:                             omni.ErrNoModels,
	} {
		var status int
		_, _ = fmt.Sscan(answer, &status)
		s.Answer = omnitest.Always(status, answer[4:])
		if _, err := s.Client.CreateSchemaModel(t.Context(), "a"); !errors.Is(err, want) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	for _, status := range []int{400, 403} { // neither says that there is one
		s.Answer = omnitest.Always(status, `{"detail":"`+map[int]string{400: "Bad Request", 403: "A role already exists"}[status]+`"}`)
		if _, err := s.Client.CreateSchemaModel(t.Context(), "a"); err == nil || errors.Is(err, omni.ErrSchemaModelExists) {
			t.Errorf("%d: %v", status, err)
		}
	}
	s.Answer = omnitest.Always(200, `{"records":[{"id":"d","connectionId":"d","modelKind":"SCHEMA","name":7}]}`)
	if m, err := s.Client.GetSchemaModel(t.Context(), "d"); err == nil {
		t.Errorf("an odd one is %+v", m)
	}
	for _, answer := range []string{`{}`, `{"success":false,"error":"no","model":{"id":"a"}}`, `{"success":true,"model":{}}`} {
		s.Answer = omnitest.Always(200, answer)
		if m, err := s.Client.CreateSchemaModel(t.Context(), "a"); err == nil {
			t.Errorf("%s made %+v", answer, m)
		}
	}
}

func TestAttributeValueNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"3": "3", "-1.5": "-1.5", "1.0": `"1.0"`, "1e3": `"1e3"`, "9007199254740992": "9007199254740992", "9007199254740993": `"9007199254740993"`, "NaN": `"NaN"`, "007": `"007"`} {
		got, err := json.Marshal(omni.AttributeValue{Values: []string{text}, Numeric: true})
		if err != nil || string(got) != want {
			t.Errorf("%s became %s, %v", text, got, err)
		}
	}
}

func TestAttributeValueOfOne(t *testing.T) {
	t.Parallel()
	for _, values := range [][]string{{}, {"a", "b"}} {
		got, err := json.Marshal(omni.AttributeValue{Values: values})
		if want := fmt.Sprintf("an attribute of one value cannot have %d", len(values)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q became %s, %v", values, got, err)
		}
	}
}
