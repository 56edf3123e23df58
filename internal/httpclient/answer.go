// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Limits on what a message repeats, in runes.
const (
	maxMessage = 500
	maxID      = 100
)

// decode turns the last answer, a success, into out.
func (c *call) decode(out any) error {
	reason := unreadable(c.last, out)
	if reason == "" && c.request.NoContent && c.last.status != http.StatusNoContent {
		reason = "204 No Content was expected"
	}
	if reason != "" {
		return c.newError(KindUnreadable, reason, nil).withHint(c.client.aboutAddress("check that base_url is the address of the API"))
	}
	return nil
}

// unreadable decodes a 2xx answer and says why it could not.
func unreadable(answer attempt, out any) string {
	if isHTML(answer.header, answer.body) {
		return "the answer is " + describeHTML(answer.body) + ", not JSON"
	}
	if out == nil {
		return ""
	}
	body := bytes.TrimSpace(answer.body)
	switch {
	case len(body) == 0:
		return "the answer is empty, expected JSON"
	case string(body) == "null":
		return "the answer is null, expected JSON with content"
	}
	if err := json.Unmarshal(body, out); err != nil {
		return jsonReason(err)
	}
	if v, ok := out.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return "the answer is not as expected: " + err.Error()
		}
	}
	return ""
}

// jsonReason words a decoding error: with the key that is odd, and without the
// names of Go types.
func jsonReason(err error) string {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("the answer is not valid JSON (at byte %d)", e.Offset)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		kind := oddKind(e)
		if e.Field == "" {
			return "the answer is JSON of another form: an unexpected " + kind
		}
		return fmt.Sprintf("the answer is JSON of another form: unexpected %s in %s", kind, keyOf(e.Field))
	}
	return "the answer is JSON of another form: " + err.Error()
}

// oddKind returns the kind of value that was not expected.
func oddKind(e *json.UnmarshalTypeError) string {
	kind, _, _ := strings.Cut(e.Value, " ") // "number 12" names the value too
	return kind
}

// keyOf takes the names of embedded Go types out of a path.
func keyOf(field string) string {
	parts := strings.Split(field, ".")
	last := parts[len(parts)-1] // a key, which may begin with a capital too
	keys := slices.DeleteFunc(parts[:len(parts)-1], func(part string) bool { return part == "" || unicode.IsUpper(rune(part[0])) })
	return strings.Join(append(keys, last), ".")
}

// refusedByServer is the error for an answer outside 2xx.
func (c *call) refusedByServer() *Error {
	detail := c.detail()
	kind := detail.Kind
	if kind == KindUnknown {
		kind = kindOf(c.last.status)
	}
	message := detail.Message
	if kind == KindRedirect && message == "" {
		message = "the server answered with a redirect that leads nowhere"
	}
	e := c.newError(kind, message, nil)
	e.Code = c.client.clean(detail.Code, maxID)
	e.Fields = c.cleanFields(detail.Fields)
	for _, key := range detail.UnknownKeys {
		e.UnknownKeys = append(e.UnknownKeys, c.client.clean(key, maxMessage))
	}
	c.explainWait(e)
	switch {
	case c.last.status == http.StatusProxyAuthRequired:
		e.Hint = proxyHint("HTTP_PROXY")
	case strings.Contains(message, "HTTP request to an HTTPS server"):
		e.Hint = "this port uses TLS: write https:// in the address"
	}
	return e
}

func (c *call) detail() Detail {
	if isHTML(c.last.header, c.last.body) {
		detail := Detail{Message: "the answer is " + describeHTML(c.last.body)}
		// An API answers in JSON: such a page is a proxy's, or of a wrong address,
		// and says nothing about the object.
		if k := kindOf(c.last.status); k == KindNotFound || k == KindGone {
			detail.Kind = KindUnreadable
		}
		return detail
	}
	detail := c.client.config.Describe(c.last.status, c.last.body)
	if detail.Message == "" {
		detail.Message = string(c.last.body)
	}
	return detail
}

// describe is the default of [Config.Describe].
func describe(_ int, body []byte) Detail {
	var object map[string]any
	if json.Unmarshal(body, &object) != nil {
		return Detail{}
	}
	var detail Detail
	switch code := object["code"].(type) {
	case string:
		detail.Code = code
	case float64:
		detail.Code = fmt.Sprint(code)
	}
	for _, key := range []string{"detail", "message", "error"} {
		if text, _ := object[key].(string); strings.TrimSpace(text) != "" {
			detail.Message = text
			break
		}
	}
	return detail
}

// notSent is the error for a request that was not sent.
func (c *call) notSent(err error) *Error {
	return c.newError(KindInvalid, "the request was not sent: "+err.Error(), err)
}

