// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/release"
)

// The version of the provider that the tests build.
const version = cli.ProviderVersion

const root = "../.."

var fresh = flag.Bool("fresh", false, "compile everything anew for the second build of TestReproducible: takes a minute or more")

// built is the archive for this machine, as a release makes it. It is built
// once.
var built = sync.OnceValues(func() (archive []byte, err error) {
	dir, err := os.MkdirTemp("", "dataconn-release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	executable, err := build(root, filepath.Join(dir, "provider"))
	if err != nil {
		return nil, err
	}
	return here("").Pack(executable)
})

// here is the archive for this machine, in a folder.
func here(dir string) release.Archive {
	a := release.Archive{Version: version, OS: runtime.GOOS, Arch: runtime.GOARCH}
	a.Path = filepath.Join(dir, a.Filename())
	return a
}

// build builds the provider whose source is in a folder.
func build(source, target string, environment ...string) ([]byte, error) {
	if err := cli.Build(context.Background(), source, target, ".", environment...); err != nil {
		return nil, err
	}
	return os.ReadFile(target)
}

// archive puts the archive for this machine into an empty folder.
func archive(t *testing.T) release.Archive {
	t.Helper()
	content, err := built()
	if err != nil {
		t.Fatal(err)
	}
	a := here(t.TempDir())
	if err := os.WriteFile(a.Path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// Two builds of the same source are the same byte for byte, in whatever folder
// they are made. With -fresh the second build shares no cache with the first.
func TestReproducible(t *testing.T) {
	t.Parallel()
	first, err := built()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	file, err := reader.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if _, err := want.ReadFrom(file); err != nil {
		t.Fatal(err)
	}

	elsewhere := filepath.Join(t.TempDir(), "a folder of another name")
	copySource(t, elsewhere)
	var environment []string
	if *fresh {
		environment = append(environment, "GOCACHE="+filepath.Join(t.TempDir(), "cache"))
	}
	got, err := build(elsewhere, filepath.Join(t.TempDir(), "other"), environment...)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want.Bytes(), got) {
		t.Errorf("two builds of the same source differ (%d and %d bytes)", want.Len(), len(got))
	}
	for _, folder := range []string{elsewhere, must(filepath.Abs(root))} {
		if bytes.Contains(got, []byte(folder)) {
			t.Errorf("the executable has the name of a folder in it: %s", folder)
		}
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// copySource copies what the provider is built from.
func copySource(t *testing.T, to string) {
	t.Helper()
	from := os.DirFS(root)
	err := fs.WalkDir(from, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{"testdata", "tools", "mock", "acctest", "cli", "cmd"}, entry.Name()) ||
				path != "." && path != "internal" && !strings.HasPrefix(path, "internal/") {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, path), 0o700)
		}
		if path != "go.mod" && path != "go.sum" && (filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go")) {
			return nil
		}
		content, err := fs.ReadFile(from, path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, path), content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The bill of materials names what is linked in, and the same archive gives the
// same text.
func TestBOM(t *testing.T) {
	t.Parallel()
	content, err := built()
	if err != nil {
		t.Fatal(err)
	}
	text := must(release.BOM(here("").Filename(), content))
	if again := must(release.BOM(here("").Filename(), content)); !bytes.Equal(text, again) {
		t.Error("a second bill of the same archive differs")
	}
	var bill struct {
		BOMFormat   string
		SpecVersion string
		Metadata    struct {
			Component struct{ Name, Version string }
		}
		Components []struct{ Name, Version, PURL string }
	}
	if err := json.Unmarshal(text, &bill); err != nil {
		t.Fatal(err)
	}
	if c := bill.Metadata.Component; c.Name != "github.com/dataconn/terraform-provider-dataconn" || c.Version != "v"+version {
		t.Errorf("it is the bill of %s %s", c.Name, c.Version)
	}
	names := map[string]string{}
	for _, c := range bill.Components {
		names[c.Name] = c.Version
		if !strings.HasPrefix(c.PURL, "pkg:golang/"+c.Name+"@") {
			t.Errorf("%s has the purl %q", c.Name, c.PURL)
		}
	}
	framework := moduleVersion(t, "github.com/hashicorp/terraform-plugin-framework")
	if got := names["github.com/hashicorp/terraform-plugin-framework"]; got != framework {
		t.Errorf("terraform-plugin-framework is %q, want %q", got, framework)
	}
	if got := "go" + names["std"]; got != strings.Fields(runtime.Version())[0] {
		t.Errorf("the standard library is %q, want that of %s", got, runtime.Version())
	}
	if _, ok := names["github.com/hashicorp/terraform-plugin-testing"]; ok {
		t.Error("a module of the tests is linked in")
	}
}

func moduleVersion(t *testing.T, module string) string {
	t.Helper()
	content := must(os.ReadFile(filepath.Join(root, "go.mod")))
	for line := range strings.Lines(string(content)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == module {
			return fields[1]
		}
	}
	t.Fatalf("go.mod does not require %s", module)
	return ""
}
