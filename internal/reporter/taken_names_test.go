// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// Who has a name decides what becomes of a create that wants it.
func TestNameThatIsTaken(t *testing.T) {
	t.Parallel()
	taken := fault.Answer(http.StatusConflict, `{"code":"FET-1002","message":"taken"}`).On(http.MethodPost, connectionsPath).Repeat(fault.Forever)
	for name, c := range map[string]struct {
		prepare func(s site) (owner string)
		posts   int
		words   string // of a NameTakenError; "" is success
		search  bool
	}{
		"by another": {func(s site) string {
			return s.Add(reportermock.Connection{ConfigName: "ledger", ProductName: "theirs"}, "x")
		}, 1, `"ledger" belongs to connection`, false},
		"by another, and given up before": {func(s site) string {
			s.NoteGivenUp("ledger")
			return s.Add(reportermock.Connection{ConfigName: "ledger", ProductName: "theirs"}, "x")
		}, 1, `"ledger" belongs to connection`, false},
		"by one that this run deletes": {func(s site) string {
			id := s.Add(reportermock.Connection{ConfigName: "ledger", ProductName: "theirs"}, "x")
			s.NoteDeletes(s.PlanDelete(id))
			return ""
		}, 2, "", false},
		"by nobody that is shown": {func(s site) string { s.Faults().Add(taken); return "" }, 3, `The name "ledger" was tried again, but no list shows which connection has it`, false},
		"by somebody unknown": {func(s site) string {
			s.Faults().Add(taken)
			s.Faults().Add(fault.Answer(http.StatusForbidden, `{"message":"no"}`).On(http.MethodGet, connectionsPath).Repeat(fault.Forever))
			return ""
		}, 1, `It is not known which connection has the name "ledger"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := start(t, reportermock.Options{})
				owner := c.prepare(s)
				s.ResetRequests()
				made, found, err := s.CreateConnectionOnce(t.Context(), postgres("ledger"))
				if n := s.CountRequests(http.MethodPost, connectionsPath); n != c.posts {
					t.Errorf("%d creates were sent", n)
				}
				if c.words == "" {
					if err != nil || found || made.ID == "" || len(s.Connections()) != 1 {
						t.Errorf("%v, %t, %v", made, found, err)
					}
					return
				}
				e, ok := errors.AsType[*reporter.NameTakenError](err)
				if !ok || !reporter.IsNameTaken(err) || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), "Names are unique in the whole service") {
					t.Fatalf("%v", err)
				}
				if (e.Search != nil) != c.search || c.search && !(httpclient.IsForbidden(e.Search) && errors.Is(err, e.Search)) || owner != "" && (e.Owner == nil || e.Owner.ID != owner || !strings.Contains(err.Error(), `of product "theirs"`)) {
					t.Errorf("%+v", e)
				}
			})
		})
	}
}

// A create whose answer is lost is sent again where nobody has the name, and
// looked for where somebody has it.
func TestLostCreateIsSentAgain(t *testing.T) {
	t.Parallel()
	lost := fault.InternalError().On(http.MethodPost, connectionsPath)
	for name, c := range map[string]struct {
		faults    []fault.Fault
		posts     int
		lists     int // of the last month alone: a window for each look
		found, ok bool
	}{
		"nothing came of it":       {[]fault.Fault{lost}, 2, 1, false, true},
		"it was made":              {[]fault.Fault{lost.Applied()}, 1, 2, true, true},
		"it cannot be looked for":  {[]fault.Fault{lost, fault.Answer(http.StatusForbidden, `{"message":"no"}`).On(http.MethodGet, connectionsPath).Repeat(fault.Forever)}, 1, 2, false, false},
		"it is refused the second": {[]fault.Fault{lost, fault.Answer(http.StatusBadRequest, `{"message":"no"}`).On(http.MethodPost, connectionsPath)}, 2, 2, false, false},
		"nothing ever comes of it": {[]fault.Fault{lost.Repeat(fault.Forever)}, 3, 3, false, false},
		"the second is made":       {[]fault.Fault{lost, lost.Applied()}, 2, 3, true, true},
		"it is refused at once":    {[]fault.Fault{fault.Answer(http.StatusBadRequest, `{"message":"no"}`).On(http.MethodPost, connectionsPath)}, 1, 0, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := start(t, reportermock.Options{})
				for _, f := range c.faults {
					s.Faults().Add(f)
				}
				began := time.Now()
				made, found, err := s.CreateConnectionOnce(t.Context(), postgres("ledger"))
				if n := s.CountRequests(http.MethodPost, connectionsPath); n != c.posts || (time.Since(began) > 0) != (n > 1) {
					t.Errorf("%d creates were sent in %s, want %d and waits between them", n, time.Since(began), c.posts)
				}
				if n := s.CountRequests(http.MethodGet, connectionsPath); n != c.lists {
					t.Errorf("%d lists were read, want %d", n, c.lists)
				}
				_, isUnknown := errors.AsType[*createonce.UnknownOutcomeError](err)
				if found != c.found || (err == nil) != c.ok || c.ok && made.ID != s.Connections()[0].ID || isUnknown == (c.ok || name == "it is refused at once") {
					t.Errorf("%v, %t, %v", made, found, err)
				}
			})
		})
	}
}

// A name that is given up while it is refused is taken without a look for its owner.
func TestNameThatIsGivenUpMeanwhile(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	taken := fault.Answer(http.StatusConflict, `{"code":"FET-1002","message":"taken"}`).On(http.MethodPost, connectionsPath)
	taken.Hook = func() { s.NoteGivenUp("ledger") }
	s.Faults().Add(taken)
	made, found, err := s.CreateConnectionOnce(t.Context(), postgres("ledger"))
	if err != nil || found || made.ConfigName.Or("") != "ledger" || s.CountRequests(http.MethodPost, "") != 2 || s.CountRequests(http.MethodGet, "") != 0 {
		t.Errorf("%v, %t, %v after %d creates and %d lists", made, found, err, s.CountRequests(http.MethodPost, ""), s.CountRequests(http.MethodGet, ""))
	}
}

// What is dated after the answer was lost is somebody else's.
func TestLostCreateAndALaterOne(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	var theirs string
	lost := fault.Fault{Reset: true}.On(http.MethodPost, connectionsPath)
	lost.Hook = func() {
		theirs = s.Add(reportermock.Connection{
			ProductName: "my-product", ConfigName: "ledger", Type: "POSTGRESQL", Host: "db.example.com", Port: 5432,
			DatabaseName: "mydatabase", UserName: "dbuser", CreatedAt: s.clock.now().Add(time.Hour),
		}, "p")
	}
	s.Faults().Add(lost)
	_, found, err := s.CreateConnectionOnce(t.Context(), postgres("ledger"))
	if unknown, ok := errors.AsType[*createonce.UnknownOutcomeError](err); found || !ok || !slices.Equal(unknown.Candidates, []string{theirs}) {
		t.Errorf("%t, %v", found, err)
	}
	// One whose settings differ is described by the name.
	lost.Hook = func() { s.Add(reportermock.Connection{ConfigName: "other", Host: "elsewhere"}, "p") }
	s.Faults().Add(lost)
	if _, _, err = s.CreateConnectionOnce(t.Context(), postgres("other")); err == nil || !strings.Contains(err.Error(), "one of the same name whose settings differ") {
		t.Errorf("%v", err)
	}
}

// Where the connection that has the name is to go, and its delete fails, that is the
// error.
func TestNameOfOneThatStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, reportermock.Options{})
		s.NoteDeletes([]string{s.Add(reportermock.Connection{ConfigName: "ledger", ProductName: "theirs"}, "x")})
		s.Faults().Add(fault.Answer(http.StatusForbidden, `{"message":"no"}`).On(http.MethodDelete, connectionsPath+"/*"))
		made, found, err := s.CreateConnectionOnce(t.Context(), postgres("ledger"))
		if e, ok := httpclient.AsError(err); made != nil || found || !ok || e.Method != http.MethodDelete || !httpclient.IsForbidden(err) {
			t.Errorf("%v, %t, %v", made, found, err)
		}
	})
}

// Which create was lost is told by the name: those of other names do not count.
func TestLostCreateBesideAnother(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	if _, _, err := s.CreateConnectionOnce(t.Context(), postgres("other")); err != nil {
		t.Fatal(err)
	}
	s.Faults().Add(fault.InternalError().Applied().On(http.MethodPost, connectionsPath))
	made, found, err := s.CreateConnectionOnce(t.Context(), postgres("ledger"))
	if err != nil || !found || made.ConfigName.Or("") != "ledger" {
		t.Errorf("%v, %t, %v", made, found, err)
	}
}

// A connection that was found gets all that the service never returns, once the job
// that holds it has ended.
func TestSendCredentials(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, reportermock.Options{})
		request := postgres("ledger")
		request.SSL = &reporter.SSL{Mode: "require", CA: secret.New("the-authority")}
		id := s.create(t, request).ID
		request.Password, request.SSL.CA = secret.New("another-password"), secret.New("another-authority")
		s.Faults().Add(fault.Answer(http.StatusConflict, `{"code":"FET-1021","message":"active jobs"}`).On(http.MethodPatch, connectionsPath+"/*"))
		if err := s.SendCredentials(t.Context(), id, request); err != nil {
			t.Fatal(err)
		}
		for field, want := range map[string]string{"password": "another-password", "ssl.ca": "another-authority"} {
			if got, _ := s.Secret(id, field); got != want {
				t.Errorf("%s is %q", field, got)
			}
		}
		s.Faults().Add(fault.Answer(http.StatusForbidden, `{"message":"no"}`).On(http.MethodPatch, connectionsPath+"/*"))
		if err := s.SendCredentials(t.Context(), id, request); !httpclient.IsForbidden(err) {
			t.Errorf("%v", err)
		}
	})
}

func TestRemoveConnection(t *testing.T) {
	t.Parallel()
	for status, done := range map[int]bool{204: true, 404: true, 410: true, 403: false, 405: false} {
		s := start(t, reportermock.Options{})
		id := s.Add(reportermock.Connection{ConfigName: "ledger"}, "x")
		switch status {
		case 204:
		case 404:
			s.Remove(id)
		default:
			s.Faults().Add(fault.Answer(status, `{"message":"no"}`).On(http.MethodDelete, connectionsPath+"/*"))
		}
		if err := s.RemoveConnection(t.Context(), "ledger", id); (err == nil) != done {
			t.Errorf("%d: %v", status, err)
		}
		if s.HasGivenUp("ledger") != done || s.HasGivenUp("m") {
			t.Errorf("%d: has given up: %t", status, s.HasGivenUp("ledger"))
		}
	}
	s := start(t, reportermock.Options{})
	if s.NoteGivenUp("ledger"); !s.HasGivenUp("ledger") {
		t.Error("a name that was given up is not known")
	}
}

// The note of a delete has the latest deletes, and no more than fit.
func TestPlanDelete(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	var all, noted []string
	for i := range 60 {
		all = append(all, fmt.Sprint(i))
		noted = s.PlanDelete(all[i])
	}
	if !slices.Equal(noted, all[10:]) {
		t.Errorf("noted are %v", noted)
	}
}

// What the server lets through is checked once more.
func TestFilterMatches(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	s.Add(reportermock.Connection{ConfigName: "ours", ProductName: "sales", Metadata: map[string]any{"a.b": "x", "n": 1, "long": strings.Repeat("v", 300)}}, "x")
	s.Add(reportermock.Connection{ConfigName: "other", ProductName: "ops", Metadata: map[string]any{"a.b": "y"}}, "x")
	for _, c := range []struct {
		filter reporter.ConnectionFilter
		want   []string
	}{
		{reporter.ConnectionFilter{}, []string{"other", "ours"}},
		{reporter.ConnectionFilter{ProductName: "SALES"}, []string{"ours"}},
		{reporter.ConnectionFilter{ProductName: "none"}, nil},
		{reporter.ConnectionFilter{Metadata: map[string]string{"a.b": "x"}}, []string{"ours"}}, // the server is not asked about these
		{reporter.ConnectionFilter{Metadata: map[string]string{"n": "1"}}, nil},
		{reporter.ConnectionFilter{Metadata: map[string]string{"a.b": ""}}, nil},
		{reporter.ConnectionFilter{Metadata: map[string]string{"n": ""}}, nil}, // a number is no text, not even an empty one
		{reporter.ConnectionFilter{Metadata: map[string]string{"long": strings.Repeat("v", 300)}}, []string{"ours"}},
		{reporter.ConnectionFilter{Metadata: map[string]string{strings.Repeat("k", 60): "x"}}, nil},
	} {
		list, err := s.ListConnections(t.Context(), c.filter)
		var names []string
		for _, connection := range list {
			names = append(names, connection.ConfigName.Or(""))
		}
		slices.Sort(names)
		if err != nil || !slices.Equal(names, c.want) {
			t.Errorf("%+v: %q, %v", c.filter, names, err)
		}
	}
}
