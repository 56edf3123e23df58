// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

// The part of CycloneDX 1.5 that a Go program's build information fills.
type bom struct {
	Schema     string      `json:"$schema"`
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Ref        string     `json:"bom-ref"`
	Type       string     `json:"type"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	URL        string     `json:"purl"`
	Properties []property `json:"properties,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// BOM returns the bill of materials of an archive or of an executable: the
// modules that the Go linker says it put in, as CycloneDX. The same file gives
// the same text.
func BOM(name string, content []byte) ([]byte, error) {
	executable, err := executableIn(content)
	if err != nil {
		return nil, err
	}
	info, err := buildinfo.Read(bytes.NewReader(executable))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	result := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.5.schema.json", Format: "CycloneDX", Spec: "1.5", Version: 1,
		Metadata: metadata{ofProvider(name, info)},
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		result.Components = append(result.Components, ofModule(m))
	}
	standard := strings.TrimPrefix(info.GoVersion, "go")
	result.Components = append(result.Components, ofModule(&debug.Module{Path: "std", Version: standard}))
	slices.SortFunc(result.Components, func(a, b component) int { return strings.Compare(a.Ref, b.Ref) })
	text, err := json.MarshalIndent(result, "", "  ")
	return append(text, '\n'), err
}

func ofProvider(name string, info *debug.BuildInfo) component {
	main := info.Main
	if a, ok := parse(name); ok {
		main.Version = "v" + a.Version // the linker knows it as "(devel)" at best
	}
	c := ofModule(&main)
	c.Type = "application"
	for _, setting := range info.Settings {
		if slices.Contains([]string{"GOOS", "GOARCH", "CGO_ENABLED", "vcs.revision"}, setting.Key) {
			c.Properties = append(c.Properties, property{"go:build:" + setting.Key, setting.Value})
		}
	}
	return c
}

func ofModule(m *debug.Module) component {
	url := "pkg:golang/" + m.Path + "@" + strings.ReplaceAll(m.Version, "+", "%2B")
	c := component{Ref: url, Type: "library", Name: m.Path, Version: m.Version, URL: url}
	if m.Sum != "" {
		c.Properties = []property{{"go:sum", m.Sum}}
	}
	return c
}

// executableIn returns the provider out of an archive; what is no archive it
// returns as it is.
func executableIn(content []byte) ([]byte, error) {
	reader, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return content, nil //nolint:nilerr // an executable
	}
	for _, file := range reader.File {
		if strings.HasPrefix(filepath.Base(file.Name), Name) {
			return read(file)
		}
	}
	return nil, fmt.Errorf("no %s in the archive", Name)
}
