// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"net/http"
	"strconv"
	"time"
)

// The constructors below answer any request once. A test narrows them with On
// and Repeat: fault.BadGateway().On("GET", "/api/v1/connections").Repeat(2).

// On returns the fault for this method and path pattern only.
func (f Fault) On(method, path string) Fault {
	f.Method, f.Path = method, path
	return f
}

// Repeat returns the fault with this count: Forever, or how often it fires.
func (f Fault) Repeat(times int) Fault {
	f.Times = times
	return f
}

// After returns the fault that lets this many matching requests through first.
func (f Fault) After(skip int) Fault {
	f.Skip = skip
	return f
}

// Applied returns the fault that strikes after the server did the work.
func (f Fault) Applied() Fault {
	f.Apply = true
	return f
}

// Answer is a JSON answer with this status and body instead of the server's.
func Answer(status int, body string) Fault {
	return Fault{Status: status, Body: body}
}

// BadGateway is the 502 of a proxy in front of the server: HTML, not JSON.
func BadGateway() Fault {
	return Fault{
		Status: http.StatusBadGateway,
		Header: http.Header{"Content-Type": {"text/html"}},
		Body:   "<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center></body>\n</html>\n",
	}
}

// RateLimited is a 429 without any header that says how long to wait.
func RateLimited() Fault {
	return Fault{Status: http.StatusTooManyRequests, Body: `{"detail":"Too Many Requests","status":429}`}
}

// RateLimitedFor is a 429 with Retry-After in whole seconds, rounded up.
func RateLimitedFor(wait time.Duration) Fault {
	f := RateLimited()
	seconds := int((wait + time.Second - 1) / time.Second)
	f.Header = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	return f
}

// NoSuccess is a 200 whose body says that nothing was done.
func NoSuccess() Fault {
	return Fault{Body: `{"success":false,"error":"the request was not carried out"}`}
}

// WrongShape is a 200 with valid JSON that is not what the route promises.
func WrongShape() Fault {
	return Fault{Body: `["neither","an","object"]`}
}

// NotJSON is a 200 with a web page, as a login redirect ends in.
func NotJSON() Fault {
	return Fault{
		Header: http.Header{"Content-Type": {"text/html"}},
		Body:   "<!doctype html><title>Sign in</title>",
	}
}

// EmptyBody is a 200 without a body.
func EmptyBody() Fault { return Fault{Status: http.StatusOK} }

// InternalError is a JSON 500.
func InternalError() Fault {
	return Fault{Status: http.StatusInternalServerError, Body: `{"detail":"Internal Server Error","status":500}`}
}
