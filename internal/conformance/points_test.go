// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestPoints(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^(omni|reporter)/[a-z-]+/[a-z0-9-]+$`)
	seen := map[string]bool{}
	for _, p := range Points() {
		if !form.MatchString(p.ID) || seen[p.ID] {
			t.Errorf("the id %q has another form, or stands twice", p.ID)
		}
		seen[p.ID] = true
		if p.Asks == "" || (p.Probe == nil) != (p.Why != "") || p.Reads && p.Probe == nil {
			t.Errorf("%s: asks %q, and says why not: %q", p.ID, p.Asks, p.Why)
		}
	}
}

// The guide says how many questions there are.
func TestGuideCountsPoints(t *testing.T) {
	t.Parallel()
	asked, reads := 0, 0
	for _, p := range Points() {
		if p.Probe != nil {
			asked++
		}
		if p.Reads {
			reads++
		}
	}
	guide, err := os.ReadFile("../../templates/guides/check-your-server.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{fmt.Sprintf("asks %d questions", asked), fmt.Sprintf("alone; %d questions", reads)} {
		if !strings.Contains(string(guide), want) {
			t.Errorf("the guide does not say %q", want)
		}
	}
}

// A choice that is new in a mock, and one that is gone, are both noticed.
func TestUnlisted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source := `package omnimock

// limit is a limit. Choice: there is one.
const limit = 1

// level is a level. Choice
type level int

// fillDefaults fills in.
func fillDefaults() {
	_ = limit // Choice
	_ = limit // Choice: another
	_ = limit // No Choices here.
}
`
	for name, text := range map[string]string{"a.go": source, "a_test.go": source, "doc.go": "// Package omnimock has Choice: comments.\npackage omnimock\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Unlisted(dir, "omnimock")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"omnimock.limit makes 1 choices, and 0 points ask about it",
		"omnimock.level makes 1 choices, and 0 points ask about it",
		"omnimock.fillDefaults makes 2 choices, and 1 points ask about it",
		"1 points ask about omnimock.deleteDBT, which makes 0 choices",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
	if !slices.IsSorted(got) || slices.ContainsFunc(got, func(missing string) bool { return strings.Contains(missing, "reportermock") }) {
		t.Errorf("%q", got)
	}
	for _, mock := range []string{"omnimock", "reportermock"} {
		if got, err := Unlisted(filepath.Join("..", "mock", mock), mock); err != nil || len(got) > 0 {
			t.Errorf("%s: %q, %v", mock, got, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "b.go"), []byte("no Go"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Unlisted(dir, "omnimock"); err == nil {
		t.Errorf("a file that is no Go: %q", got)
	}
}
