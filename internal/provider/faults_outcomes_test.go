// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// outcome is what an operation must come to.
type outcome struct {
	verdict verdict
	words   []string // of its error, or of a warning where it must succeed; a|b is either
	why     string   // both may happen
}

type verdict int

const (
	succeeds verdict = iota
	fails
	either
)

func success(warning ...string) outcome { return outcome{succeeds, warning, ""} }
func failing(words ...string) outcome   { return outcome{fails, words, ""} }
func eitherWay(why string) outcome      { return outcome{either, nil, why} }

// words are what the error has of the failure itself.
func (c cell) words() string {
	isOmni := !strings.Contains(c.kind, "reporter")
	switch c.failure {
	case "reset before", "reset after":
		return "connection"
	case "hangs before", "hangs after":
		return "no complete answer within 5s"
	case "500", "500 after":
		return "500"
	case "502 HTML":
		return "502 Bad Gateway"
	case "503", "503 after":
		return "503"
	case "cut off":
		return "the connection was closed before the answer was complete"
	case "success is false", "success false after":
		return "not carried out|not as expected|204 No Content was expected"
	case "another shape", "another shape after":
		return "JSON of another form|in an unexpected form|not as expected|204 No Content was expected"
	case "a login page":
		return "HTML"
	case "empty", "empty after":
		return "the answer is empty|204 No Content was expected"
	case "401", "403", "403 bad token":
		switch {
		case c.call.isToken():
			return c.failure[:3]
		case c.failure == "403", c.failure == "403 bad token" && !isOmni: // the words are Omni's
			return "not allowed to do this"
		case !isOmni: // a Reporter can do without
			return "does not accept the credentials|none are configured"
		}
		return "does not accept the credentials"
	case "404":
		return "404"
	case "404 HTML":
		return `"No such page"|404`
	case "405":
		return "Method Not Allowed"
	case "409":
		return "Conflict"
	case "410":
		return "410"
	case "413":
		return "Payload Too Large"
	case "endless":
		return "too large|no complete answer within 5s"
	case "redirect":
		return "another server, which is not followed"
	default:
		return c.failure
	}
}

// required is the outcome by rule.
func (c cell) required() outcome {
	for _, e := range exceptions {
		if e.matches(c) {
			return e.outcome
		}
	}
	onceMore := c.call.isRepeated() && c.times == 1 && c.failure != refused
	isRead := c.operation.ofResource() && !c.call.writes()
	isReadBack := isRead && c.operation != read && c.call.follows
	if c.call.isTest() && (c.operation == create || c.operation == update) {
		return c.ofTest(onceMore)
	}
	isLook := isRead && (c.operation == create || c.operation == update) && c.looksUp()
	switch {
	case c.operation == createLost && !c.subject.adopts && (c.call.lost || onceMore || !isRetried(c.failure, c.fault)):
		return failing("may have been carried out", "import")
	case c.fault.Status == http.StatusTooManyRequests: // the server did nothing, and says so
		return success()
	case c.fault.Endless && onceMore:
		return eitherWay("whether the limit of time or that of size comes first, and so whether there is a second attempt, is up to the machine")
	case isRetried(c.failure, c.fault) && onceMore:
		return success()
	case c.operation == createLost:
		return eitherWay("the search for what was made may have another way to find it, or may not; whatever is lost has to be named, which the run that follows requires")
	case isReadBack && c.operation == create && c.subject.withoutID: // it has to tell the id
		return failing("its answer has no id", "looking for it failed too")
	case isReadBack && (c.operation == create || c.operation == update): // what was written is known, and the next refresh reads it
		return success(c.notRead())
	case isReadBack:
		return success()
	case isLook && c.failure == refused:
		return failing("connection refused")
	case isLook && c.times == fault.Forever:
		return eitherWay("a server that is down is not asked again in the same run, unless something else has shown that it is up")
	case isLook: // the server decides
		return success()
	case c.operation == create && c.call.writes() && !c.call.isRepeated() && !c.call.follows:
		return c.ofCreate()
	case c.operation == create && c.call.writes() && c.call.follows && c.subject.undoes && c.failure == refused:
		return failing(c.words(), "again failed too")
	case c.operation == create && c.call.writes() && c.call.follows && c.subject.undoes:
		return failing(c.words(), "was deleted again")
	case c.failure == "410" && c.call.method == http.MethodDelete:
		return success()
	default:
		return failing(c.words())
	}
}

