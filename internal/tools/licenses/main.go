// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command licenses writes down, for every module that is linked into the
// released provider on any platform, its version and its licenses, with their
// texts. It fails on a license that is not known to be compatible.
//
//	licenses SOURCE > THIRD_PARTY_LICENSES.md
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// accepted are licenses under which a module may be linked into a program under
// the MPL-2.0 and passed on with it.
var accepted = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0"}

// platforms are those of .goreleaser.yml. The processor makes no difference.
var platforms = []string{"darwin", "freebsd", "linux", "windows"}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: licenses SOURCE")
		os.Exit(2)
	}
	if err := write(os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

// module is what `go list` says of one.
type module struct {
	Path, Version, Dir string
	Main               bool
	Replace            *module
}

func write(w io.Writer, source string) error {
	modules, err := linked(source)
	if err != nil {
		return err
	}
	goroot, err := goCommand(source, nil, "env", "GOROOT")
	if err != nil {
		return err
	}
	modules = append(modules, module{Path: "The Go standard library", Dir: strings.TrimSpace(string(goroot))})

	var table, texts bytes.Buffer
	places := map[string]int{} // of a text, which several modules may share
	for _, m := range modules {
		files, names, err := licensesOf(m.Dir)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Path, err)
		}
		var numbers []string
		for _, text := range files {
			if places[text] == 0 {
				places[text] = len(places) + 1
				fmt.Fprintf(&texts, "\n## Text %d\n\n```text\n%s\n```\n", places[text], text)
			}
			numbers = append(numbers, fmt.Sprintf("[%d](#text-%[1]d)", places[text]))
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", m.Path, m.Version, strings.Join(names, ", "), strings.Join(numbers, ", "))
	}
	_, err = fmt.Fprintf(w, `<!-- Written by `+"`make licenses`"+`. Do not edit. -->

# Third-party licenses

The released provider has the modules below linked in, under these licenses. The provider itself is under the [MPL-2.0](LICENSE).

| Module | Version | Licenses | Texts |
|---|---|---|---|
%s%s`, &table, &texts)
	return err
}

// linked returns the modules that the provider is made of, by path.
func linked(source string) ([]module, error) {
	byPath := map[string]module{}
	for _, platform := range platforms {
		output, err := goCommand(source, []string{"GOOS=" + platform, "CGO_ENABLED=0"}, "list", "-deps", "-json=Module", ".")
		if err != nil {
			return nil, err
		}
		for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
			var p struct{ Module *module }
			if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			m := p.Module
			if m == nil || m.Main {
				continue
			}
			if m.Replace != nil {
				m = m.Replace
			}
			byPath[m.Path] = *m
		}
	}
	var modules []module
	for _, m := range byPath {
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return modules, nil
}

func goCommand(dir string, environment []string, arguments ...string) ([]byte, error) {
	command := exec.Command("go", arguments...)
	command.Dir, command.Stderr = dir, os.Stderr
	command.Env = append(append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off"), environment...)
	return command.Output()
}

var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([-.].*)?$`)

// licensesOf returns the texts in a module's folder, and the names of the
// licenses that they are.
func licensesOf(dir string) (texts, names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, entry := range entries {
		if entry.IsDir() || !licenseFile.MatchString(entry.Name()) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, nil, err
		}
		text := strings.TrimSpace(strings.ReplaceAll(string(content), "\r\n", "\n"))
		texts = append(texts, text)
		if strings.HasPrefix(strings.ToUpper(entry.Name()), "PATENTS") {
			continue // a grant beside the license
		}
		for _, match := range licensecheck.Scan([]byte(text)).Match {
			name := spdx(match.ID)
			if match.IsURL || slices.Contains(names, name) {
				continue
			}
			if !slices.Contains(accepted, name) {
				return nil, nil, fmt.Errorf("%s is under %s, which nobody has looked at yet: see the list in this program", entry.Name(), name)
			}
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, nil, errors.New("no license was found")
	}
	return texts, names, nil
}

// spdx is licensecheck's name of a license as SPDX has it: it names some of their
// parts and headings apart.
func spdx(id string) string {
	id = strings.TrimSuffix(strings.TrimSuffix(id, "-NoWarranty"), "-Header")
	if strings.HasPrefix(id, "MPL-2.0") {
		return "MPL-2.0"
	}
	return id
}
