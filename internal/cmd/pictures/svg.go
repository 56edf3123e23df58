// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
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

// theme has the colors of a picture by class: those of the escape sequences that the
// CLIs use, c31 to c90, and the window's own.
type theme map[string]string

// A picture has both, and the browser chooses: the reader's page is dark or light.
var (
	light = theme{
		"window": "#f6f8fa", "edge": "#d0d7de", "text": "#1f2328",
		"c31": "#cf222e", "c32": "#116329", "c33": "#7d4e00", "c34": "#0550ae", "c35": "#6639ba", "c36": "#1b6b72", "c90": "#57606a",
	}
	dark = theme{
		"window": "#161b22", "edge": "#484f58", "text": "#e6edf3",
		"c31": "#ff7b72", "c32": "#7ee787", "c33": "#e3b341", "c34": "#79c0ff", "c35": "#d2a8ff", "c36": "#76e3ea", "c90": "#8b949e",
	}
)

// css returns the rules of a theme, a line each.
func (t theme) css() string {
	var b strings.Builder
	for _, class := range slices.Sorted(maps.Keys(t)) {
		property := "fill"
		if class == "edge" {
			property = "stroke"
		}
		fmt.Fprintf(&b, ".%s { %s: %s }\n", class, property, t[class])
	}
	return b.String()
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
	fmt.Fprintf(&b, "<style>\n%s@media (prefers-color-scheme: dark) {\n%s}\n</style>\n", light.css(), dark.css())
	fmt.Fprintf(&b, `<rect class="window edge" x="0.5" y="0.5" width="%d" height="%d" rx="8"/>`+"\n", width-1, height-1)
	for i, color := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="17" r="6" fill="%s"/>`+"\n", margin+i*20, color)
	}
	b.WriteString(`<g class="text" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">` + "\n")
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
	bold, class := false, ""
	emit := func(text string) {
		if text == "" {
			return
		}
		text = html.EscapeString(text)
		attributes := ""
		if bold {
			attributes += ` font-weight="bold"`
		}
		if class != "" {
			attributes += ` class="` + class + `"`
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
				bold, class = false, ""
			case "1":
				bold = true
			default:
				class = ""
				if _, ok := dark["c"+code]; ok {
					class = "c" + code
				}
			}
		}
		rest = rest[at[1]:]
	}
}
