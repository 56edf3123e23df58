// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package secret

import (
	"encoding/hex"
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// view is a text as it reads with its escapes decoded. It knows where each byte
// was in the original.
type view struct {
	text    string
	offsets []int // of each byte of text, and of the end; nil: they are the same
}

// at returns the offset in the original of byte i.
func (v view) at(i int) int {
	if v.offsets == nil {
		return i
	}
	return v.offsets[i]
}

// views returns the readings of a text: as it is, as a query, and without its escapes,
// those that come to light then, and so on: of percent signs, of JSON strings, and of
// both and HTML in turn, such as those of JSON in an address. A decoder leaves what is
// no escape as it is, so none fails.
func views(text string) []view {
	v := view{text: text}
	all := []view{v, v.decode(form)}
	for _, decoder := range []func(string) (string, int){percent, jsonEscape, anyEscape} {
		all = append(all, v.peel(decoder)...)
	}
	return all
}

// peel returns the text decoded once, twice, and so on, as long as that does anything.
func (v view) peel(decoder func(string) (string, int)) []view {
	var all []view
	for {
		decoded := v.decode(decoder)
		if len(decoded.text) == len(v.text) {
			return all
		}
		v = decoded
		all = append(all, v)
	}
}

// decode applies a decoder, which returns what the text begins with and how
// many bytes that takes; 0 means that it is no escape.
func (v view) decode(decoder func(string) (string, int)) view {
	var b strings.Builder
	var offsets []int
	for i := 0; i < len(v.text); {
		decoded, size := decoder(v.text[i:])
		if size == 0 {
			decoded, size = v.text[i:i+1], 1
		}
		b.WriteString(decoded)
		for range len(decoded) {
			offsets = append(offsets, v.at(i))
		}
		i += size
	}
	return view{b.String(), append(offsets, v.at(len(v.text)))}
}

// anyEscape decodes what any of the decoders does.
func anyEscape(text string) (string, int) {
	for _, decoder := range []func(string) (string, int){percent, jsonEscape, entity} {
		if decoded, size := decoder(text); size > 0 {
			return decoded, size
		}
	}
	return "", 0
}

// maxEntity is the length of the longest entity that stands for a character of ASCII.
const maxEntity = len("&DiacriticalGrave;")

// entity decodes the &quot; of HTML.
func entity(text string) (string, int) {
	if text[0] != '&' {
		return "", 0
	}
	end := strings.IndexByte(text[:min(len(text), maxEntity)], ';')
	if end < 0 {
		return "", 0
	}
	decoded := html.UnescapeString(text[:end+1])
	if len(decoded) > end { // it is none
		return "", 0
	}
	return decoded, end + 1
}

// percent decodes %41.
func percent(text string) (string, int) {
	if len(text) < 3 || text[0] != '%' {
		return "", 0
	}
	decoded, err := hex.DecodeString(text[1:3])
	if err != nil {
		return "", 0
	}
	return string(decoded), 3
}

// form decodes %41, and + as the space that it is in a query.
func form(text string) (string, int) {
	if text[0] == '+' {
		return " ", 1
	}
	return percent(text)
}

var simpleEscapes = map[byte]string{'n': "\n", 'r': "\r", 't': "\t", 'b': "\b", 'f': "\f", '"': `"`, '\'': "'", '\\': `\`, '/': "/"}

// jsonEscape decodes what begins with a backslash in a JSON string.
func jsonEscape(text string) (string, int) {
	if len(text) < 2 || text[0] != '\\' {
		return "", 0
	}
	if text[1] != 'u' {
		decoded, ok := simpleEscapes[text[1]]
		if !ok {
			return "", 0
		}
		return decoded, 2
	}
	first, ok := codeUnit(text)
	if !ok {
		return "", 0
	}
	second, _ := codeUnit(text[6:])
	if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
		return string(r), 12
	}
	return string(first), 6
}

// codeUnit reads the \u0041 that text begins with.
func codeUnit(text string) (rune, bool) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, false
	}
	unit, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(unit), err == nil
}
