// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

var attempt = framework.Attempt{Action: "change", Object: `Omni connection "A" (1)`, Needs: "Connection Admin on the connection", Lookup: "terraform import x <id>"}

func serverError(kind httpclient.Kind, status int, message string) *httpclient.Error {
	return &httpclient.Error{
		System: "Omni", Method: "PATCH", Host: "acme.omniapp.co", Path: "/api/v1/connections/1",
		Status: status, Kind: kind, Message: message, RequestID: "req-42", Hint: "the hint", Attempts: 3,
	}
}

// Every error says what was tried, on which object, what the server said, the
// request's id, and what the user can do.
func TestAdviceByKindOfError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		advice string // "" for none beyond the error itself
	}{
		{serverError(httpclient.KindUnauthorized, 401, "Invalid token"), "Check the token"},
		{serverError(httpclient.KindUnauthorized, 403, "Invalid bearer token"), "Check the token"},
		{&httpclient.Error{Status: 401, Kind: httpclient.KindUnauthorized, Credentials: "the environment variable OMNI_API_KEY", RequestID: "req-42", Hint: "the hint", Host: "acme.omniapp.co"}, "Check the environment variable OMNI_API_KEY: it may"},
		{serverError(httpclient.KindForbidden, 403, "Permission denied"), "not allowed to do this: it needs Connection Admin on the connection."},
		{serverError(httpclient.KindRateLimited, 429, "Too Many Requests"), "Applying again continues where this run stopped."},
		{serverError(httpclient.KindTimeout, 0, "no answer within 30s"), "Applying again is safe"},
		{fmt.Errorf("wrapped: %w", context.Canceled), "Applying again is safe"},
		{fmt.Errorf("waiting for the list ended: %w", context.DeadlineExceeded), "Raise the timeout"},
		{serverError(httpclient.KindUnreadable, 200, "an HTML page"), "login page or a proxy"},
		{&httpclient.Error{System: "Omni", Status: 400, Kind: httpclient.KindBadRequest, Message: "Bad Request", UnknownKeys: []string{"hostOverride", "port"}, RequestID: "req-42", Hint: "the hint", Host: "acme.omniapp.co"}, "This Omni server is too old to change host_override, port in place"},
		{&httpclient.Error{System: "Omni", Status: 400, Kind: httpclient.KindBadRequest, Message: "Bad Request", UnknownKeys: []string{"port"}, RequestID: "req-42", Hint: "the hint", Host: "acme.omniapp.co"}, "too old to change port in place"},
		{serverError(httpclient.KindBadRequest, 400, "Bad Request: host: Required"), ""},
		{serverError(httpclient.KindNotFound, 404, "Connection not found"), ""},
		{serverError(httpclient.KindConflict, 409, "taken"), ""},
		{serverError(httpclient.KindServer, 500, "oops"), ""},
		{serverError(httpclient.KindNetwork, 0, "connection refused"), ""},
		{serverError(httpclient.KindTLS, 0, "certificate signed by unknown authority"), ""},
		{serverError(httpclient.KindTooLarge, 200, "too large"), ""},
		{serverError(httpclient.KindRedirect, 307, "redirects"), ""},
		{serverError(httpclient.KindInvalid, 0, "not sent"), ""},
		{errors.New("something else"), ""},
		{&httpclient.Error{Status: 401, Kind: httpclient.KindUnauthorized, Anonymous: true, RequestID: "req-42", Hint: "the hint", Host: "acme.omniapp.co"}, "none are configured. Set the token in the provider block or its environment variable."},
		{&createonce.UnknownOutcomeError{Err: &httpclient.Error{Status: 500, Kind: httpclient.KindServer, MayBeDone: true, RequestID: "req-42", Hint: "the hint", Host: "acme.omniapp.co"}}, "Look for it on the server"},
		{&httpclient.Error{Status: 500, Kind: httpclient.KindServer, MayBeDone: true, RequestID: "req-42", Hint: "the hint", Host: "acme.omniapp.co"}, "may have been carried out. Applying the same again is safe"},
		{&httpclient.Error{Method: "GET", Status: 500, Kind: httpclient.KindServer, MayBeDone: true, RequestID: "req-42", Hint: "the hint", Host: "acme.omniapp.co"}, ""},
		{&httpclient.Error{Status: 500, Kind: httpclient.KindServer, Err: context.DeadlineExceeded, RequestID: "req-42", Hint: "the hint", Host: "acme.omniapp.co"}, ""},
		{&createonce.UnknownOutcomeError{Err: serverError(httpclient.KindServer, 500, "oops"), Found: "nothing new"}, "not sent again"},
		{&createonce.UnknownOutcomeError{Err: serverError(httpclient.KindServer, 500, "oops"), Found: "several", Candidates: []string{"a", "b"}}, "one of the candidates"},
	} {
		for _, err := range []error{c.err, fmt.Errorf("outer: %w", c.err)} {
			d := attempt.Error(err)
			text := d.Summary() + "\n" + d.Detail()
			if d.Severity() != diag.SeverityError || d.Summary() != `Cannot change Omni connection "A" (1)` || !strings.HasPrefix(d.Detail(), err.Error()) {
				t.Errorf("%v:\n%s", err, text)
			}
			advice := strings.TrimPrefix(d.Detail(), err.Error())
			if (c.advice == "") != (advice == "") || !strings.Contains(advice, c.advice) || strings.Count(advice, "may have been carried out") > 1 {
				t.Errorf("%v: the advice is %q", err, advice)
			}
			if e, ok := httpclient.AsError(err); ok && (!strings.Contains(text, "req-42") || !strings.Contains(text, "the hint") || !strings.Contains(text, "acme.omniapp.co")) {
				t.Errorf("%v: what is known is left out (%v)", err, e.Kind)
			}
		}
	}
}

