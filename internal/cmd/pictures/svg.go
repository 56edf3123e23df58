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

// box is a node of the diagram.
type box struct {
	x, y, width, height int
	fill, line          string
	text                []string
}

func (n box) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" rx="10" fill="%s" stroke="%s" stroke-width="1.5"/>`+"\n", n.x, n.y, n.width, n.height, n.fill, n.line)
	top := n.y + n.height/2 - (len(n.text)-1)*9 + 5
	for i, text := range n.text {
		weight := ""
		if i == 0 {
			weight = ` font-weight="600"`
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle"%s>%s</text>`+"\n", n.x+n.width/2, top+i*18, weight, html.EscapeString(text))
	}
	return b.String()
}

// arrow is a curve from one point to another, with a label at its middle.
func arrow(x1, y1, x2, y2 int, label string) string {
	middle := (x1 + x2) / 2
	text := fmt.Sprintf(`<path d="M%d %d C%d %d %d %d %d %d" fill="none" stroke="#57606a" stroke-width="1.5" marker-end="url(#tip)"/>`+"\n", x1, y1, middle, y1, middle, y2, x2, y2)
	if label != "" {
		y := (y1+y2)/2 - 8
		if y2 > y1 {
			y = (y1+y2)/2 + 20
		}
		text += fmt.Sprintf(`<text x="%d" y="%d" text-anchor="middle" fill="#57606a" font-size="13" stroke="#ffffff" stroke-width="6" paint-order="stroke">%s</text>`+"\n", middle, y, html.EscapeString(label))
	}
	return text
}

// routing draws which connection serves whom: the Mermaid diagram of the README.
func routing() string {
	const (
		user, content, decide = "#ddf4ff", "#f6f8fa", "#fff8c5"
		live, rest            = "#dafbe1", "#f6f8fa"
		blue, gray, yellow    = "#54aeff", "#8c959f", "#d4a72c"
		green                 = "#4ac26b"
	)
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="980" height="300" viewBox="0 0 980 300" role="img">
<title>Users reach the connection that the value of their user attribute leads to</title>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 10 5 0 10z" fill="#57606a"/></marker></defs>
<rect width="980" height="300" rx="8" fill="#ffffff"/>
<g font-family="-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="14" fill="#1f2328">
`)
	for i, text := range [][]string{{"user", "environment = prod"}, {"user", "environment = dev"}, {"any other user"}} {
		y := 20 + i*92
		b.WriteString(arrow(190, y+36, 250, 150, ""))
		b.WriteString(box{20, y, 170, 72, user, blue, text}.String())
	}
	b.WriteString(arrow(420, 150, 465, 150, ""))
	b.WriteString(box{252, 106, 168, 88, content, gray, []string{"dashboards", "built on the", "base connection"}}.String())
	b.WriteString(arrow(610, 150, 786, 64, "prod"))
	b.WriteString(arrow(610, 150, 786, 236, "dev, or no match"))
	b.WriteString(box{467, 114, 143, 72, decide, yellow, []string{"user attribute", "environment"}}.String())
	b.WriteString(box{788, 24, 172, 80, live, green, []string{"production", "connection"}}.String())
	b.WriteString(box{788, 196, 172, 80, rest, gray, []string{"base", "connection"}}.String())
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}