// notRead are the words about what could not be read after a write: the object, or
// the job that the write began.
func (c cell) notRead() string {
	if strings.Contains(c.call.path, "/jobs/") {
		return "Could not refresh the schema model"
	}
	return "Could not read back"
}

// ofTest is the outcome of what is only a test of a connection that was saved: a
// warning says that it was not tested. After a 500, which may be about its database,
// the service is not asked again.
func (c cell) ofTest(onceMore bool) outcome {
	isHidden := onceMore && isRetried(c.failure, c.fault) && c.fault.Status != http.StatusInternalServerError
	if isHidden || c.fault.Status == http.StatusTooManyRequests {
		return success()
	}
	return success("Could not test Reporter connection", "It was saved, but not tested", c.words())
}

// looksUp reports what a plan asks first: what is there already, and whether the
// user attribute exists that a connection is bound to.
func (c cell) looksUp() bool {
	route := c.call.path[strings.LastIndex(c.call.path, "/")+1:]
	if strings.HasPrefix(c.kind, "user attribute") {
		return route == "user-attributes" && c.call.nth == 0
	}
	return c.call.nth == 0 && slices.Contains([]string{"connections", "connection-environments", "schedules", "environments", "user-attributes"}, route)
}

// ofCreate is the outcome of a request that makes an object, and that nobody may
// repeat blindly.
func (c cell) ofCreate() outcome {
	f := c.fault
	switch isUnknown := isRetried(c.failure, f) || f.Endless || f.Redirect == "" && (f.Status/100 == 2 || f.Status == 0); {
	case !isUnknown || c.failure == refused: // the server refused, or was never asked
		return failing(c.words())
	case !f.Apply && !f.Truncate && c.subject.unique: // nothing has the name, so that it is sent again
		return success()
	case !f.Apply && !f.Truncate, !c.call.done: // there is nothing to be found
		return failing("may have been carried out|not carried out|whether the server carried it out is not known|was closed before")
	case f.Hang:
		return eitherWay("on a busy machine the search may be too late as well")
	case c.subject.adopts:
		return success("taken over|adopted|was found")
	default:
		return failing("may have been carried out", "import")
	}
}

// exception is an outcome of some cells that no rule gives.
type exception struct {
	kind, operation, call, failure *regexp.Regexp
	outcome                        outcome
}

// except takes patterns; "" matches everything.
func except(kind, operation, call, failure string, o outcome) exception {
	return exception{whole(kind), whole(operation), whole(call), whole(failure), o}
}

// whole matches a whole text.
func whole(pattern string) *regexp.Regexp {
	if pattern == "" {
		pattern = ".*"
	}
	return regexp.MustCompile("^(" + pattern + ")$")
}

func (e exception) matches(c cell) bool {
	return e.kind.MatchString(c.kind) && e.operation.MatchString(string(c.operation)) && e.call.MatchString(c.call.String()) && e.failure.MatchString(c.failure)
}

const anyFailure = ""

