// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind says what an [Error] means, whatever the server's dialect.
type Kind int

// The kinds. Callers act on a few of them (not found, conflict, ...); the
// others tell a person where to look.
const (
	// KindUnknown is a status that has no kind of its own; in a [Detail] it
	// means: go by the status.
	KindUnknown Kind = iota
	// KindBadRequest is a request that the server found wrong (400, 422).
	KindBadRequest
	// KindUnauthorized is missing or bad credentials (401).
	KindUnauthorized
	// KindForbidden is good credentials without the right (403).
	KindForbidden
	// KindNotFound is the API's own 404. A page of HTML with that status, from
	// a proxy or a wrong address, is KindUnreadable.
	KindNotFound
	// KindGone is an object that was deleted (410), with the same exception.
	KindGone
	// KindConflict is a clash with the state of the server (409).
	KindConflict
	// KindRateLimited is a 429 that outlasted the time allowed.
	KindRateLimited
	// KindServer is a fault of the server (5xx).
	KindServer
	// KindUnreadable is an answer that is not what the API promises: HTML,
	// empty, wrong JSON, or refused by the Validate method of its type.
	KindUnreadable
	// KindNoRoute is a server that does not have the path of the request, and says
	// so in the form of its own API.
	KindNoRoute
	// KindTooLarge is an answer above the size limit.
	KindTooLarge
	// KindRedirect is a redirect that is not followed.
	KindRedirect
	// KindTimeout is no answer in time: of one attempt, or of the operation.
	KindTimeout
	// KindCanceled is a context that the caller canceled.
	KindCanceled
	// KindNetwork is a connection that failed before the answer was complete.
	KindNetwork
	// KindTLS is a secure connection that cannot be made: a certificate that is
	// not trusted, or no protocol in common.
	KindTLS
	// KindInvalid is a request that this client refused to send.
	KindInvalid
	// KindOutage is a request that was given up, because one before it was tried
	// as often as allowed and the server has given no usable answer since.
	KindOutage
)

// kindOf is the meaning of a status outside 2xx.
func kindOf(status int) Kind {
	switch {
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return KindBadRequest
	case status == http.StatusUnauthorized:
		return KindUnauthorized
	case status == http.StatusForbidden:
		return KindForbidden
	case status == http.StatusNotFound:
		return KindNotFound
	case status == http.StatusRequestTimeout:
		return KindTimeout
	case status == http.StatusConflict:
		return KindConflict
	case status == http.StatusGone:
		return KindGone
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status >= 500:
		return KindServer
	case status >= 300 && status < 400:
		return KindRedirect
	default:
		return KindUnknown
	}
}

// Error is every failure of [Client.Do]. It holds no secret: what the server
// said is masked, and neither headers nor query values are part of it.
type Error struct {
	// System is the label of the configuration.
	System string
	// Method, Host and Path are those of the request; Path is escaped. KindOutage
	// has the host only.
	Method, Host, Path string
	// Status is that of the last answer, 0 where none came.
	Status int
	// Kind is what callers decide by.
	Kind Kind
	// Code is the server's own error code, if it gave one.
	Code string
	// Message is what the server said, or what went wrong on the way.
	Message string
	// Fields is what the server said about single fields, by the names that the
	// system's client gives them; usually nil. Message says it all too.
	Fields map[string]string
	// UnknownKeys are the keys of the request's body that the server refused
	// because it is older than they are; usually nil.
	UnknownKeys []string
	// Credentials says where users set the token that was sent, or "".
	Credentials string
	// Anonymous reports that no token was sent, because none is configured.
	Anonymous bool
	// Hint is what a user can change, or "".
	Hint string
	// RequestID is the server's id of the request, for its logs.
	RequestID string
	// Attempts counts the tries, the first included.
	Attempts int
	// Waited is the time spent not talking to the server: between attempts, for
	// the rate limit, and during pauses that the server asked for.
	Waited time.Duration
	// OutcomeUnknown reports that a request which must not be sent twice may
	// have been carried out. It is never set for idempotent requests.
	OutcomeUnknown bool
	// SentAt is when the last attempt was sent, by this machine's clock; zero where
	// there was none.
	SentAt time.Time
	// MayBeDone reports that the server may have carried the request out, in any
	// of the attempts: what it would have changed is not known any more. Other
	// than OutcomeUnknown it is set for requests too that may be sent twice.
	MayBeDone bool
	// Err is the cause, for errors.Is, or nil.
	Err error
}

