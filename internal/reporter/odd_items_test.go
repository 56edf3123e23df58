// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

// Each key of an item in each list, left out, null and of another type: the items
// beside it are read as they are, and the odd one has a problem that names the key,
// unless it can do without it.
func TestOneOddKeyInAList(t *testing.T) {
	t.Parallel()
	const id, other = "0193b2c4-5a1e-7c3d-8e2f-a1b2c3d4e5f6", "0193b2c4-5a1e-7c3d-8e2f-a1b2c3d4e5f7"
	type list struct {
		form, item string
		needs      []string // keys that every server returns
		read       func(c *reporter.Client) (any, error)
	}
	for what, l := range map[string]list{
		"connections": {
			`{"items":[%s],"page":1,"limit":100,"total":2}`,
			`{"id":"%s","productName":"p","configName":"n","type":"MYSQL","host":"h","port":1,"databaseName":"d","schema":"s","userName":"u","ssl":{"mode":"true"},"metadata":{"a":"b"},"createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z"}`,
			[]string{"id", "configName", "type", "host", "port", "databaseName", "userName", "createdAt", "updatedAt"},
			func(c *reporter.Client) (any, error) {
				return c.ListConnections(t.Context(), reporter.ConnectionFilter{})
			},
		},
		"data sources": {
			`[%s]`, `{"id":"%s","externalName":"n","type":"postgresql"}`,
			[]string{"id"},
			func(c *reporter.Client) (any, error) { return c.ListDataSources(t.Context()) },
		},
	} {
		var answer string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, answer) }))
		t.Cleanup(s.Close)
		client := reporter.NewClient(newHTTP(t, httpclient.Config{BaseURL: s.URL, Describe: reporter.Describe}), reporter.Options{CreatedAfter: time.Now()})
		read := func(items ...string) reflect.Value {
			answer = fmt.Sprintf(l.form, strings.Join(items, ","))
			all, err := l.read(client)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			return reflect.ValueOf(all)
		}
		whole, sound := fmt.Sprintf(l.item, id), fmt.Sprintf(l.item, other)
		want := read(sound).Index(0).Interface()
		for _, o := range fault.Oddities([]byte(whole)) {
			if o.Object != 0 {
				continue
			}
			all := read(string(o.In([]byte(whole))), sound)
			if all.Len() != 2 {
				t.Errorf("%s, %s %s: %d items", what, o.Key, o.Change, all.Len())
				continue
			}
			if got := all.Index(1).Interface(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s %s: the other is %+v, want %+v", what, o.Key, o.Change, got, want)
			}
			problem, _ := reflect.TypeAssert[error](all.Index(0).FieldByName("Problem"))
			isNeeded := o.Change == fault.AnotherType || slices.Contains(l.needs, o.Key)
			if (problem != nil) != isNeeded || problem != nil && !strings.Contains(problem.Error(), o.Key) {
				t.Errorf("%s, %s %s: %v", what, o.Key, o.Change, problem)
			}
		}
	}
}
