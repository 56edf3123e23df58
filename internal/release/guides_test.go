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

// What the guide on troubleshooting quotes is what the provider says.
func TestTroubleshootingQuotes(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	err := fs.WalkDir(os.DirFS(root), "internal", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(filepath.Join(root, path))
		source.Write(content)
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