// Error describes the failure in one sentence.
func (e *Error) Error() string {
	var b strings.Builder
	if e.System != "" {
		b.WriteString(e.System + ": ")
	}
	b.WriteString(strings.TrimSpace(e.Method+" "+e.Host+e.Path) + ": " + e.whatHappened())

	var notes []string
	if e.Code != "" {
		notes = append(notes, "code "+e.Code)
	}
	if e.RequestID != "" {
		notes = append(notes, "request id "+e.RequestID)
	}
	if e.Attempts > 1 {
		notes = append(notes, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if e.Waited >= time.Second {
		notes = append(notes, "waited "+e.Waited.Round(time.Second).String())
	}
	if len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	if e.OutcomeUnknown {
		b.WriteString("; whether the server carried it out is not known")
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// whatHappened is the status and the message.
func (e *Error) whatHappened() string {
	var parts []string
	if e.Status != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))))
	}
	if e.Message != "" {
		parts = append(parts, e.Message)
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// AsError returns the [Error] that err is or wraps.
func AsError(err error) (*Error, bool) { return errors.AsType[*Error](err) }

func isKind(err error, kind Kind) bool {
	e, ok := AsError(err)
	return ok && e.Kind == kind
}

// IsNotFound reports whether the API said that there is no such object.
func IsNotFound(err error) bool { return isKind(err, KindNotFound) }

// IsGone reports whether the API said that the object was deleted.
func IsGone(err error) bool { return isKind(err, KindGone) }

// IsMissing reports whether the API said that there is no such object, or none any more.
func IsMissing(err error) bool { return IsNotFound(err) || IsGone(err) }

// IsConflict reports a clash with the state of the server.
func IsConflict(err error) bool { return isKind(err, KindConflict) }

// IsForbidden reports credentials that lack the right.
func IsForbidden(err error) bool { return isKind(err, KindForbidden) }

// IsUnauthorized reports missing or bad credentials.
func IsUnauthorized(err error) bool { return isKind(err, KindUnauthorized) }

// IsAnonymous reports that a server wants credentials and none are configured.
func IsAnonymous(err error) bool {
	e, ok := AsError(err)
	return ok && e.Kind == KindUnauthorized && e.Anonymous
}

// IsLoginRefused reports that the [TokenSource] got no token for its own
// credentials: it is those that are missing or bad.
func IsLoginRefused(err error) bool {
	_, noToken := errors.AsType[*tokenError](err)
	return noToken && IsUnauthorized(err)
}

// IsBadRequest reports a request that the server found wrong.
func IsBadRequest(err error) bool { return isKind(err, KindBadRequest) }

// IsRateLimited reports a rate limit that outlasted the time allowed.
func IsRateLimited(err error) bool { return isKind(err, KindRateLimited) }

// IsUnreadable reports an answer that is not what the API promises.
func IsUnreadable(err error) bool { return isKind(err, KindUnreadable) }

// IsNoRoute reports a server that does not have the path of the request.
func IsNoRoute(err error) bool { return isKind(err, KindNoRoute) }

// IsTimeout reports that no answer came in time.
func IsTimeout(err error) bool { return isKind(err, KindTimeout) }

// IsOutage reports a request that was given up, because the server has given no
// usable answer to others. The errors of one outage have the same text.
func IsOutage(err error) bool { return isKind(err, KindOutage) }

// MayBeDone reports that a request failed and may have been carried out all the
// same, in its last attempt or in one before.
func MayBeDone(err error) bool {
	e, ok := AsError(err)
	return ok && e.MayBeDone
}

// IsOutcomeUnknown reports that a request which must not be sent twice may have
// been carried out.
func IsOutcomeUnknown(err error) bool {
	e, ok := AsError(err)
	return ok && e.OutcomeUnknown
}
