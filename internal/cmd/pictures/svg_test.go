// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestTerminal(t *testing.T) {
	picture := terminal("terraform plan", "  \x1b[33m~\x1b[0m\x1b[0m name = \"a\" \x1b[33m->\x1b[0m \"<b>\"\n\n\x1b[1;32mPlan:\x1b[0m 1 to change")
	for _, want := range []string{
		`  <tspan class="c33">~</tspan> name = &#34;a&#34; <tspan class="c33">-&gt;</tspan> &#34;&lt;b&gt;&#34;</text>`,
		`<tspan font-weight="bold" class="c32">Plan:</tspan> 1 to change</text>`,
	} {
		if !strings.Contains(picture, want) {
			t.Errorf("%s is missing in\n%s", want, picture)
		}
	}
	wellFormed(t, picture)
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// On a light page and on a dark one, every text stands out from its window as much as
// WCAG 2 asks for (4.5 to 1), and both themes have the same classes.
func TestThemesAreReadable(t *testing.T) {
	t.Parallel()
	for name, theme := range map[string]theme{"light": light, "dark": dark} {
		if len(theme) != len(light) {
			t.Errorf("%s has %d classes, and light %d", name, len(theme), len(light))
		}
		for class, color := range theme {
			if _, ok := light[class]; !ok {
				t.Errorf("only %s has %s", name, class)
			}
			if class == "window" || class == "edge" {
				continue
			}
			a, b := luminance(t, color), luminance(t, theme["window"])
			if contrast := (max(a, b) + 0.05) / (min(a, b) + 0.05); contrast < 4.5 {
				t.Errorf("%s: the contrast of %s is %.1f", name, class, contrast)
			}
		}
	}
}

// luminance is the relative luminance of a color such as #161b22.
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
