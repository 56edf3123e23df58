// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// Attempt is what was being done when an error came: the words that a person at
// 2 a.m. needs. Every error of a system becomes a diagnostic through it.
type Attempt struct {
	Action string // "create", "read", "change", "delete", "import"
	Object string // "Omni connection \"Analytics\" (550e…)"
	Needs  string // the permission the key needs: "the admin role"
	Lookup string // how to take over an object that may have been made: an import command
}

// ObjectName is an object as messages name it, by what is known of it: its kind, with
// its name and its id, or one of the two.
func ObjectName(kind string, name, id types.String) string {
	switch {
	case IsSet(name) && IsSet(id):
		return fmt.Sprintf("%s %q (%s)", kind, name.ValueString(), id.ValueString())
	case IsSet(name):
		return fmt.Sprintf("%s %q", kind, name.ValueString())
	case IsSet(id):
		return kind + " " + id.ValueString()
	default:
		return kind
	}
}

// Error returns the diagnostic for err.
func (a Attempt) Error(err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(a.summary(err), a.detail(err))
}

// summary is the same for all requests that an outage ended, so that a thousand
// errors of one cause read as one; the CLI names the resource beside each.
func (a Attempt) summary(err error) string {
	if e, ok := httpclient.AsError(err); ok && httpclient.IsOutage(err) {
		return "No answer from " + e.System
	}
	return fmt.Sprintf("Cannot %s %s", a.Action, a.Object)
}

// AttributeError returns the diagnostic for err on an attribute.
func (a Attempt) AttributeError(p path.Path, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(p, a.summary(err), a.detail(err))
}

// Warning returns the diagnostic for an err that the operation survives.
func (a Attempt) Warning(err error, consequence string) diag.Diagnostic {
	detail := consequence + "\n\n" + err.Error()
	if httpclient.IsForbidden(err) || httpclient.IsUnauthorized(err) {
		detail += "\n\n" + a.advice(err)
	}
	return diag.NewWarningDiagnostic(fmt.Sprintf("Could not %s %s", a.Action, a.Object), detail)
}

// NotReadBack says that what a write made of an object could not be read after it. A
// write that succeeded is not reported as a failure for that.
func NotReadBack(object string, err error) diag.Diagnostic {
	return Attempt{Action: "read back", Object: object}.Warning(err,
		"The write succeeded, and the state has what was sent. What the server filled in is missing until the next refresh.")
}

func (a Attempt) detail(err error) string {
	parts := []string{err.Error()}
	if advice := a.advice(err); advice != "" {
		parts = append(parts, advice)
	}
	if a.mayHaveMade(err) {
		parts = append(parts, "No usable answer came back, so it may have been carried out. Applying the same again is safe, and takes over what is there. To change or to remove it instead, take it over first, with\n\n  "+a.Lookup)
	}
	return strings.Join(parts, "\n\n")
}

// mayHaveMade reports a create whose answer got lost, and which nobody has looked for.
// What is read before a create makes nothing.
func (a Attempt) mayHaveMade(err error) bool {
	_, isLookedFor := errors.AsType[*createonce.UnknownOutcomeError](err)
	e, isRequest := httpclient.AsError(err)
	return a.Lookup != "" && !isLookedFor && isRequest && e.MayBeDone && e.Method != http.MethodGet
}

func (a Attempt) advice(err error) string {
	if unknown, ok := errors.AsType[*createonce.UnknownOutcomeError](err); ok {
		return a.lookupAdvice(unknown)
	}
	if e, ok := httpclient.AsError(err); ok && len(e.UnknownKeys) > 0 {
		return fmt.Sprintf("This %s server is too old to change %s in place. Nothing was changed. Change it in %s's user interface and run a plan again, restore the former value, or have %s update the server.", e.System, strings.Join(AttributeNames(e.UnknownKeys), ", "), e.System, e.System)
	}
	switch {
	case httpclient.IsLoginRefused(err):
		return "The identity service refused the client credentials. Check " + cmp.Or(credentialsOf(err), "client_id and client_secret in the provider block or their environment variables") + ": they may be mistyped, revoked, or belong to a different instance than the one in auth_url."
	case httpclient.IsAnonymous(err):
		return "The server wants credentials, and none are configured. Set " + cmp.Or(credentialsOf(err), "the token in the provider block or its environment variable") + "."
	case httpclient.IsUnauthorized(err):
		return "The server does not accept the credentials. Check " + cmp.Or(credentialsOf(err), "the token in the provider block or its environment variable") + ": it may be mistyped, revoked, or belong to a different instance than the one in base_url."
	case httpclient.IsForbidden(err):
		if a.Needs != "" {
			return "The credentials are valid, but not allowed to do this: it needs " + a.Needs + "."
		}
		return "The credentials are valid, but not allowed to do this."
	case httpclient.IsRateLimited(err):
		return "Other users of the same key count towards the limit too. Applying again continues where this run stopped."
	case httpclient.IsTimeout(err), errors.Is(err, context.Canceled):
		return "Applying again is safe and continues where this run stopped."
	case errors.Is(err, context.DeadlineExceeded) && !isAnswered(err): // shared with other reads, so their error is not this one's
		return "The operation timed out while the server's list was still being read: the server is slow, or a rate limit holds everything back. Raise the timeout in the resource's timeouts. Applying again is safe and continues where this run stopped."
	case httpclient.IsNoRoute(err):
		return "The server answers, but not under this path. Check base_url in the provider block or its environment variable: it ends before the path that the message shows begins. The state was not changed."
	case httpclient.IsUnreadable(err):
		return "A login page or a proxy may have answered instead of the server: check that base_url is the address of the API. The state was not changed."
	}
	return ""
}

func isAnswered(err error) bool {
	_, isAnswered := httpclient.AsError(err)
	return isAnswered
}

// credentialsOf names where the credentials were set that the innermost server
// refused, which for want of a token is the identity service.
func credentialsOf(err error) string {
	var named string
	for {
		e, ok := httpclient.AsError(err)
		if !ok {
			return named
		}
		named, err = e.Credentials, e.Err
	}
}

func (a Attempt) lookupAdvice(e *createonce.UnknownOutcomeError) string {
	advice := "The request was sent, but no usable answer came back, so it may have been carried out. It is not sent again, because that could create a second one."
	if a.Lookup == "" {
		return advice
	}
	if len(e.Candidates) == 0 {
		return advice + " Look for it on the server. If it is there, take it over with\n\n  " + a.Lookup + "\n\nIf it is not, apply again."
	}
	return advice + " If one of the candidates is it, take it over with\n\n  " + a.Lookup + "\n\nOtherwise apply again."
}
