// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// object is a JSON object.
type object = map[string]any

// Probe asks one server one point. What it makes it deletes again.
type Probe struct {
	ctx     context.Context //nolint:containedctx // a probe is one call
	server  *live.Server
	user    string // e-mail address of the user whose attributes may be set; "" for none
	scrub   func(string) string
	cleanup []func()
	left    *[]string // what could not be deleted
}

// giveUp ends a probe; run recovers it.
type giveUp struct{ reason string }

// stop ends the probe: the point could not be asked, for this reason.
func (p *Probe) stop(format string, args ...any) {
	panic(giveUp{fmt.Sprintf(format, args...)})
}

// run runs a probe to its end and cleans up. The reason says why there is no
// answer.
func (p *Probe) run(probe func(*Probe) string) (answer, reason string) {
	defer func() {
		for _, f := range slices.Backward(p.cleanup) {
			f()
		}
		if up, ok := recover().(giveUp); ok {
			answer, reason = "", p.scrub(up.reason)
		}
	}()
	return p.scrub(probe(p)), ""
}

// do sends a request, and notes what it made.
func (p *Probe) do(method, path string, body any) live.Answer {
	return p.doWith(method, path, body, nil)
}

func (p *Probe) doWith(method, path string, body any, header http.Header) live.Answer {
	answer, err := p.server.Do(p.ctx, method, path, body, header)
	switch {
	case errors.Is(err, live.ErrReadOnly):
		p.stop("it needs a write")
	case err != nil:
		p.stop("%s %s: %v", method, path, err)
	}
	if method == http.MethodPost && answer.Status < http.StatusMultipleChoices {
		p.noteMade(path, answer)
	}
	return answer
}

func (p *Probe) get(path string) live.Answer             { return p.do(http.MethodGet, path, nil) }
func (p *Probe) post(path string, body any) live.Answer  { return p.do(http.MethodPost, path, body) }
func (p *Probe) put(path string, body any) live.Answer   { return p.do(http.MethodPut, path, body) }
func (p *Probe) patch(path string, body any) live.Answer { return p.do(http.MethodPatch, path, body) }

func (p *Probe) remove(path string) live.Answer { return p.do(http.MethodDelete, path, nil) }

// noteMade has what a POST to a collection made deleted in the end.
func (p *Probe) noteMade(path string, answer live.Answer) {
	var ids []string
	switch path {
	case "connections":
		ids = append(ids, first(answer.Text("data"), answer.Text("id")))
	case "user-attributes":
		ids = append(ids, attributeID(answer))
	}
	for _, id := range ids {
		if id != "" {
			p.cleanup = append(p.cleanup, func() { p.delete(path + "/" + id) })
		}
	}
}

// delete cleans up; what is gone already is as good.
func (p *Probe) delete(path string) {
	answer, err := p.server.Do(p.ctx, http.MethodDelete, path, nil, nil)
	gone := answer.Status < http.StatusMultipleChoices || answer.Status == http.StatusGone || answer.Status == http.StatusNotFound && p.server.Version != live.Unstable
	if err != nil || !gone {
		*p.left = append(*p.left, fmt.Sprintf("%s (%d, %v)", path, answer.Status, err))
	}
}

// said is what a server answered: the status, and the words of a refusal.
func said(a live.Answer) string {
	if a.Status < http.StatusBadRequest {
		return fmt.Sprint(a.Status)
	}
	words := first(a.Text("detail"), a.Text("message"), a.Text("error"))
	if fields, ok := a.At("fields").(object); ok {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			words += fmt.Sprintf("; %s: %v", name, fields[name])
		}
	}
	if code := a.Text("code"); code != "" {
		words = code + " " + words
	}
	if words == "" {
		words = excerpt(a.Body)
	}
	return fmt.Sprintf("%d %s", a.Status, strings.TrimSpace(words))
}

// excerpt is the beginning of a body that is not JSON as the API writes it. A page
// for people says more about who serves it than about the API.
func excerpt(body []byte) string {
	const length = 80
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return "HTML"
	}
	return string(body[:min(len(body), length)])
}

// shape is what a value is, where the value itself is the server's own business.
func shape(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case bool:
		return "bool"
	case float64:
		return "number"
	case []any:
		return "list"
	case object:
		return "object of " + strings.Join(slices.Sorted(maps.Keys(v)), " ")
	}
	return "?"
}

// is writes down a value.
func is(value any) string {
	if value == nil {
		return "null"
	}
	return fmt.Sprintf("%v", value)
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// nobody is an id that nothing has.
func nobody() string { return uuid.NewString() }

// with returns a copy of an object with changes; a nil takes a key out.
func with(o object, changes object) object {
	changed := maps.Clone(o)
	for key, value := range changes {
		if value == nil {
			delete(changed, key)
		} else {
			changed[key] = value
		}
	}
	return changed
}
