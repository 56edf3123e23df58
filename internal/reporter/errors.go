// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
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
	Errors  []struct {
		Type         string `json:"type"`
		DataSourceID string `json:"dataSourceId"`
		Table        string `json:"table"`
		Field        string `json:"field"`
	} `json:"errors"`
}

// Describe reads the bodies of errors, of this API and of what may stand before
// it: JSON of several shapes, or plain text. What the server says about fields
// it returns under their names in requests.
//
// A 404 is KindNotFound only if the server's own code says that the object is
// missing. A route that is not there, a tenant that is unknown or a gateway's
// 404 must not read as if the object were gone; they are KindUnreadable.
func Describe(status int, body []byte) httpclient.Detail {
	var answer errorBody
	var detail httpclient.Detail
	err := json.Unmarshal(body, &answer)
	// One key of another type leaves the others decoded.
	if _, isType := errors.AsType[*json.UnmarshalTypeError](err); err == nil || isType {
		detail = answer.detail(status)
	}
	if status == http.StatusNotFound && !saysMissing(detail.Code) {
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
	switch {
	case len(b.Fields) > 0:
		detail.Fields = make(map[string]string, len(b.Fields))
		for name, said := range b.Fields {
			detail.Fields[fieldName(name)] = fieldText(text(said))
		}
		// The general message only says to look at the fields.
		detail.Message = strings.TrimPrefix(title+": "+list(detail.Fields), ": ")
	case detail.Code == codeSchemaMismatch:
		detail.Fields = make(map[string]string, len(b.Errors))
		words := make(map[string]string, len(b.Errors))
		for _, e := range b.Errors {
			detail.Fields[problemKey(e.DataSourceID, e.Table, e.Field)] = e.Type
			words[strings.TrimSpace(strings.Join([]string{e.DataSourceID, e.Table, e.Field}, " "))] = e.Type
		}
		detail.Message = strings.TrimPrefix(detail.Message+" "+list(words), " ")
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

// codePattern is a code of the server's own, such as FET-1001 or TPL-0031.
var codePattern = regexp.MustCompile(`^[A-Z]{3,}-\d+$`)

// saysMissing reports whether the code of a 404 is about the object. Whether
// newer servers have other codes than FET-1001 for that is not known.
func saysMissing(code string) bool {
	return codePattern.MatchString(code) &&
		!strings.HasPrefix(code, "AUT-") && // who asks is unknown
		code != "FET-1081" // the tenant is unknown
}

func hasCode(err error, codes ...string) bool {
	e, ok := httpclient.AsError(err)
	return ok && slices.Contains(codes, e.Code)
}

// IsNameTaken reports that another connection has the name, of whatever product.
func IsNameTaken(err error) bool { return hasCode(err, "FET-1002", "FET-0004") }

// IsJobRunning reports that a job uses the connection, which is therefore locked
// for a while.
func IsJobRunning(err error) bool { return hasCode(err, "FET-1021") }

// IsAssigned reports that the connection has a product already.
func IsAssigned(err error) bool { return hasCode(err, "FET-1015") }

// IsNoConnections reports a validation of names none of which is a connection.
func IsNoConnections(err error) bool { return hasCode(err, "FET-1062") }

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
	return ok && (e.Status == http.StatusMethodNotAllowed ||
		e.Status == http.StatusNotFound && e.Kind == httpclient.KindUnreadable && e.Code == "")
}

// FieldErrors returns what the server said about single fields, by their names
// in requests (configName, ssl.mode); nil where it said nothing of the kind.
func FieldErrors(err error) map[string]string {
	e, ok := httpclient.AsError(err)
	if !ok || e.Code == codeSchemaMismatch {
		return nil
	}
	return e.Fields
}
