// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

func names(connections []reporter.Connection) []string {
	out := []string{}
	for _, c := range connections {
		out = append(out, c.ConfigName.Or("?"))
	}
	return out
}

func TestListFindsEveryAge(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{Internal: []reportermock.Internal{{ConfigName: "midaz_onboarding", Host: "h", Port: 1}}})
	want := []string{"midaz_onboarding"}
	now := s.clock.now()
	for at := now; at.After(reporter.Earliest); at = at.Add(-61 * time.Hour) {
		name := at.Format("at-2006-01-02-15")
		s.Add(reportermock.Connection{ConfigName: name, ProductName: "p", CreatedAt: at}, "x")
		want = append(want, name)
	}
	// On the edges of windows, which two of them show.
	edge := now.Truncate(24*time.Hour).AddDate(0, 0, 2)
	for i := range 3 {
		edge = edge.AddDate(0, 0, -28)
		name := fmt.Sprintf("edge-%d", i)
		s.Add(reportermock.Connection{ConfigName: name, ProductName: "p", CreatedAt: edge}, "x")
		want = append(want, name)
	}
	got, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if sorted := slices.Sorted(slices.Values(names(got))); !slices.Equal(sorted, want) {
		t.Errorf("got %d: %v\nwant %d: %v", len(sorted), sorted, len(want), want)
	}
	if !got[0].IsInternal() || got[1].IsInternal() {
		t.Errorf("internal ones: %+v", got[:2])
	}
	if n := len(s.Requests()); n != 14 {
		t.Errorf("%d requests for a year", n)
	}
}

func TestListPagesAndFilters(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	for i := range 230 {
		kind, product := "MYSQL", "one"
		if i >= 200 {
			kind = "ORACLE"
		}
		if i < 100 {
			product = "two"
		}
		s.Add(reportermock.Connection{ConfigName: fmt.Sprintf("c-%d", i), ProductName: product, Type: kind}, "x")
		s.clock.advance(time.Second)
	}
	client := reporter.NewClient(newHTTP(t, httpConfig(s.Server)), reporter.Options{Now: s.clock.now, CreatedAfter: s.clock.now().AddDate(0, 0, -10)})
	for _, test := range []struct {
		filter   reporter.ConnectionFilter
		want     int
		requests int
	}{
		{reporter.ConnectionFilter{}, 230, 3},
		{reporter.ConnectionFilter{ProductName: "Two"}, 100, 2},
		{reporter.ConnectionFilter{Type: "ORACLE"}, 30, 1},
		{reporter.ConnectionFilter{ProductName: "two", Type: "ORACLE"}, 0, 1},
	} {
		s.ResetRequests()
		got, err := client.ListConnections(t.Context(), test.filter)
		if err != nil || len(got) != test.want || got == nil {
			t.Errorf("%+v: %d, %v", test.filter, len(got), err)
		}
		if n := len(s.Requests()); n != test.requests {
			t.Errorf("%+v: %d requests", test.filter, n)
		}
	}
	if _, err := client.ListConnections(t.Context(), reporter.ConnectionFilter{ProductName: "a b"}); !httpclient.IsBadRequest(err) {
		t.Error(err)
	}
}

func TestCreatedAfterEndsTheList(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	now := s.clock.now()
	for _, days := range []int{1, 99, 101} {
		s.Add(reportermock.Connection{ConfigName: fmt.Sprintf("days-%d", days), ProductName: "p", CreatedAt: now.AddDate(0, 0, -days)}, "x")
	}
	client := reporter.NewClient(newHTTP(t, httpConfig(s.Server)), reporter.Options{Now: s.clock.now, CreatedAfter: now.AddDate(0, 0, -100)})
	got, err := client.ListConnections(t.Context(), reporter.ConnectionFilter{})
	if err != nil || !slices.Equal(names(got), []string{"days-1", "days-99"}) {
		t.Errorf("%v, %v", names(got), err)
	}
	if n := len(s.Requests()); n != 4 {
		t.Errorf("%d requests", n)
	}
	// The server's clock may be a day ahead.
	if end, want := s.Requests()[0].Query.Get("endDate"), now.AddDate(0, 0, 2).Format(time.DateOnly); end != want {
		t.Errorf("the first list ends at %s, want %s", end, want)
	}
	for _, r := range s.Requests() {
		if start := r.Query.Get("startDate"); start < now.AddDate(0, 0, -100).Format(time.DateOnly) {
			t.Errorf("asked for %s", start)
		}
	}
}