// What an outage ends reads the same for every object.
func TestOutageIsOneError(t *testing.T) {
	t.Parallel()
	outage := &httpclient.Error{System: "Omni", Host: "acme.omniapp.co", Kind: httpclient.KindOutage, Message: "no usable answer since 01:02:03 UTC"}
	for _, err := range []error{outage, fmt.Errorf("outer: %w", outage)} {
		for _, d := range []diag.Diagnostic{attempt.Error(err), attempt.AttributeError(path.Root("host"), err)} {
			if d.Summary() != "No answer from Omni" || d.Detail() != err.Error() {
				t.Errorf("%s\n%s", d.Summary(), d.Detail())
			}
		}
	}
}

// refusedLogin is a source of tokens whose own credentials are refused.
type refusedLogin struct{}

func (refusedLogin) Token(context.Context) (secret.String, error) {
	return secret.String{}, &httpclient.Error{Kind: httpclient.KindUnauthorized, Message: "unknown client"}
}

func (refusedLogin) Refused(secret.String) {}

func TestAdviceOnARefusedLogin(t *testing.T) {
	t.Parallel()
	client, err := httpclient.New(httpclient.Config{BaseURL: "https://example.com", TokenSource: refusedLogin{}})
	if err != nil {
		t.Fatal(err)
	}
	err = client.Do(t.Context(), httpclient.Request{Method: "GET"}, nil)
	if got := attempt.Error(err).Detail(); !strings.Contains(got, "unknown client") || !strings.Contains(got, "Check client_id and client_secret") {
		t.Error(got)
	}
}

func TestLookupAdvice(t *testing.T) {
	t.Parallel()
	unknown := &createonce.UnknownOutcomeError{Err: errors.New("reset"), Found: "nothing"}
	if got := attempt.Error(unknown).Detail(); !strings.Contains(got, "terraform import x <id>") || !strings.Contains(got, "If it is not, apply again") {
		t.Error(got)
	}
	unknown.Candidates = []string{"a"}
	if got := attempt.Error(unknown).Detail(); !strings.Contains(got, "terraform import x <id>") || !strings.Contains(got, "Otherwise apply again") {
		t.Error(got)
	}
	withoutLookup := framework.Attempt{Action: "create", Object: "x"}
	if got := withoutLookup.Error(unknown).Detail(); strings.Contains(got, "import") {
		t.Error(got)
	}
}

func TestAttemptOnAnAttributeAndAsAWarning(t *testing.T) {
	t.Parallel()
	withPath, ok := attempt.AttributeError(path.Root("host"), errors.New("no")).(diag.DiagnosticWithPath)
	if !ok || !withPath.Path().Equal(path.Root("host")) || withPath.Severity() != diag.SeverityError {
		t.Errorf("%v", withPath)
	}
	warning := attempt.Warning(errors.New("the reason"), "The consequence.")
	if warning.Severity() != diag.SeverityWarning || warning.Summary() != `Could not change Omni connection "A" (1)` || warning.Detail() != "The consequence.\n\nthe reason" {
		t.Errorf("%v", warning)
	}
	for kind, advice := range map[httpclient.Kind]string{httpclient.KindForbidden: "not allowed to do this", httpclient.KindUnauthorized: "does not accept the credentials"} {
		if got := attempt.Warning(serverError(kind, 400, "no"), "The consequence.").Detail(); !strings.Contains(got, advice) {
			t.Error(got)
		}
	}
	needsNothing := framework.Attempt{Action: "read", Object: "x"}
	if got := needsNothing.Error(serverError(httpclient.KindForbidden, 403, "no")).Detail(); !strings.HasSuffix(got, "not allowed to do this.") {
		t.Error(got)
	}
}

func TestObjectName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, id types.String
		want     string
	}{
		{types.StringValue("n"), types.StringValue("1"), `thing "n" (1)`},
		{types.StringValue("n"), types.StringUnknown(), `thing "n"`},
		{types.StringUnknown(), types.StringValue("1"), "thing 1"},
		{types.StringNull(), types.StringNull(), "thing"},
	} {
		if got := framework.ObjectName("thing", c.name, c.id); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