// unanswered is the error for a call that ended without a complete answer.
func (c *call) unanswered(ctx context.Context, err error) *Error {
	// It would print the query.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	redirect, isRedirect := errors.AsType[*redirectError](err)
	noToken, isNoToken := errors.AsType[*tokenError](err)
	outage, isOutage := AsError(err)
	switch {
	case ctx.Err() != nil:
		return c.outOfTime(ctx)
	case isNoToken:
		return c.withoutToken(noToken)
	case isOutage:
		return c.inOutage(outage)
	case c.last.status >= 300 && c.last.status < 400:
		message := "the server answered with a redirect that cannot be read"
		if isRedirect {
			message = redirect.message
		}
		return c.newError(KindRedirect, message, err).withHint(c.client.aboutAddress("set base_url to the address of the API itself"))
	case errors.Is(err, errPaused):
		message := "the server asked for a pause longer than the time that is left"
		if asked := time.Duration(c.client.gate.asked.Load()); asked > 0 {
			message += fmt.Sprintf(": %s", asked.Round(time.Second))
		}
		return c.newError(KindRateLimited, message, err).withHint(c.waitHint())
	case errors.Is(err, errThrottled):
		return c.throttled(err)
	case c.last.status == http.StatusTooManyRequests:
		e := c.newError(KindRateLimited, reason(err), err)
		c.explainWait(e)
		return e
	case errors.Is(err, errTooLarge):
		return c.newError(KindTooLarge, reason(err), err)
	case errors.Is(err, errAttemptTimeout):
		return c.newError(KindTimeout, fmt.Sprintf("no complete answer within %s", c.client.config.RequestTimeout), err).withHint("raise request_timeout if the server is slow")
	case errors.Is(err, http.ErrSchemeMismatch):
		return c.newError(KindTLS, "the server does not speak TLS on this port", err).withHint("the address begins with https://: give the port that has TLS, or write http:// if there is none")
	case isProxy(err):
		return c.newError(KindNetwork, reason(err), err).withHint(proxyHint("HTTPS_PROXY"))
	case isTLS(err):
		return c.newError(KindTLS, reason(err), err).withHint("if the server's certificate is signed by an authority of your own, set ca_certificate")
	}
	kind := KindNetwork
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		kind = KindTimeout
	}
	e := c.newError(kind, reason(err), err)
	c.explainWait(e)
	if e.Hint == "" && c.last.status == 0 {
		e.Hint = c.client.aboutAddress("check base_url, the network and the proxy settings")
	}
	return e
}

// outOfTime is the error for a call whose context has ended.
func (c *call) outOfTime(ctx context.Context) *Error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return c.newError(KindCanceled, "the operation was canceled", context.Canceled)
	case c.wasLimited:
		return c.newError(KindRateLimited, "the operation timed out while the server's rate limit held it back", ctx.Err()).withHint(c.waitHint())
	default:
		return c.newError(KindTimeout, "the operation timed out before an answer came", ctx.Err()).withHint(raiseTimeout)
	}
}

// givenUp returns e, or the error of an outage if it is one that e is part of.
func (c *call) givenUp(e *Error) *Error {
	if !c.exhausted || c.last.isFromServer() {
		return e
	}
	if outage := c.client.outage.begin(e, c.firstAttempt, c.answersBefore); outage != e {
		return c.inOutage(outage)
	}
	return e
}

// inOutage is the error of an outage for this call: what an attempt of its own may
// have done, others cannot tell.
func (c *call) inOutage(outage *Error) *Error {
	e := *outage
	e.OutcomeUnknown, e.MayBeDone, e.SentAt = c.outcomeUnknown(), c.mayBeDone, c.last.began
	return &e
}

// throttled is the error for a call that the own rate limit leaves no turn. Where
// the server has set limits too, its limit is the lower one and the reason.
func (c *call) throttled(err error) *Error {
	message := fmt.Sprintf("the limit of %d requests per minute leaves no room for this request in the time that is left", c.client.config.MaxRequestsPerMinute)
	refused := c.client.gate.limited.Load()
	if refused == 0 {
		return c.newError(KindTimeout, message, err).withHint(raiseTimeout + ", or raise max_requests_per_minute if the server allows more")
	}
	message += fmt.Sprintf("; the server has answered 429, too many requests, %d time(s) before, so its own limit is lower", refused)
	return c.newError(KindRateLimited, message, err).withHint(c.waitHint())
}

// aboutAddress is a hint, in which base_url stands for what sets this client's address.
func (c *Client) aboutAddress(hint string) string {
	return strings.Replace(hint, "base_url", c.config.Address, 1)
}

// proxyHint says what to look at where a proxy has refused; variable is the one that
// named it.
func proxyHint(variable string) string {
	return "this is the proxy's answer, not the server's: check " + variable + " (it takes user and password), or name the server in NO_PROXY"
}