func TestFindConnection(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{Internal: []reportermock.Internal{{ConfigName: "twin", Host: "h", Port: 1}}})
	now := s.clock.now()
	s.Add(reportermock.Connection{ConfigName: "Name", ProductName: "p", CreatedAt: now.AddDate(0, 0, -1)}, "x")
	id := s.Add(reportermock.Connection{ConfigName: "name", ProductName: "q", CreatedAt: now.AddDate(0, 0, -40)}, "x")
	twin := s.Add(reportermock.Connection{ConfigName: "twin", ProductName: "p", CreatedAt: now}, "x")
	if c, err := s.FindConnection(t.Context(), "name"); err != nil || c == nil || c.ID != id {
		t.Errorf("%+v, %v", c, err)
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
	if c, err := s.FindConnection(t.Context(), "twin"); err != nil || c == nil || c.ID != twin {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := s.FindConnection(t.Context(), "nobody"); err != nil || c != nil {
		t.Errorf("%+v, %v", c, err)
	}
	s.SetDatabaseDown(true)
	if _, err := s.FindConnection(t.Context(), "name"); err == nil {
		t.Error("a failed search found that there is nothing")
	}
}

func TestListsLearnTheCapOfPages(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{MaxPageSize: 7, Internal: []reportermock.Internal{{ConfigName: "plugin_crm", Host: "h", Port: 1}}})
	var want []string
	for i := range 30 {
		want = append(want, fmt.Sprintf("c-%02d", i))
		s.create(t, postgres(want[i]))
	}
	s.ResetRequests()
	recent := reporter.ConnectionFilter{CreatedAfter: s.clock.now().Add(-time.Hour), ProductName: "my-product"}
	for read := range 2 {
		got, err := s.ListConnections(t.Context(), recent)
		if err != nil || !slices.Equal(names(got), want) {
			t.Fatalf("%v, %v", names(got), err)
		}
		// 5 pages in the only window, and once the request that was refused.
		if n := s.CountRequests("GET", connectionsPath); n != 6+5*read {
			t.Errorf("read %d: %d requests", read, n)
		}
	}
	if last := s.Requests()[10]; last.Query.Get("limit") != "7" {
		t.Errorf("%v", last.Query)
	}
}

func TestACapThatMakesNoSense(t *testing.T) {
	t.Parallel()
	for _, message := range []string{"at most 100 items", "at most 0 items", "too many", "at most 99999999999999999999 items"} {
		s := start(t, reportermock.Options{})
		s.Faults().Add(fault.Answer(400, `{"code":"FET-0406","title":"t","message":"`+message+`"}`).Repeat(fault.Forever))
		if _, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{}); err == nil || s.CountRequests("", "") != 1 {
			t.Errorf("%s: %v after %d requests", message, err, s.CountRequests("", ""))
		}
	}
}

func TestInternalConnectionsHaveNoDate(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{Internal: []reportermock.Internal{{ConfigName: "plugin_crm", Host: "h", Port: 1}}})
	s.create(t, postgres("one"))
	got, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{CreatedAfter: s.clock.now().AddDate(0, 0, -1)})
	if err != nil || !slices.Equal(names(got), []string{"plugin_crm", "one"}) {
		t.Errorf("%v, %v", names(got), err)
	}
}

func page(number, total int, items ...string) fault.Fault {
	return fault.Answer(200, fmt.Sprintf(`{"items":[%s],"page":%d,"limit":2,"total":%d}`, strings.Join(items, ","), number, total)).On("GET", connectionsPath)
}

func item(n int) string {
	return fmt.Sprintf(`{"id":"01a203f9-7cfc-732d-9a64-%012d","productName":"p","configName":"c%d","type":"MYSQL","host":"h","port":1,`+
		`"databaseName":"d","userName":"u","createdAt":"2026-03-20T00:00:00.1Z","updatedAt":"2026-03-20T00:00:00.1Z"}`, n, n)
}

func TestListThatChangesBetweenPages(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	// c1 goes between the pages, c3 moves up.
	s.Faults().Add(page(1, 4, item(1), item(2)))
	s.Faults().Add(page(2, 3, item(4)))
	s.Faults().Add(page(1, 3, item(2), item(3)))
	s.Faults().Add(page(2, 3, item(4)))
	got, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{})
	if err != nil || !slices.Equal(names(got), []string{"c2", "c3", "c4"}) || s.Faults().Pending() != 0 {
		t.Errorf("%v, %v", names(got), err)
	}
}

// A list that changed in the middle is read again though it ends as it began, and one
// that always changes is taken as it is in the end.
func TestListThatKeepsChanging(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	recent := reporter.ConnectionFilter{CreatedAfter: s.clock.now().AddDate(0, 0, -20)} // one window
	for _, total := range []int{3, 4, 4} {
		for number, items := range [][]string{{item(1), item(2)}, {item(3), item(4)}, {}} {
			s.Faults().Add(page(number+1, map[bool]int{true: total, false: 4}[number == 1], items...))
		}
	}
	if got, err := s.ListConnections(t.Context(), recent); err != nil || len(got) != 4 || s.Faults().Pending() != 3 {
		t.Errorf("%v, %v, %d pages not asked for", names(got), err, s.Faults().Pending())
	}
	s.Faults().Clear()
	s.ResetRequests()
	for range 5 {
		s.Faults().Add(page(1, 3, item(1), item(2)))
		s.Faults().Add(page(2, 4, item(3)))
	}
	if got, err := s.ListConnections(t.Context(), recent); err != nil || len(got) != 3 || s.Faults().Pending() != 2 {
		t.Errorf("%v, %v, %d pages not asked for", names(got), err, s.Faults().Pending())
	}
}

