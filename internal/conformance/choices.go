// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Unlisted compares the choices in a mock's source with those that the points
// name, and returns what is missing on either side. A choice is known by its
// declaration, such as omnimock.createUserAttribute: one comment with the word
// "Choice:" for each time that a point names it.
func Unlisted(dir, packageName string) ([]string, error) {
	written, err := choicesIn(dir, packageName)
	if err != nil {
		return nil, err
	}
	listed := map[string]int{}
	for _, p := range Points() {
		for _, choice := range p.Choices {
			if strings.HasPrefix(choice, packageName+".") {
				listed[choice]++
			}
		}
	}
	var missing []string
	for choice, n := range written {
		if n > listed[choice] {
			missing = append(missing, fmt.Sprintf("%s makes %d choices, and %d points ask about it", choice, n, listed[choice]))
		}
	}
	for choice, n := range listed {
		if n > written[choice] {
			missing = append(missing, fmt.Sprintf("%d points ask about %s, which makes %d choices", n, choice, written[choice]))
		}
	}
	slices.Sort(missing)
	return missing, nil
}

// choice matches a comment about one; a short one may end with the word.
var choice = regexp.MustCompile(`\bChoice(:|$)`)

// choicesIn counts the comments of a folder's source by declaration.
func choicesIn(dir, packageName string) (map[string]int, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	found := map[string]int{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "doc.go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, group := range file.Comments {
			for _, comment := range group.List {
				if choice.MatchString(comment.Text) {
					found[packageName+"."+declarationAt(file, group)]++
				}
			}
		}
	}
	return found, nil
}

// declarationAt is the declaration that a comment is in, or documents.
func declarationAt(file *ast.File, comment *ast.CommentGroup) string {
	for _, declaration := range file.Decls {
		if comment.Pos() > declaration.End() {
			continue
		}
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			return d.Name.Name
		case *ast.GenDecl:
			return specName(d.Specs[0])
		}
	}
	return ""
}

func specName(spec ast.Spec) string {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		return s.Names[0].Name
	case *ast.TypeSpec:
		return s.Name.Name
	}
	return ""
}
