// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"reflect"
	"slices"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

// AbsentKeys returns the wire names of the settings that are absent: after a
// read, those that this generation of the server does not return.
func (s ConnectionSettings) AbsentKeys() []string {
	var absent []string
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			absent = append(absent, wireName(v.Type().Field(i)))
		}
	}
	return absent
}

// Without returns the settings with those of the given wire names made absent.
func (s ConnectionSettings) Without(keys []string) ConnectionSettings {
	v := reflect.ValueOf(&s).Elem()
	for i := range v.NumField() {
		if slices.Contains(keys, wireName(v.Type().Field(i))) {
			v.Field(i).SetZero()
		}
	}
	return s
}

// WithoutEmpty returns the settings with the texts that are empty made absent: a
// create has nothing to clear, and the server refuses some of them empty.
func (s ConnectionSettings) WithoutEmpty() ConnectionSettings {
	for _, field := range reflect.ValueOf(&s).Elem().Fields() {
		if text, ok := reflect.TypeAssert[nullable.Value[string]](field); ok && !text.IsZero() && text.Or("") == "" {
			field.SetZero()
		}
	}
	return s
}

func wireName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}