// exceptions are looked through in this order.
var exceptions = []exception{
	// The names of connections are for the eye: a query shows ids without them.
	except("query omni_connection_environment( of one)?", "", "GET v1/connections .*", anyFailure, success()),
	// One of many that cannot be asked is left out, with a warning.
	except("query omni_(connection_dbt|connection_schedule|dbt_environment)", "", "GET v1/connections/.*", "403|404 HTML|a login page|another shape|empty|success is false", success("left out")),
	except("query omni_dbt_environment of one", "", "GET v1/connections/.*", "another shape", success("left out")),

	except("user attribute definition.*", "create", "GET v1/user-attributes \\(1\\)", anyFailure, eitherWay("what was there before is needed by a create whose answer is lost; a server without the list takes no user attributes")),

	// A key that may not list can ask for one connection by its id, where there is
	// such a route.
	except("data source omni_environment_(route|audience)", "", "GET v1/connections \\(1\\)", "403", success()),
	except("(data source omni_connection_environments|query omni_(connection_schedule|dbt_environment)) of one", "", "GET v1/connections \\(1\\)", "403", success()),
	except("", "read|import", "GET v1/connections \\(1\\)", "403", success()),
	except("", "read|import", "GET unstable/connections \\(1\\)", "403", failing("may not list connections")),
	// A key that may not see user attributes, or a server without them, still gets an
	// answer, and is told where that rests on their defaults.
	except("data source omni_environment_route", "", "GET v1/user-attributes \\(1\\)", "403|404|404 HTML|405", success()),
	except("data source omni_environment_audience", "", "GET v1/user-attributes \\(1\\)", "403|404|404 HTML|405", success("not known")),
	// A server that has no list of environments: the state stands.
	except("environment.*", "read|import", "GET [a-z0-9]+/connection-environments \\(1\\)", "404|405|404 HTML", success()),
	except("user attribute definition.*|.* omni_user_attributes?", "read|import|data source|query", "GET v1/user-attributes \\(1\\)", "404|405|404 HTML", failing("does not list user attributes")),
	except("(data source|query) omni_(connection_environments?|environment_(route|audience))( of one)?", "", "GET v1/connection-environments \\(1\\)", "404|405|404 HTML", failing("does not list connection environments")),
	except("environment( 2025|, no list)", "read|import", "GET [a-z0-9]+/connection-environments \\(1\\)", "cut off", success()), // the status is enough
	// Nothing is gone because a GET says so, if a list shows it.
	except("schedule.*|user attribute.*", "read|import|create", "GET [a-z0-9]+/connections/\\*(/schedules/\\*)? \\(1\\)", "404|410", success()),
	except("connection.*", "create|update", "GET [a-z0-9]+/connections/\\* \\(1\\)", "404|410", success()),
	except("reporter connection", "read", "GET connections .*", "410", success()),
	except("dbt environment", "read|import", "GET .*", "another shape", success()), // a list, and without it: another is read
	// What the server does not show need not be read.
	except("user's value, not told", "create", "GET scim/v2/Users/\\* \\(2\\)", anyFailure, success()),
	except("user's value, not told", "update", "GET scim/v2/Users/\\* \\(1\\)", anyFailure, success()),
	// A schema model that is not refreshed is there nevertheless.
	except("schema model", "create|update", "POST v1/models/.*", "[^4].*|4[01].*", success("Could not refresh the schema model")),
	except("action reporter_connection_test|data source reporter_connection_schema", "", "", "500( after)?", failing("500")),
	except("(action|data source) reporter_connection_(test|schema)", "", "", "410", failing("No such Reporter connection")),
	except("data source reporter_data_sources", "", "", "success is false", failing("Cannot list Reporter data sources")),
	// A delete whose answer is odd is looked after.
	except("reporter connection|user attribute definition.*", "delete", "DELETE .*", "(another shape|empty|success false) after", success()),
	except("reporter connection", "delete", "DELETE .*", "cut off", success()), // nothing of no body
	except("user attribute definition.*", "update", "PUT .*", "(another shape|empty|success false) after", success()),
	except("user's value", "create|update|delete", "PATCH .* \\(1\\)", "(another shape|empty|success false) after", success()),
	except("user's value, by path", "create|update|delete", "PATCH .* \\(2\\)", "(another shape|empty|success false) after", success()),
}

// requireOutcome holds what came of the operation against what must.
func (c cell) requireOutcome(t testing.TB, diags protocol.Diagnostics) {
	t.Helper()
	required := c.required()
	switch required.verdict {
	case succeeds:
		if diags.HasError() {
			t.Errorf("it has to succeed:\n%s", diags)
		} else if len(required.words) > 0 {
			requireWords(t, diags.Warnings(), required.words)
		}
	case fails:
		if !diags.HasError() {
			t.Errorf("it has to fail:\n%s", diags)
		} else {
			requireWords(t, diags.Errors(), required.words)
		}
	case either:
	}
}

// requireWords wants one diagnostic with all of the words.
func requireWords(t testing.TB, diags protocol.Diagnostics, words []string) {
	t.Helper()
	has := func(text, word string) bool {
		return slices.ContainsFunc(strings.Split(word, "|"), func(w string) bool { return strings.Contains(text, w) })
	}
	if !slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool {
		text := protocol.Diagnostics{d}.String()
		return !slices.ContainsFunc(words, func(word string) bool { return !has(text, word) })
	}) {
		t.Errorf("nothing says %q; there is:\n%s", words, diags)
	}
}
