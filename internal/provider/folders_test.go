// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// An entity is in the folder <system>/<type name without underscores>, where
// whoever reads the type name looks for it. A plural data source is with its
// singular.
func TestFolderIsTypeName(t *testing.T) {
	t.Parallel()
	p := &dataconnProvider{}
	for _, create := range p.Resources(t.Context()) {
		var resp resource.MetadataResponse
		r := create()
		r.Metadata(t.Context(), resource.MetadataRequest{}, &resp)
		checkFolder(t, r, resp.TypeName)
	}
	for _, create := range p.DataSources(t.Context()) {
		var resp datasource.MetadataResponse
		d := create()
		d.Metadata(t.Context(), datasource.MetadataRequest{}, &resp)
		checkFolder(t, d, resp.TypeName)
	}
	for _, create := range p.ListResources(t.Context()) {
		var resp resource.MetadataResponse
		l := create()
		l.Metadata(t.Context(), resource.MetadataRequest{}, &resp)
		checkFolder(t, l, resp.TypeName)
	}
	for _, create := range p.Actions(t.Context()) {
		var resp action.MetadataResponse
		a := create()
		a.Metadata(t.Context(), action.MetadataRequest{}, &resp)
		checkFolder(t, a, resp.TypeName)
	}
}

// checkFolder compares the package of an entity with its type name, such as
// _omni_connection_dbt.
func checkFolder(t *testing.T, entity any, typeName string) {
	t.Helper()
	system, name, _ := strings.Cut(strings.TrimPrefix(typeName, "_"), "_")
	want := system + "/" + strings.ReplaceAll(name, "_", "")
	packagePath := reflect.TypeOf(entity).Elem().PkgPath()
	got := path.Base(path.Dir(packagePath)) + "/" + path.Base(packagePath)
	if got != want && got+"s" != want {
		t.Errorf("%s is in the folder %s, want %s", typeName, got, want)
	}
}
