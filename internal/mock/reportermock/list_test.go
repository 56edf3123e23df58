// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func TestListShowsOneMonth(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{}) // on 2026-11-22
	for _, date := range []string{
		"2026-11-22T15:00:00Z", "2026-11-20T00:00:00Z", "2026-10-23T00:00:00Z", "2026-10-22T23:59:59Z",
		"2026-03-31T00:00:00Z", "2026-03-04T00:00:00Z", "2026-03-03T00:00:00Z", "2026-03-02T00:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, date)
		if err != nil {
			t.Fatal(err)
		}
		c.Add(reportermock.Connection{ConfigName: strings.ReplaceAll(date[5:13], "T", "-"), ProductName: "my-product", CreatedAt: at}, "p")
	}
	for query, want := range map[string][]string{
		"":                      {"11-22-15", "11-20-00", "10-23-00"},
		"?startDate=&endDate=":  {"11-22-15", "11-20-00", "10-23-00"},
		"?sortOrder=ASC":        {"10-23-00", "11-20-00", "11-22-15"},
		"?startDate=2026-11-19": {"11-20-00"},
		"?startDate=2026-11-21": {},
		"?endDate=2026-11-22":   {"11-20-00", "10-23-00", "10-22-23"},
		"?startDate=2026-11-20&endDate=2026-11-20":  {"11-20-00"},
		"?startDate=2026-11-22&endDate=2026-11-22":  {"11-22-15"},
		"?startDate=2026-10-21&endDate=2026-10-21":  {},
		"?startDate=2026-10-01&endDate=2026-11-23":  {"11-22-15", "11-20-00", "10-23-00"},
		"?startDate=2020-01-01&endDate=2026-10-23":  {"10-23-00", "10-22-23"},
		"?startDate=2026-01-01&endDate=2026-03-31":  {"03-31-00", "03-04-00", "03-03-00"}, // 31 February is 3 March
		"?startDate=2026-03-03&endDate=2026-03-31":  {"03-31-00", "03-04-00", "03-03-00"},
		"?startDate=2026-11-20&host=x&configName=y": {"11-20-00"},
	} {
		if got := c.names(query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	c.refused("GET", "?endDate=2026-10-01", nil, 400, "FET-0409")
	c.refused("GET", "?startDate=2026-1-1", nil, 400, "FET-0408")
}

func TestListPages(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{Internal: []reportermock.Internal{
		{ConfigName: "plugin_crm", Type: "MONGODB", Host: "h", Port: 1},
		{ConfigName: "midaz_onboarding", Host: "h", Port: 1},
	}})
	for i := range 23 {
		c.create(postgres(fmt.Sprintf("c-%02d", i)))
	}
	for _, test := range []struct {
		query string
		items int
		total float64
		first string
	}{
		{"", 12, 25, "plugin_crm"},
		{"?limit=", 12, 25, "plugin_crm"},
		{"?limit=3&sortOrder=asc", 5, 25, "plugin_crm"},
		{"?limit=3&page=2&sortOrder=asc", 3, 23, "c-03"},
		{"?limit=3&page=8", 2, 23, "c-01"},
		{"?limit=3&page=9", 0, 23, ""},
		{"?limit=100&page=9223372036854775807", 0, 23, ""},
		{"?type=mongodb", 1, 1, "plugin_crm"},
		{"?type=postgresql&limit=1", 2, 24, "midaz_onboarding"},
		{"?startDate=2020-01-01&endDate=2020-01-02", 2, 2, "plugin_crm"},
	} {
		answer := c.must("GET", test.query, nil)
		items := answer["items"].([]any)
		first := ""
		if len(items) > 0 {
			first = items[0].(object)["configName"].(string)
		}
		if len(items) != test.items || answer["total"] != test.total || first != test.first {
			t.Errorf("%s: %d items of %v, the first %s", test.query, len(items), answer["total"], first)
		}
	}
	for _, query := range []string{"?page=-1", "?limit=1.5", "?limit=99999999999999999999", "?" + strings.Repeat("k", 65) + "=1", "?k=" + strings.Repeat("v", 257), "?cursor=e30", "?cursor=eHg%3D"} {
		c.refused("GET", query, nil, 400, "FET-0405")
	}
	c.must("GET", "?cursor=e30%3D", nil)
	// What the list knows may be long; other parameters have limits.
	long := strings.Repeat("0", 300)
	for _, query := range []string{"?limit=" + long + "5", "?page=" + long + "1", "?type=" + long, "?cursor=" + strings.Repeat("ICAg", 80) + "e30%3D", "?" + long[:64] + "=" + long[:256], "?metadata." + long + "=" + long} {
		c.must("GET", query, nil)
	}
	for query, code := range map[string]string{"?startDate=": "FET-0408", "?endDate=": "FET-0408", "?sortOrder=": "FET-0407"} {
		c.refused("GET", query+long, nil, 400, code)
	}
	if got := c.names("/unassigned"); len(got) != 0 {
		t.Errorf("unassigned: %v", got)
	}
	id := c.Internal("plugin_crm")
	c.must("GET", "/"+id, nil)
	c.refused("PATCH", "/"+id, object{"host": "x"}, 404, "FET-1001")
	c.refused("DELETE", "/"+id, nil, 404, "FET-1001")
	if c.Internal("nobody") != "" || len(c.Connections()) != 23 {
		t.Error("internal connections")
	}
}

func TestListFiltersMetadata(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	c.create(with(postgres("one"), object{"metadata": object{"env": "prod", "n": 5}}))
	c.create(with(postgres("two"), object{"metadata": object{"env": "test", "n": "5"}}))
	for query, want := range map[string]string{
		"?metadata.env=prod": "one", "?metadata.n=5": "two", "?metadata.env=test&metadata.n=5": "two", "?metadata.env=test&metadata.n=6": "",
	} {
		if got := strings.Join(c.names(query), " "); got != want {
			t.Errorf("%s: %q", query, got)
		}
	}
}

// What was made in the same moment is listed in the order in which it was made.
func TestListOfOneMoment(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	at := time.Date(2026, time.November, 20, 0, 0, 0, 0, time.UTC)
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprint("c", i))
		id := c.Add(reportermock.Connection{ConfigName: want[i], ProductName: "my-product", CreatedAt: at}, "p")
		if one, ok := c.Connection(id); !ok || one.ConfigName != want[i] {
			t.Errorf("%+v, %t", one, ok)
		}
	}
	if got := c.names("?limit=100&sortOrder=asc"); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	restored := newClient(t, reportermock.Options{})
	restored.Restore(c.Snapshot())
	if got := restored.names("?limit=100&sortOrder=asc"); !slices.Equal(got, want) {
		t.Errorf("restored: %v", got)
	}
	if one, ok := c.Connection("none"); ok {
		t.Errorf("%+v", one)
	}
}
