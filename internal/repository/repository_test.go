// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package repository_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const root = "../.."

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(path.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// testFiles returns the text of every test file of this module, by path.
func testFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == "internal/tools" || name == "bin" || name == "dist" || name != "." && strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case strings.HasSuffix(name, "_test.go"):
			files[name] = read(t, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Every promise of SECURITY.md names a test, and the tests that it and CONTRIBUTING.md
// name exist.
func TestSecurityPromisesHaveTests(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{}
	for _, text := range testFiles(t) {
		for _, match := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`).FindAllStringSubmatch(text, -1) {
			tests[match[1]] = true
		}
	}
	promises := 0
	for line := range strings.Lines(read(t, "SECURITY.md")) {
		names := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)\\w+)`").FindAllStringSubmatch(line, -1)
		for _, name := range names {
			if !tests[name[1]] {
				t.Errorf("SECURITY.md names %s, which is no test", name[1])
			}
		}
		if cells := strings.Split(line, "|"); len(cells) == 5 && !strings.Contains(line, "---") && !strings.Contains(line, "| Promise |") {
			promises++
			if !strings.Contains(cells[3], "`Test") && !strings.Contains(cells[3], "`Fuzz") {
				t.Errorf("the promise %q names no test", strings.TrimSpace(cells[1]))
			}
		}
	}
	for _, name := range regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(read(t, "CONTRIBUTING.md"), -1) {
		if !tests[name[1]] {
			t.Errorf("CONTRIBUTING.md names %s, which is no test", name[1])
		}
	}
	if promises < 10 {
		t.Errorf("only %d promises were found", promises)
	}
}

// Every direct dependency has its reason in CONTRIBUTING.md, and nothing else
// has.
func TestDependenciesHaveReasons(t *testing.T) {
	t.Parallel()
	required := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(read(t, "go.mod"), -1) {
		required[strings.TrimPrefix(match[1], "github.com/")] = true
	}
	_, section, _ := strings.Cut(read(t, "CONTRIBUTING.md"), "\n## Dependencies\n")
	named := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*) \\| \\S.* \\|$").FindAllStringSubmatch(section, -1) {
		for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			named[match[1]] = true
		}
	}
	if got, want := slices.Sorted(maps.Keys(named)), slices.Sorted(maps.Keys(required)); !slices.Equal(got, want) {
		t.Errorf("CONTRIBUTING.md gives reasons for\n%s\nand go.mod requires\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Every package that has tests looks for goroutines that outlive them.
func TestEveryPackageLooksForLeaks(t *testing.T) {
	t.Parallel()
	looks := map[string]bool{}
	for name, text := range testFiles(t) {
		folder := path.Dir(name)
		looks[folder] = looks[folder] || regexp.MustCompile(`goleak\.(VerifyTestMain|Find)\(|acctest\.Main\(`).MatchString(text)
	}
	for _, folder := range slices.Sorted(maps.Keys(looks)) {
		if !looks[folder] {
			t.Errorf("%s needs func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }", folder)
		}
	}
}

// Every fuzz target is seeded: without -fuzz, go test runs the seeds alone.
func TestFuzzTargetsHaveSeeds(t *testing.T) {
	t.Parallel()
	for name, text := range testFiles(t) {
		for _, match := range regexp.MustCompile(`(?ms)^func (Fuzz\w+)\(.*?^}`).FindAllStringSubmatch(text, -1) {
			if !strings.Contains(match[0], "f.Add(") {
				t.Errorf("%s: %s has no seeds", name, match[1])
			}
		}
	}
}
