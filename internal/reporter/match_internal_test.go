// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

// A connection is adopted after a lost create only if it has every setting that
// was sent.
func TestConnectionCreateMatch(t *testing.T) {
	t.Parallel()
	type found struct {
		sent *ConnectionCreate
		have *Connection
	}
	for name, test := range map[string]struct {
		change func(found)
		want   createonce.Match
	}{
		"as sent":             {func(found) {}, createonce.Same},
		"unreadable":          {func(f found) { f.have.Problem = errors.New("odd") }, createonce.Similar},
		"another product":     {func(f found) { f.have.ProductName = nullable.Of("other") }, createonce.Similar},
		"another type":        {func(f found) { f.have.Type = nullable.Of("MYSQL") }, createonce.Similar},
		"another user":        {func(f found) { f.have.UserName = nullable.Of("root") }, createonce.Similar},
		"another host":        {func(f found) { f.have.Host = nullable.Of("db2.example.com") }, createonce.Similar},
		"the host's case":     {func(f found) { f.have.Host = nullable.Of("DB.example.com") }, createonce.Same},
		"ssl, not asked for":  {func(f found) { f.have.SSLMode = nullable.Of("require") }, createonce.Similar},
		"no ssl":              {func(f found) { f.sent.SSL = &SSL{Mode: "require"} }, createonce.Similar},
		"another ssl mode":    {func(f found) { f.sent.SSL = &SSL{Mode: "require"}; f.have.SSLMode = nullable.Of("disable") }, createonce.Similar},
		"the ssl mode":        {func(f found) { f.sent.SSL = &SSL{Mode: "require"}; f.have.SSLMode = nullable.Of("require") }, createonce.Same},
		"a schema of its own": {func(f found) { f.have.Schema = nullable.Of("s") }, createonce.Same},
		"a schema for none":   {func(f found) { f.sent.Settings.Schema = nullable.Of(""); f.have.Schema = nullable.Of("s") }, createonce.Similar},
		"no schema":           {func(f found) { f.sent.Settings.Schema = nullable.Of("s") }, createonce.Similar},
		"an empty schema":     {func(f found) { f.sent.Settings.Schema = nullable.Of("") }, createonce.Same},
		"metadata for none": {func(f found) {
			f.sent.Settings.Metadata = nullable.Of(Metadata{})
			f.have.Metadata = nullable.Of(Metadata{"a": "b"})
		}, createonce.Similar},
		"no metadata":    {func(f found) { f.sent.Settings.Metadata = nullable.Of(Metadata{"a": "b"}) }, createonce.Similar},
		"empty metadata": {func(f found) { f.sent.Settings.Metadata = nullable.Of(Metadata{}) }, createonce.Same},
		"other metadata": {func(f found) {
			f.sent.Settings.Metadata = nullable.Of(Metadata{"a": "b"})
			f.have.Metadata = nullable.Of(Metadata{"a": "c"})
		}, createonce.Similar},
		"null, which is absent": {func(f found) { f.sent.Settings.Metadata = nullable.Null[Metadata]() }, createonce.Same},
	} {
		settings := ConnectionSettings{Type: nullable.Of("POSTGRESQL"), Host: nullable.Of("db.example.com"), UserName: nullable.Of("u")}
		sent := ConnectionCreate{ProductName: " My-Product", Settings: settings}
		have := Connection{ProductName: nullable.Of("my-product"), ConnectionSettings: settings}
		test.change(found{&sent, &have})
		if got := sent.match(have); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// A server may give smaller pages than it is asked for, and never larger ones.
func TestSizeOfAPage(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{0: 100, 7: 7, 100: 100, 200: 100, -1: 100} {
		if got := (&connectionPage{Limit: limit}).size(100); got != want {
			t.Errorf("%d of a page that says %d", got, limit)
		}
	}
}

// What a server says about the largest page is taken for it if it is a number.
func TestPageCap(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]int{"at most 1 item of 7": 1, "at most 50": 50, "at most 0": 0, "few": 0, "at most 99999999999999999999": 0} {
		limit, ok := pageCap(&httpclient.Error{Code: "FET-0406", Message: message})
		if ok != (want > 0) || ok && limit != want {
			t.Errorf("%s: %d, %t", message, limit, ok)
		}
	}
	if _, ok := pageCap(&httpclient.Error{Code: "FET-0001", Message: "at most 1"}); ok {
		t.Error("another error names the largest page")
	}
}

// The server is asked to filter only by what it understands as it is meant.
func TestConnectionFilterQuery(t *testing.T) {
	t.Parallel()
	longestKey, longestValue := strings.Repeat("k", 64-len("metadata.")), strings.Repeat("v", 256)
	for _, test := range []struct {
		filter ConnectionFilter
		want   url.Values
	}{
		{ConnectionFilter{ProductName: "p"}, url.Values{}},
		{ConnectionFilter{Type: "MYSQL"}, url.Values{"type": {"MYSQL"}}},
		{ConnectionFilter{Metadata: map[string]string{"team": "data", "": "x"}}, url.Values{"metadata.team": {"data"}, "metadata.": {"x"}}},
		{ConnectionFilter{Metadata: map[string]string{"a.b": "x"}}, url.Values{}},
		{ConnectionFilter{Metadata: map[string]string{"a": ""}}, url.Values{}},
		{ConnectionFilter{Metadata: map[string]string{longestKey: longestValue}}, url.Values{"metadata." + longestKey: {longestValue}}},
		{ConnectionFilter{Metadata: map[string]string{longestKey + "k": "x"}}, url.Values{}},
		{ConnectionFilter{Metadata: map[string]string{"a": longestValue + "v"}}, url.Values{}},
	} {
		if got := test.filter.query(); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%+v: %v, want %v", test.filter, got, test.want)
		}
	}
}
