// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
)

// page is a page of the documentation, for a reader who follows it to the letter.
type page struct {
	name   string
	text   string
	blocks []*block

	replaced *strings.Replacer // in what is written: ids that only a reader knows
}

// block is something on a page that can be copied.
type block struct {
	heading  string // that it is under
	kind     string // "shell", "terraform", "file", or "" for what a command prints
	name     string // of a file in this repository
	text     string
	followed bool
}

var (
	fence      = regexp.MustCompile("^ *```(\\w*)$")
	included   = regexp.MustCompile(`^\{\{ (?:tffile|codefile "\w+") "(.*)" \}\}$`)
	words      = regexp.MustCompile(`(?:[^\s']|'[^']*')+`)
	assignment = regexp.MustCompile(`^\w+=`)
	planLine   = regexp.MustCompile(`(?m)^Plan: .*$`)
	forCLI     = regexp.MustCompile(`(?m)^(?:\w+=\S+ )*terraform `)
	makeTarget = regexp.MustCompile(`(?m)^(?:\w+=\S+ )*make ([a-z-]+)`)
	mockFlags  = regexp.MustCompile("go run \\./internal/cmd/mockserver([^`\n]*)")
)

// openPage reads a page. At the end of the test, all of its commands for the CLI
// have been followed or left out.
func openPage(t *testing.T, name string) *page {
	t.Helper()
	p := &page{name: name, replaced: strings.NewReplacer(), text: string(must(os.ReadFile(filepath.Join(root, name))))}
	var heading string
	var open *block
	for line := range strings.Lines(p.text) {
		bare := strings.TrimRight(line, "\n")
		match := fence.FindStringSubmatch(bare)
		switch {
		case open != nil && match != nil:
			p.blocks, open = append(p.blocks, open), nil
		case open != nil:
			open.text += line
		case match != nil:
			open = &block{heading: heading, kind: match[1]}
		case strings.HasPrefix(bare, "#"):
			heading = strings.TrimLeft(bare, "# ")
		default:
			if file := included.FindStringSubmatch(bare); file != nil {
				content := must(os.ReadFile(filepath.Join(root, file[1])))
				p.blocks = append(p.blocks, &block{heading: heading, kind: "file", name: file[1], text: string(content)})
			}
		}
	}
	t.Cleanup(func() {
		for _, b := range p.blocks {
			if b.isForCLI() && !b.followed && !t.Failed() {
				t.Errorf("%s: under %q it says to run\n%s", name, b.heading, b.text)
			}
		}
	})
	return p
}

func (b *block) isForCLI() bool { return b.kind == "shell" && forCLI.MatchString(b.text) }

// mock serves the mocks as the page says, and returns the variables that name them.
func (p *page) mock(t *testing.T) (settings []string) {
	t.Helper()
	flags := mockFlags.FindStringSubmatch(p.text)
	if flags == nil {
		t.Fatalf("%s does not say how to start the mock server", p.name)
	}
	for name, value := range acctest.ServeMock(t, strings.Fields(flags[1])...) {
		settings = append(settings, name+"="+value)
	}
	return settings
}

// follow does what stands under a heading, in its order: it writes the files, and the
// snippets that get a name, and runs the commands. Where the page quotes what a
// plan comes to, the last command has said so. It returns what the last one said.
func (p *page) follow(t *testing.T, s *acctest.Session, heading string, snippets ...string) (output string) {
	t.Helper()
	found := false
	for _, b := range p.blocks {
		if b.heading != heading {
			continue
		}
		found, b.followed = true, true
		switch b.kind {
		case "file":
			name := path.Base(b.name)
			if strings.Contains(b.name, "/tests/") {
				name = "tests/" + name
			}
			p.write(t, s, name, b.text)
		case "terraform":
			if len(snippets) > 0 {
				p.write(t, s, snippets[0], b.text)
				snippets = snippets[1:]
			}
		case "shell":
			for line := range strings.Lines(b.text) {
				output = runLine(s, line, output)
			}
		default:
			if quoted := planLine.FindString(b.text); !strings.Contains(output, quoted) {
				t.Errorf("%s: under %q it quotes %q, but the CLI says\n%s", p.name, heading, quoted, output)
			}
		}
	}
	if !found {
		t.Fatalf("%s has nothing under %q", p.name, heading)
	}
	return output
}

// leaveOut is for what stands under a heading and cannot be done here.
func (p *page) leaveOut(heading string) {
	for _, b := range p.blocks {
		b.followed = b.followed || b.heading == heading
	}
}

// write writes a file; a snippet without a name is not for the folder.
func (p *page) write(t *testing.T, s *acctest.Session, name, text string) {
	t.Helper()
	if name == "" {
		return
	}
	if err := os.MkdirAll(filepath.Join(s.Dir, filepath.Dir(name)), 0o750); err != nil {
		t.Fatal(err)
	}
	s.WriteFile(name, p.replaced.Replace(text))
}

// runLine runs a line of a shell if it is a command for the CLI, and returns what that
// says; otherwise the last output stands.
func runLine(s *acctest.Session, line, last string) string {
	line, _, _ = strings.Cut(line, " #")
	parts := words.FindAllString(line, -1)
	var settings []string
	for len(parts) > 0 && assignment.MatchString(parts[0]) {
		settings, parts = append(settings, parts[0]), parts[1:]
	}
	if len(parts) == 0 || parts[0] != "terraform" {
		return last
	}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		s.Setenv(name, value)
	}
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(part, "'", "")
	}
	return s.Run(parts[1:]...)
}
