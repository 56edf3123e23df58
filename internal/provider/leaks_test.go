// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What goes to a server has secrets in it, so no code of the provider may log or
// format it. The canaries find such code where a test runs it; these rules read
// all of it:
//
//   - logging is done in one place, which gets a line without bodies;
//   - what is formatted into a text holds no request, header, query or wire struct
//     with a secret in it, nor a secret that was revealed for this.

const module = "github.com/dataconn/terraform-provider-dataconn"

// logging are the packages that write logs, and what dumps whole requests.
var logging = []string{"log", "log/slog", "net/http/httputil", "github.com/hashicorp/terraform-plugin-log/tflog", "github.com/hashicorp/terraform-plugin-log/tfsdklog"}

// mayLog is the one place for each that is used, as a suffix of its file name.
var mayLog = map[string]string{
	"github.com/hashicorp/terraform-plugin-log/tflog": "internal/provider/config.go",
	"log/slog": "internal/secret/secret.go", // how a secret shows in a log: redacted
}

// wording are the packages that make texts for people.
var wording = []string{"fmt", "errors", "github.com/hashicorp/terraform-plugin-framework/diag"}

// neverWorded are types that hold whatever is sent.
var neverWorded = []string{"net/http.Request", "net/http.Response", "net/http.Header", "net/url.Values", module + "/internal/httpclient.Request", "github.com/hashicorp/go-retryablehttp.Request"}

// secretKey matches the wire names of secrets.
var secretKey = regexp.MustCompile(`(?i)password|privatekey|secret|token|^(ca|cert|key)$`)

// leaks returns what breaks the rules in a package, as "line: what".
func leaks(files *token.FileSet, syntax []*ast.File, info *types.Info) []string {
	var found []string
	report := func(n ast.Node, format string, args ...any) {
		at := files.Position(n.Pos())
		found = append(found, fmt.Sprintf("%s:%d: ", filepath.Base(at.Filename), at.Line)+fmt.Sprintf(format, args...))
	}
	packageOf := func(f ast.Expr) string {
		if s, ok := ast.Unparen(f).(*ast.SelectorExpr); ok {
			if o := info.Uses[s.Sel]; o != nil && o.Pkg() != nil {
				return o.Pkg().Path()
			}
		}
		return ""
	}
	for _, file := range syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			from := packageOf(call.Fun)
			if slices.Contains(logging, from) {
				if place, ok := mayLog[from]; !ok || !strings.HasSuffix(filepath.ToSlash(files.Position(call.Pos()).Filename), place) {
					report(call, "logs with %s", from)
				}
			}
			if !slices.Contains(wording, from) && !slices.Contains(logging, from) {
				return true
			}
			for _, argument := range call.Args {
				if name := holdsSecrets(info.TypeOf(argument), nil); name != "" {
					report(argument, "words a %s", name)
				}
				ast.Inspect(argument, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Reveal" && packageOf(s) == module+"/internal/secret" {
						report(s, "words what it reveals")
					}
					return true
				})
			}
			return true
		})
	}
	return found
}

