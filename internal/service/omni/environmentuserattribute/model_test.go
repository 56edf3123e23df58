// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentuserattribute

import (
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

var noValues = types.SetNull(types.StringType)

func values(texts ...string) types.Set { return framework.SetOf(texts) }

func modelOf(name string, defaults types.Set) model {
	return model{ConnectionID: types.StringValue("c"), AttributeName: types.StringValue(name), DefaultValues: defaults}
}

func TestAttribute(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		defaults types.Set
		want     omni.StringList
	}{
		{noValues, nil}, {values(), nil}, {values("b", "a"), omni.StringList{"a", "b"}},
	} {
		want := &omni.EnvironmentUserAttribute{AttributeName: "env", DefaultValues: c.want}
		if got := modelOf("env", c.defaults).attribute(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", c.defaults, got)
		}
	}
}

// How the binding came to be is said where it is not plain.
func TestOriginWarning(t *testing.T) {
	t.Parallel()
	for origin, words := range map[inventory.Origin]string{
		inventory.Made:      "",
		inventory.AsWanted:  "was bound in this way already",
		inventory.TakenOver: "The binding moved here instead",
		inventory.Remade:    "removed the binding and created it again",
	} {
		diags := modelOf("env", noValues).originWarning(origin)
		if words == "" && len(diags) != 0 || words != "" && (len(diags) != 1 || diags.HasError() || !strings.Contains(diags[0].Detail(), words) || !strings.Contains(diags[0].Detail(), "of Omni connection c: ")) {
			t.Errorf("%q: %v", words, diags)
		}
	}
}

// What each answer of a server means to a binding that is in the state.
func TestReadAndAgree(t *testing.T) {
	t.Parallel()
	list := func(texts ...string) nullable.Value[omni.StringList] { return nullable.Of(omni.StringList(texts)) }
	nullList, nullText := nullable.Null[omni.StringList](), nullable.Null[string]()
	for name, c := range map[string]struct {
		prior           model
		server          omni.Connection
		want            model
		unbound, agrees bool
	}{
		"as it was":            {modelOf("env", values("a", "b")), omni.Connection{UserAttributeName: nullable.Of("env"), UserAttributeDefaultValues: list("b", "a")}, modelOf("env", values("a", "b")), false, true},
		"after an import":      {model{ConnectionID: types.StringValue("c")}, omni.Connection{UserAttributeName: nullable.Of("env"), UserAttributeDefaultValues: list("a")}, modelOf("env", values("a")), false, false},
		"another attribute":    {modelOf("env", noValues), omni.Connection{UserAttributeName: nullable.Of("other"), UserAttributeDefaultValues: nullList}, modelOf("other", noValues), false, false},
		"other values":         {modelOf("env", values("a")), omni.Connection{UserAttributeName: nullable.Of("env"), UserAttributeDefaultValues: list("b")}, modelOf("env", values("b")), false, false},
		"no values any more":   {modelOf("env", values("a")), omni.Connection{UserAttributeName: nullable.Of("env"), UserAttributeDefaultValues: nullList}, modelOf("env", noValues), false, false},
		"none stay none":       {modelOf("env", noValues), omni.Connection{UserAttributeName: nullable.Of("env"), UserAttributeDefaultValues: nullList}, modelOf("env", noValues), false, true},
		"empty stays empty":    {modelOf("env", values()), omni.Connection{UserAttributeName: nullable.Of("env"), UserAttributeDefaultValues: nullList}, modelOf("env", values()), false, true},
		"unbound":              {modelOf("env", noValues), omni.Connection{UserAttributeName: nullText, UserAttributeDefaultValues: nullList}, modelOf("env", noValues), true, false},
		"unbound, empty name":  {modelOf("env", noValues), omni.Connection{UserAttributeName: nullable.Of("")}, modelOf("env", noValues), true, false},
		"the server says none": {modelOf("env", values("a")), omni.Connection{}, modelOf("env", values("a")), false, false},
	} {
		got := c.prior.read(&c.server)
		if !got.AttributeName.Equal(c.want.AttributeName) || !got.DefaultValues.Equal(c.want.DefaultValues) || !got.ConnectionID.Equal(c.want.ConnectionID) {
			t.Errorf("%s: %+v", name, got)
		}
		if got := isUnbound(&c.server); got != c.unbound {
			t.Errorf("%s: unbound is %t", name, got)
		}
		if got := c.prior.agrees(&c.server); got != c.agrees {
			t.Errorf("%s: agrees is %t", name, got)
		}
	}
}
