// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func TestWhatTheServiceCannotUse(t *testing.T) {
	t.Parallel()
	const blank, encoded, brackets = "sends a space", "URL-encoded", "brackets"
	for name, test := range map[string]struct {
		config attributes
		warns  []string // at, words
	}{
		"IPv6":                      {attributes{"host": "fd00::1"}, []string{"host", brackets}},
		"IPv6 elsewhere":            {attributes{"host": "fd00::1", "type": "MYSQL"}, nil},
		"IPv4":                      {attributes{"host": "10.0.0.1"}, nil},
		"blank":                     {attributes{"password": "pass word"}, []string{"password", blank}},
		"blank, write-only":         {attributes{"password": nil, "password_wo": "pass word"}, []string{"password_wo", blank}},
		"other characters":          {attributes{"password": "p@ss/w?rd+%&"}, nil},
		"blank elsewhere":           {attributes{"password": "pass word", "type": "ORACLE"}, nil},
		"MySQL":                     {attributes{"password": "p@ssword", "type": "MYSQL"}, []string{"password", encoded}},
		"MySQL, blank":              {attributes{"password": "pass word", "type": "MYSQL"}, []string{"password", encoded}},
		"MySQL, harmless":           {attributes{"password": "aZ09-_.~", "type": "MYSQL"}, nil},
		"MySQL, unknown at plan":    {attributes{"password": protocol.Unknown, "type": "MYSQL"}, nil},
		"a type unknown at plan":    {attributes{"password": "pass word", "type": protocol.Unknown}, nil},
		"a host unknown at plan":    {attributes{"host": protocol.Unknown}, nil},
		"both at the same time yes": {attributes{"host": "::1", "password": "a b"}, []string{"host", brackets, "password", blank}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, p := start(t, reportermock.Options{})
			plan := p.Resource(typeName).Plan(minimal(test.config))
			plan.RequireOK(t)
			if len(plan.Warnings()) != len(test.warns)/2 {
				t.Errorf("warnings: %s", plan.Diagnostics)
			}
			for i := 0; i < len(test.warns); i += 2 {
				plan.RequireWarning(t, "at "+test.warns[i]+":", test.warns[i+1])
			}
			if text := plan.String(); strings.Contains(text, "p@ss") || strings.Contains(text, "word\"") || strings.Contains(text, "pass word") {
				t.Errorf("the password is shown: %s", text)
			}
		})
	}
}

// A plan warns of what it changes, and not again of what is there.
func TestWarningsComeWithTheChange(t *testing.T) {
	t.Parallel()
	_, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	harmless := minimal(attributes{"password": "p@ssword"})
	r.Apply(harmless).RequireNone(t)
	r.Plan(minimal(attributes{"password": "p@ssword", "type": "MYSQL"})).RequireWarning(t, "URL-encoded")
	r.Plan(minimal(attributes{"password": "p@ss word"})).RequireWarning(t, "sends a space")
	r.Plan(minimal(attributes{"password": "p@ssword", "host": "::1"})).RequireWarning(t, "brackets")
	odd := minimal(attributes{"password": "p@ss word", "host": "::1"})
	r.Apply(odd).RequireOK(t)
	requireNoOp(t, r, odd)
	r.Plan(minimal(attributes{"password": "p@ss word", "host": "::1", "port": 1})).RequireNone(t)
}
