// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestTerminal(t *testing.T) {
	picture := terminal("terraform plan", "  \x1b[33m~\x1b[0m\x1b[0m name = \"a\" \x1b[33m->\x1b[0m \"<b>\"\n\n\x1b[1;32mPlan:\x1b[0m 1 to change")
	for _, want := range []string{
		`  <tspan fill="#e3b341">~</tspan> name = &#34;a&#34; <tspan fill="#e3b341">-&gt;</tspan> &#34;&lt;b&gt;&#34;</text>`,
		`<tspan font-weight="bold" fill="#7ee787">Plan:</tspan> 1 to change</text>`,
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
