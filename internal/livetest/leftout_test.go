// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package livetest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// needMock names the acceptance tests that cannot run here: those that start a
// mock, since they go on to ask it or to change it behind the provider's back.
func needMock() ([]string, error) {
	var found []string
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_acc_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", path), nil, 0)
		if err != nil {
			return err
		}
		for _, declaration := range file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				found = append(found, filepath.Base(filepath.Dir(path))+"."+f.Name.Name)
			}
		}
		return nil
	})
	slices.Sort(found)
	return found, err
}

func TestNeedMock(t *testing.T) {
	t.Parallel()
	tests, err := needMock()
	if err != nil || len(tests) < 30 || !slices.Contains(tests, "connection.TestSecrets") {
		t.Errorf("%v: %v", err, tests)
	}
}
