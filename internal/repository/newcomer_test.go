// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package repository_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	variableBlock = regexp.MustCompile(`(?ms)^variable "(\w+)" \{\n(.*?)^\}`)
	realDefault   = regexp.MustCompile(`(?m)^\s+default\s+=\s+[^n\s]`) // other than null
)

// A default of a secret would be sent to the server of whoever forgets to set it.
func TestExamplesHaveNoSecrets(t *testing.T) {
	t.Parallel()
	secrets := 0
	err := fs.WalkDir(os.DirFS(root), "examples", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".tf" {
			return err
		}
		for _, block := range variableBlock.FindAllStringSubmatch(read(t, name), -1) {
			if !strings.Contains(block[2], "sensitive") && !strings.Contains(block[2], "ephemeral") {
				continue
			}
			secrets++
			if realDefault.MatchString(block[2]) {
				t.Errorf("%s: the secret %s has a default", name, block[1])
			}
		}
		return nil
	})
	if err != nil || secrets == 0 {
		t.Fatalf("%d secrets, %v", secrets, err)
	}
}
