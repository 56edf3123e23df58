// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// errorBody is every shape of JSON that errors have. Nothing about it is certain.
type errorBody struct {
	Code    any            `json:"code"` // text, or the status as a number
	Title   any            `json:"title"`
	Message any            `json:"message"`
	Detail  any            `json:"detail"`
	Error   any            `json:"error"`
	Fields  map[string]any `json:"fields"`
}

// Describe reads the bodies of errors, of this API and of what may be in front of
// it: JSON of several shapes, or plain text. What the server says about fields
// it returns under their names in requests.
//
// A 404 is KindNotFound only if the server's own code says that the object is
// missing. A tenant that is unknown or a gateway's 404 must not read as if the
// object were gone; they are KindUnreadable, and a path that the server does not
// have is KindNoRoute.
func Describe(status int, body []byte) httpclient.Detail {
	var answer errorBody
	// One key of another type leaves the others decoded, and what is no JSON leaves all
	// of them empty.
	_ = json.Unmarshal(body, &answer)
	detail := answer.detail(status)
	switch {
	case status == http.StatusNotFound && slices.Contains(missingCodes, detail.Code):
	case status == http.StatusNotFound && text(answer.Title) == routeTitle:
		detail.Kind = httpclient.KindNoRoute
	case status == http.StatusNotFound:
		detail.Kind = httpclient.KindUnreadable
	}
	return detail
}

func (b errorBody) detail(status int) httpclient.Detail {
	title, message := text(b.Title), cmp.Or(text(b.Message), text(b.Detail), text(b.Error))
	detail := httpclient.Detail{Message: cmp.Or(message, title)}
	switch code := b.Code.(type) {
	case string:
		detail.Code = code
	case float64:
		if int(code) != status {
			detail.Code = fmt.Sprint(code)
		}
		// Such answers have their meaning in the title.
		if message != "" && title != "" && title != routeTitle {
			detail.Message = title + ": " + message
		}
	}
	if len(b.Fields) > 0 {
		detail.Fields = make(map[string]string, len(b.Fields))
		for name, said := range b.Fields {
			detail.Fields[fieldName(name)] = fieldText(text(said))
		}
		// The general message only says to look at the fields.
		detail.Message = strings.TrimPrefix(title+": "+list(detail.Fields), ": ")
	}
	return detail
}

// routeTitle is the title of the answers of the server's router.
const routeTitle = "request_failed"

func text(value any) string {
	s, _ := value.(string)
	return strings.TrimSpace(s)
}

func list(fields map[string]string) string {
	parts := make([]string, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, name+": "+fields[name])
	}
	return strings.Join(parts, "; ")
}

// fieldName returns the name that a field has in requests: the later checks of
// the server spell it otherwise.
func fieldName(name string) string {
	switch name {
	case "username":
		return "userName"
	case "password_encrypted":
		return "password"
	}
	words := strings.Split(name, "_")
	for i := 1; i < len(words); i++ {
		if words[i] != "" {
			words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
		}
	}
	return strings.Join(words, "")
}

// fieldText words what the server's validation library says in its own terms.
func fieldText(said string) string {
	if strings.Contains(said, "'hostname|ip'") {
		return "must be a host name or an IP address, without a port"
	}
	return said
}

// missingCodes are those with which the server says that an object does not exist:
// a connection, an object of its database that it has no words for, and one of
// Reporter's own data sources. Another code in a 404 is about something else (the
// tenant, who asks) or is not the server's.
var missingCodes = []string{"FET-1001", "FET-0005", "TPL-0031"}

func hasCode(err error, codes ...string) bool {
	e, ok := httpclient.AsError(err)
	return ok && slices.Contains(codes, e.Code)
}

// IsNameTaken reports that another connection has the name, of whatever product.
func IsNameTaken(err error) bool { return hasCode(err, "FET-1002", "FET-0004") }

// IsJobRunning reports that a job uses the connection, which is therefore locked
// for a while.
func IsJobRunning(err error) bool { return hasCode(err, "FET-1021") }

// IsDatabaseUnreachable reports that the server could not open the connection's
// database: the address, the credentials or the network are wrong.
func IsDatabaseUnreachable(err error) bool {
	e, ok := httpclient.AsError(err)
	return ok && e.Status == http.StatusInternalServerError && strings.HasPrefix(e.Message, "Database Connection Error")
}

// IsNoSuchRoute reports that the server does not have this part of the API, or
// that the base URL is wrong.
func IsNoSuchRoute(err error) bool {
	e, ok := httpclient.AsError(err)
	return ok && (e.Status == http.StatusMethodNotAllowed || e.Kind == httpclient.KindNoRoute ||
		e.Status == http.StatusNotFound && e.Kind == httpclient.KindUnreadable && e.Code == "")
}

// pageCap returns the largest page that the server gives, where the error says
// that a larger one was asked for.
func pageCap(err error) (int, bool) {
	e, ok := httpclient.AsError(err)
	if !ok || e.Code != "FET-0406" {
		return 0, false
	}
	limit, err := strconv.Atoi(firstNumber.FindString(e.Message))
	return limit, err == nil && limit > 0
}

var firstNumber = regexp.MustCompile(`\d+`)

// FieldErrors returns what the server said about single fields, by their names
// in requests (configName, ssl.mode); nil where it said nothing of the kind.
func FieldErrors(err error) map[string]string {
	e, ok := httpclient.AsError(err)
	switch {
	case !ok:
		return nil
	case e.Code == "FET-0414": // the server says it of the host, and names no field
		return map[string]string{"host": e.Message}
	}
	return e.Fields
}