// holdsSecrets returns the name of the type in t that must not be formatted, or
// "".
func holdsSecrets(t types.Type, seen []types.Type) string {
	if t == nil || slices.Contains(seen, t) {
		return ""
	}
	seen = append(seen, t)
	if named, ok := types.Unalias(t).(*types.Named); ok {
		name := named.Obj().Name()
		if p := named.Obj().Pkg(); p != nil {
			name = p.Path() + "." + name
		}
		if slices.Contains(neverWorded, name) {
			return name
		}
		if types.Implements(t, stringer()) || types.Implements(types.NewPointer(t), failure()) {
			return "" // it says itself what it prints: a secret prints as redacted
		}
		if s, ok := named.Underlying().(*types.Struct); ok {
			for i := range s.NumFields() {
				key, _, _ := strings.Cut(reflect.StructTag(s.Tag(i)).Get("json"), ",")
				if secretKey.MatchString(key) && isText(s.Field(i).Type()) {
					return name
				}
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return holdsSecrets(u.Elem(), seen)
	case *types.Slice:
		return holdsSecrets(u.Elem(), seen)
	case *types.Map:
		return holdsSecrets(u.Elem(), seen)
	case *types.Struct:
		for field := range u.Fields() {
			if name := holdsSecrets(field.Type(), seen); name != "" {
				return name
			}
		}
	}
	return ""
}

// isText reports a text, or a pointer to one.
func isText(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func stringer() *types.Interface { return method("String") }

func failure() *types.Interface { return method("Error") }

func method(name string) *types.Interface {
	text := types.NewTuple(types.NewVar(token.NoPos, nil, "", types.Typ[types.String]))
	signature := types.NewSignatureType(nil, nil, nil, nil, text, false)
	return types.NewInterfaceType([]*types.Func{types.NewFunc(token.NoPos, nil, name, signature)}, nil).Complete()
}

// compiled asks the go command for the files of the packages below internal that
// the provider is made of, and for the compiled form of all that they import.
func compiled(t *testing.T) (sources map[string][]string, exports map[string]string) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}\t{{.Dir}}\t{{join .GoFiles \" \"}}", ".")
	list.Dir = repository
	var stderr bytes.Buffer
	list.Stderr = &stderr
	output, err := list.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	sources, exports = map[string][]string{}, map[string]string{}
	for line := range strings.Lines(string(output)) {
		parts := strings.Split(strings.TrimSpace(line), "\t")
		if len(parts) != 4 {
			continue
		}
		exports[parts[0]] = parts[1]
		if strings.HasPrefix(parts[0], module+"/internal/") {
			for name := range strings.FieldsSeq(parts[3]) {
				sources[parts[0]] = append(sources[parts[0]], filepath.Join(parts[2], name))
			}
		}
	}
	return sources, exports
}

// checker type-checks packages against the compiled form of what they import.
type checker struct {
	files    *token.FileSet
	importer types.Importer
}

func newChecker(exports map[string]string) checker {
	files := token.NewFileSet()
	return checker{files, importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
}

func (c checker) leaks(t *testing.T, path string, syntax []*ast.File) []string {
	t.Helper()
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: c.importer}
	if _, err := config.Check(path, c.files, syntax, info); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return leaks(c.files, syntax, info)
}

func TestNoCodeLogsOrWordsSecrets(t *testing.T) {
	t.Parallel()
	sources, exports := compiled(t)
	if len(sources) < 10 {
		t.Fatalf("only %d packages", len(sources))
	}
	c := newChecker(exports)
	for path, names := range sources {
		var syntax []*ast.File
		for _, name := range names {
			file, err := parser.ParseFile(c.files, name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			syntax = append(syntax, file)
		}
		for _, found := range c.leaks(t, path, syntax) {
			t.Errorf("%s: %s", strings.TrimPrefix(path, module+"/"), found)
		}
	}
}

// careless breaks every rule, on the lines that say so.
const careless = `package careless

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

type body struct {
	Name     string  ` + "`json:\"name\"`" + `
	Password *string ` + "`json:\"passwordUnencrypted,omitempty\"`" + `
}

type envelope struct{ bodies []*body }

func careless(ctx context.Context, r *http.Request, q httpclient.Request, b body, s secret.String, c omni.ConnectionCreate) error {
	tflog.Debug(ctx, "a line")               // leak
	log.Print("a line")                      // leak
	_ = fmt.Sprintf("%v", b)                 // leak
	_ = fmt.Sprint(&b)                       // leak
	_ = fmt.Sprint(envelope{})               // leak
	_ = fmt.Errorf("sending %+v", q)         // leak
	_ = fmt.Sprint(r.Header)                 // leak
	_ = fmt.Sprint(r)                        // leak
	_ = errors.New("bad: " + s.Reveal())     // leak
	_ = fmt.Sprintf("%s %v", b.Name, s)
	_ = fmt.Sprint(c) // its secrets print as redacted
	return fmt.Errorf("%s: %w", r.Method, ctx.Err())
}
`

// The rules can be broken.
func TestCarelessCodeIsFound(t *testing.T) {
	t.Parallel()
	_, exports := compiled(t)
	c := newChecker(exports)
	file, err := parser.ParseFile(c.files, "careless.go", careless, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := c.leaks(t, "careless", []*ast.File{file})
	var want []string
	number := 0
	for line := range strings.Lines(careless) {
		number++
		if strings.HasSuffix(strings.TrimSpace(line), "// leak") {
			want = append(want, fmt.Sprintf("careless.go:%d: ", number))
		}
	}
	if len(found) != len(want) {
		t.Errorf("found %d of %d:\n%s", len(found), len(want), strings.Join(found, "\n"))
	}
	for _, line := range want {
		if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, line) }) {
			t.Errorf("not found: %s", line)
		}
	}
}
