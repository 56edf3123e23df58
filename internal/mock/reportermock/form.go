// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"encoding/json"
	"strconv"
	"strings"
)

// parseForm reads a query, or a form, as the server's HTTP library does: pairs
// end at & only, an escape that is none stays as it is, and of a name that comes
// twice the last value counts.
func parseForm(text string) map[string]string {
	pairs := map[string]string{}
	for pair := range strings.SplitSeq(text, "&") {
		if pair != "" {
			key, value, _ := strings.Cut(pair, "=")
			pairs[unescape(key)] = unescape(value)
		}
	}
	return pairs
}

func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '+':
			b.WriteByte(' ')
		case '%':
			if code, err := strconv.ParseUint(text[i+1:min(i+3, len(text))], 16, 8); err == nil && i+2 < len(text) {
				b.WriteByte(byte(code))
				i += 2
				continue
			}
			b.WriteByte('%')
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// formAsJSON returns the JSON object that says the same as a form. What is no
// text comes out in the wrong type, unless it can be read as the right one.
func formAsJSON(form []byte) []byte {
	object := map[string]any{}
	ssl := map[string]any{}
	for key, value := range parseForm(string(form)) {
		name := strings.ToLower(key)
		port, err := strconv.Atoi(value)
		part, isSSL := strings.CutPrefix(name, "ssl.")
		switch {
		case isSSL:
			ssl[part] = value
			object["ssl"] = ssl
		case name == "port" && err == nil:
			object[name] = port
		default:
			object[key] = value
		}
	}
	encoded, _ := json.Marshal(object) // texts and numbers always encode
	return encoded
}
