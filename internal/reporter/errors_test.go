// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	for body, test := range map[string]struct {
		status int
		want   httpclient.Detail
	}{
		`{"title":"Invalid header","code":"FET-0403","message":"X-Product-Name is wrong"}`: {
			400, httpclient.Detail{Code: "FET-0403", Message: "X-Product-Name is wrong"},
		},
		`{"entityType":"connection","title":"Bad Request","code":"FET-0001","message":"look","fields":{"config_name":"is short","ssl.mode":"is odd"}}`: {
			400, httpclient.Detail{
				Code: "FET-0001", Message: "Bad Request: configName: is short; ssl.mode: is odd",
				Fields: map[string]string{"configName": "is short", "ssl.mode": "is odd"},
			},
		},
		`{"fields":{"password_encrypted":"p","username":"u","product_name":3,"_":"x","":"y"}}`: {
			400, httpclient.Detail{
				Message: ": y; _: x",
				Fields:  map[string]string{"password": "p", "userName": "u", "productName": ""},
			},
		},
		`{"code":"FET-1001","message":"gone","title":"Entity Not Found"}`: {
			404, httpclient.Detail{Code: "FET-1001", Message: "gone"},
		},
		`{"code":404,"title":"request_failed","message":"Cannot GET /x"}`: {
			404, httpclient.Detail{Message: "Cannot GET /x", Kind: httpclient.KindNoRoute},
		},
		`{"code":429,"title":"Rate Limit Exceeded","message":"Try again in 6 seconds."}`: {
			429, httpclient.Detail{Message: "Rate Limit Exceeded: Try again in 6 seconds."},
		},
		`{"code":500,"title":"request_failed","message":"m"}`: {500, httpclient.Detail{Message: "m"}},
		`{"code":18,"message":"of no title"}`:                 {500, httpclient.Detail{Code: "18", Message: "of no title"}},
		`{"code":17,"title":"Seventeen"}`:                     {500, httpclient.Detail{Code: "17", Message: "Seventeen"}},
		`{"title":"Invalid Token","message":"token expired","code":"AUT-1004"}`: {
			401, httpclient.Detail{Code: "AUT-1004", Message: "token expired"},
		},
		`{"code":"ABC-123","message":"a gateway's"}`: {
			404, httpclient.Detail{Code: "ABC-123", Message: "a gateway's", Kind: httpclient.KindUnreadable},
		},
		`{"code":"TPL-0031","message":"no such source"}`: {
			404, httpclient.Detail{Code: "TPL-0031", Message: "no such source"},
		},
		`{"code":"FET-0005","message":"raw"}`: {
			404, httpclient.Detail{Code: "FET-0005", Message: "raw"},
		},
		`{"code":"AUT-1004","message":"who?"}`: {
			404, httpclient.Detail{Code: "AUT-1004", Message: "who?", Kind: httpclient.KindUnreadable},
		},
		`{"code":"X","message":"m","fields":["of another form"]}`: {400, httpclient.Detail{Code: "X", Message: "m"}},
		`{"error":"proxy"}`: {502, httpclient.Detail{Message: "proxy"}},
		`{"detail":"d"}`:    {502, httpclient.Detail{Message: "d"}},
		`Missing Token`:     {401, httpclient.Detail{}},
		`null`:              {500, httpclient.Detail{}},
		`["x"]`:             {500, httpclient.Detail{}},
		``:                  {404, httpclient.Detail{Kind: httpclient.KindUnreadable}},
	} {
		got := reporter.Describe(test.status, []byte(body))
		if test.want.Fields != nil && test.want.Fields["userName"] != "" { // the odd names are only not to break anything
			got.Message, test.want.Message = "", ""
			delete(got.Fields, "")
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%d %s:\n got %+v\nwant %+v", test.status, body, got, test.want)
		}
	}
}

// What is read out of an error is read out of the server's own only.
func TestOtherErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errors.New("Database Connection Error"), &httpclient.Error{Message: "Database Connection Error", Status: 502}, &httpclient.Error{Status: 500}, &httpclient.Error{Status: 200, Kind: httpclient.KindUnreadable}, &httpclient.Error{Status: 404, Kind: httpclient.KindNotFound}, &httpclient.Error{Status: 404, Kind: httpclient.KindUnreadable, Code: "ABC-1"}} {
		if reporter.IsDatabaseUnreachable(err) || reporter.IsNameTaken(err) || reporter.IsJobRunning(err) || reporter.IsNoSuchRoute(err) || reporter.FieldErrors(err) != nil {
			t.Errorf("%v is taken for the server's word", err)
		}
	}
	if err := (&httpclient.Error{Status: 500, Message: "Database Connection Error: refused"}); !reporter.IsDatabaseUnreachable(err) {
		t.Errorf("%v", err)
	}
	for _, err := range []*httpclient.Error{{Status: 405}, {Kind: httpclient.KindNoRoute}, {Status: 404, Kind: httpclient.KindUnreadable}} {
		if !reporter.IsNoSuchRoute(err) {
			t.Errorf("%+v is not taken for a path that the server does not have", *err)
		}
	}
	for code, want := range map[string][2]bool{"FET-1002": {true, false}, "FET-0004": {true, false}, "FET-1021": {false, true}, "FET-1001": {}} {
		err := &httpclient.Error{Status: 409, Code: code}
		if got := [2]bool{reporter.IsNameTaken(err), reporter.IsJobRunning(err)}; got != want {
			t.Errorf("%s: the name is taken, a job runs: %v", code, got)
		}
	}
	host := &httpclient.Error{Status: 400, Code: "FET-0414", Message: "no such host"}
	if got := reporter.FieldErrors(host); got["host"] != "no such host" || len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func FuzzDescribe(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `[]`, `{"code":1e400}`, `{"code":"FET-1001"}`, `{"fields":{"_":"","a__b":null}}`,
		`{"errors":[{"type":"x","dataSourceId":"\u0000"}]}`, `{"code":404,"title":[],"message":{}}`, `Missing Token`,
	} {
		f.Add(404, []byte(seed))
		f.Add(422, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		detail := reporter.Describe(status, body)
		if status == 404 && detail.Kind != httpclient.KindUnreadable && detail.Kind != httpclient.KindNoRoute && detail.Code == "" {
			t.Errorf("%s: a 404 without a code means that the object is gone", body)
		}
		if !json.Valid(body) && (detail.Message != "" || detail.Fields != nil) {
			t.Errorf("%q: %+v", body, detail)
		}
	})
}