// A connection whose name cannot be read may have the name that is looked for; one
// that is odd otherwise has not.
func TestFindBesideOddConnections(t *testing.T) {
	t.Parallel()
	const id = `"id":"01a203f9-7cfc-732d-9a64-000000000009"`
	for odd, fails := range map[string]bool{`{` + id + `,"configName":"other"}`: false, `{` + id + `,"configName":7}`: true, `{` + id + `}`: true, item(1): false} {
		s := start(t, reportermock.Options{})
		s.Faults().Add(fault.Answer(200, `{"items":[`+odd+`],"page":1,"limit":100,"total":1}`).On("GET", connectionsPath))
		c, err := s.FindConnection(t.Context(), "name")
		if c != nil || (err != nil) != fails || fails && !strings.Contains(err.Error(), `connection "01a203f9-7cfc-732d-9a64-000000000009" may have this name: `) {
			t.Errorf("%s: %+v, %v", odd, c, err)
		}
	}
}

// A server that gives smaller pages than it was asked for, down to one connection,
// says so in the page.
func TestPagesSmallerThanAskedFor(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	for n := range 4 {
		body := fmt.Sprintf(`{"items":[%s],"page":%d,"limit":1,"total":3}`, item(n+1), n+1)
		if n == 3 {
			body = `{"items":[],"page":4,"limit":1,"total":3}`
		}
		s.Faults().Add(fault.Answer(200, body).On("GET", connectionsPath))
	}
	got, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{})
	if err != nil || !slices.Equal(names(got), []string{"c1", "c2", "c3"}) || s.Faults().Pending() != 0 {
		t.Errorf("%v, %v", names(got), err)
	}
}

func TestListThatIsOdd(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	odd := `{"id":"01a203f9-7cfc-732d-9a64-000000000009","configName":"odd","port":"many"}`
	s.Faults().Add(page(1, 4, odd, item(1)))
	s.Faults().Add(page(2, 4, `"not even an object"`, `{}`))
	s.Faults().Add(page(3, 4))
	got, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{ProductName: "p"}) // what is odd passes every filter
	if err != nil || len(got) != 4 || got[0].Problem == nil || got[0].ID == "" || got[1].Problem != nil || got[2].Problem == nil || got[3].Problem == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if got[0].ConfigName.Or("") != "odd" || !got[2].ConfigName.IsZero() {
		t.Errorf("the names are %v and %v", got[0].ConfigName, got[2].ConfigName)
	}
	if want := `the server's list has this connection in an unexpected form: unexpected string in "port"`; got[0].Problem.Error() != want {
		t.Errorf("%v, want %s", got[0].Problem, want)
	}

	s.Faults().Add(page(1, 9, item(1), item(2)).Repeat(fault.Forever))
	if _, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{}); err == nil || !strings.Contains(err.Error(), "gave page 1 where page 2 was asked for") {
		t.Errorf("a server that knows one page only: %v", err)
	}
	s.Faults().Clear()
	s.Faults().Add(fault.Answer(200, `{"items":[`+item(1)+`,7],"limit":2}`).Repeat(fault.Forever))
	if _, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{}); err == nil || !strings.Contains(err.Error(), "page 2 repeats the pages before it") {
		t.Errorf("a server that gives one page forever: %v", err)
	}
	s.Faults().Clear()
	s.Faults().Add(fault.Answer(200, `{"page":1}`))
	if _, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{}); !httpclient.IsUnreadable(err) || !strings.Contains(err.Error(), `the JSON has no list "items"`) {
		t.Errorf("no list: %v", err)
	}
}

// The server filters by whole days; the rest is filtered here. A list that fails for
// once is asked for again.
func TestListOfPartOfADay(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	noon := time.Date(2026, time.March, 31, 12, 0, 0, 0, time.UTC)
	for name, at := range map[string]time.Time{"before": noon.Add(-time.Second), "at": noon, "after": noon.Add(time.Hour)} {
		s.Add(reportermock.Connection{ConfigName: name, ProductName: "p", CreatedAt: at}, "x")
	}
	s.Faults().Add(fault.BadGateway().On("GET", connectionsPath))
	got, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{CreatedAfter: noon})
	if sorted := slices.Sorted(slices.Values(names(got))); err != nil || !slices.Equal(sorted, []string{"after", "at"}) {
		t.Errorf("%v, %v", sorted, err)
	}
}