// raiseTimeout names the attribute that bounds operations.
const raiseTimeout = "raise the timeout of the operation (the resource has timeouts for that)"

// waitHint says what helps against a server's limit. One that the server keeps for
// some requests alone has nothing to do with how many others there are.
func (c *call) waitHint() string {
	if c.request.Quota != "" {
		return raiseTimeout
	}
	return "lower max_requests_per_minute, or " + raiseTimeout
}

// explainWait says so where the call ended because the next wait was too long.
func (c *call) explainWait(e *Error) {
	if c.tooLong == 0 {
		return
	}
	e.Message = strings.TrimPrefix(e.Message+"; ", "; ") + fmt.Sprintf(
		"gave up after %d attempt(s) and %s of waiting, because the next wait of %s would pass the deadline",
		e.Attempts, e.Waited.Round(time.Millisecond), c.tooLong.Round(time.Millisecond))
	if c.last.status == http.StatusTooManyRequests {
		e.Hint = c.waitHint()
	} else {
		e.Hint = raiseTimeout
	}
}

func (e *Error) withHint(hint string) *Error {
	e.Hint = hint
	return e
}

func (c *call) newError(kind Kind, message string, cause error) *Error {
	return &Error{
		System:         c.client.config.System,
		Credentials:    c.client.config.Credentials,
		Anonymous:      c.client.config.Token.IsEmpty() && c.client.config.TokenSource == nil,
		Method:         c.request.Method,
		Host:           c.client.base.Host,
		Path:           c.path,
		Status:         c.last.status,
		Kind:           kind,
		Message:        c.client.clean(message, maxMessage),
		RequestID:      c.requestID(),
		Attempts:       c.attempts,
		Waited:         c.waited(),
		OutcomeUnknown: c.outcomeUnknown(),
		SentAt:         c.last.began,
		MayBeDone:      c.mayBeDone,
		Err:            cause,
	}
}

// outcomeUnknown reports, for a call that failed, whether the server may have
// carried out what must not be sent twice.
func (c *call) outcomeUnknown() bool {
	return !c.request.idempotent() && c.last.mayBeDone()
}

// isFromServer reports an answer of the server itself, as opposed to none, to one
// that does not end, or to one of a gateway that does not reach it. An internal error
// is one too: it may be about this one object, and says nothing of others.
func (a attempt) isFromServer() bool {
	return a.status != 0 && !a.cut && (!isFault(a.status) || a.status == http.StatusInternalServerError)
}

// mayBeDone reports whether the server may have done what an attempt that failed
// asked for.
func (a attempt) mayBeDone() bool {
	// 303 says: done, the result is elsewhere.
	return a.sent && (a.status == 0 || isSuccess(a.status) || isFault(a.status) || a.status == http.StatusSeeOther)
}

func (c *call) requestID() string {
	for _, name := range []string{"X-Request-Id", "X-Amzn-Requestid"} {
		if id := c.last.header.Get(name); id != "" {
			return c.client.clean(id, maxID)
		}
	}
	return ""
}

// reason is the text of an error without what net/http puts around it.
func reason(err error) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if text := err.Error(); text != "EOF" && text != "unexpected EOF" {
		return text
	}
	return "the connection was closed before the answer was complete"
}

// clean makes text from outside fit to be shown: without secrets and control
// characters, and of not more than limit runes.
func (c *Client) clean(text string, limit int) string {
	// Before and after: characters that are dropped could hide a secret, or be
	// part of one.
	text = c.secrets.Mask(text)
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
	return truncate(strings.TrimSpace(c.secrets.Mask(text)), limit)
}

func (c *call) cleanFields(fields map[string]string) map[string]string {
	if len(fields) == 0 {
		return nil
	}
	clean := make(map[string]string, len(fields))
	for name, text := range fields {
		clean[c.client.clean(name, maxMessage)] = c.client.clean(text, maxMessage)
	}
	return clean
}

func truncate(text string, limit int) string {
	count := 0
	for i := range text {
		if count == limit {
			return text[:i] + "..."
		}
		count++
	}
	return text
}

func isHTML(header http.Header, body []byte) bool {
	start := strings.ToLower(string(bytes.TrimSpace(body[:min(len(body), 200)])))
	return strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html") ||
		start != "" && strings.HasPrefix(strings.ToLower(header.Get("Content-Type")), "text/html")
}

var titlePattern = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title`)

// describeHTML names a page by its title: the rest is markup.
func describeHTML(body []byte) string {
	if match := titlePattern.FindSubmatch(body); match != nil {
		if title := strings.Join(strings.Fields(html.UnescapeString(string(match[1]))), " "); title != "" {
			return `an HTML page titled "` + title + `"`
		}
	}
	return "an HTML page"
}
