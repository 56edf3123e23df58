// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"slices"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
)

func TestBlocks(t *testing.T) {
	t.Parallel()
	a := Attributes{"port": 5432, "name": "${n} %{if} \"q\"", "none": nil}
	changed := a.With(Attributes{"port": nil, "on": true}, Attributes{
		"id": Expression("other.one.id"), "list": []string{"a", "b"}, "ssl": Attributes{"mode": "require", "ca": nil},
	})
	if len(a) != 3 || a["port"] != 5432 {
		t.Errorf("the original is %v", a)
	}
	if got := changed.Configured(); !slices.Equal(got, []string{"id", "list", "name", "on", "ssl"}) {
		t.Errorf("configured: %v", got)
	}
	const body = ` {
  id = other.one.id
  list = ["a","b"]
  name = "$${n} %%{if} \"q\""
  on = true
  ssl = {
  mode = "require"
}
}
`
	for got, want := range map[string]string{
		Resource("type", "name", changed): `resource "type" "name"` + body,
		Data("type", "name", changed):     `data "type" "name"` + body,
		Import("type.name", "x"):          "import {\n  to = type.name\n  id = \"x\"\n}\n",
		Forget("type.name"):               "removed {\n  from = type.name\n  lifecycle {\n    destroy = false\n  }\n}\n",
		HCL(Expression("a.b")):            "a.b",
	} {
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	failtest.RequirePanics(t, map[string]func(){"a function": func() { HCL(func() {}) }})
}
