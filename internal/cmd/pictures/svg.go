// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Sizes of the terminal's picture, in pixels.
const (
	charWidth  = 8.4
	lineHeight = 19
	margin     = 20
	barHeight  = 34
)

// colors are those of the escape sequences that the CLIs use.
var colors = map[string]string{
	"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea", "90": "#8b949e",
}

var escape = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// terminal draws a window with a command and what it printed.
func terminal(command, output string) string {
	lines := append([]string{"\x1b[90m$\x1b[0m \x1b[1m" + command + "\x1b[0m", ""}, strings.Split(output, "\n")...)
	columns := 0
	for _, line := range lines {
		columns = max(columns, utf8.RuneCountInString(escape.ReplaceAllString(line, "")))
	}
	width, height := int(float64(columns)*charWidth)+2*margin, barHeight+len(lines)*lineHeight+margin

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(command))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="#161b22"/>`+"\n", width, height)
	for i, color := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="17" r="6" fill="%s"/>`+"\n", margin+i*20, color)
	}
	b.WriteString(`<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3" xml:space="preserve">` + "\n")
	for i, line := range lines {
		if text := spans(line); text != "" {
			fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`+"\n", margin, barHeight+(i+1)*lineHeight-5, text)
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// spans turns the escape sequences of a line into elements.
func spans(line string) string {
	var b strings.Builder
	bold, color := false, ""
	emit := func(text string) {
		if text == "" {
			return
		}
		text = html.EscapeString(text)
		attributes := ""
		if bold {
			attributes += ` font-weight="bold"`
		}
		if color != "" {
			attributes += ` fill="` + color + `"`
		}
		if attributes != "" {
			text = "<tspan" + attributes + ">" + text + "</tspan>"
		}
		b.WriteString(text)
	}
	rest := line
	for {
		at := escape.FindStringSubmatchIndex(rest)
		if at == nil {
			emit(rest)
			return b.String()
		}
		emit(rest[:at[0]])
		for code := range strings.SplitSeq(rest[at[2]:at[3]], ";") {
			switch code {
			case "", "0":
				bold, color = false, ""
			case "1":
				bold = true
			default:
				color = colors[code]
			}
		}
		rest = rest[at[1]:]
	}
}
