// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// spoken are the packages of the provider itself: mocks and tools say other things.
	spoken   = regexp.MustCompile(`^internal/(createonce|framework|httpclient|omni|provider|reporter|service)(/|$)`)
	comments = regexp.MustCompile(`(?m)^\s*//.*$`)
)

// What the guide on troubleshooting quotes is what the provider says.
func TestTroubleshootingQuotes(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	err := fs.WalkDir(os.DirFS(root), "internal", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || !spoken.MatchString(path) {
			return err
		}
		content, err := os.ReadFile(filepath.Join(root, path))
		source.Write(comments.ReplaceAll(content, nil))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	guide := must(os.ReadFile(filepath.Join(root, "templates", "guides", "troubleshooting.md.tmpl")))
	quotes := regexp.MustCompile("(?m)^### `(.*)`$").FindAllStringSubmatch(string(guide), -1)
	if len(quotes) == 0 {
		t.Fatal("the guide quotes nothing")
	}
	for _, quote := range quotes {
		for piece := range strings.SplitSeq(quote[1], "…") {
			if !strings.Contains(source.String(), strings.TrimSpace(piece)) {
				t.Errorf("the provider does not say %q any more", piece)
			}
		}
	}
}
