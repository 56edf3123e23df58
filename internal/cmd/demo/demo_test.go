// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReportRunsEveryStepInSpiteOfFailedExpectations(t *testing.T) {
	var out bytes.Buffer
	r := &report{out: &out}
	err := r.run(t.Context(), []step{
		{"first", func(_ context.Context, r *report) error {
			expectEqual(r, 1, 2, "the number")
			return nil
		}},
		{"second", func(_ context.Context, r *report) error {
			r.expect(true, "it is so")
			return nil
		}},
	}, func() int { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	if r.held != 1 {
		t.Errorf("%d expectations held, want 1", r.held)
	}
	want := "1 of 2 expectations do not hold:\n  - first: the number (want 2, got 1)"
	if err := r.verdict(); err == nil || err.Error() != want {
		t.Errorf("verdict %q, want %q", err, want)
	}
	for _, line := range []string{"1/2   first\n", "      FAIL  the number (want 2, got 1)\n", "2/2   second\n", "      ok    it is so\n"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("%q is missing in\n%s", line, out.String())
		}
	}
}

func TestReportStopsAtAnError(t *testing.T) {
	r := &report{out: &bytes.Buffer{}}
	broken := errors.New("broken")
	err := r.run(t.Context(), []step{
		{"first", func(context.Context, *report) error { return broken }},
		{"second", func(context.Context, *report) error { t.Error("the second step ran"); return nil }},
	}, func() int { return 0 })
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "first: ") {
		t.Errorf("error %v, want one of the first step", err)
	}
}

func TestReportStopsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := &report{out: &bytes.Buffer{}}
	err := r.run(ctx, []step{
		{"first", func(context.Context, *report) error { cancel(); return errors.New("signal: interrupt") }},
		{"second", func(context.Context, *report) error { t.Error("the second step ran"); return nil }},
	}, func() int { return 0 })
	if err == nil || err.Error() != `stopped during "first"` {
		t.Errorf("error %v", err)
	}
}

// brokenPart cannot even say what its steps are, and notes that it was closed.
type brokenPart struct {
	fail   func() []step
	closed bool
}

func (p *brokenPart) steps() []step { return p.fail() }
func (*brokenPart) requests() int   { return 0 }
func (*brokenPart) traffic() string { return "" }
func (p *brokenPart) close() error  { p.closed = true; return nil }

func TestShowCleansUp(t *testing.T) {
	t.Setenv("TF_ACC_TERRAFORM_PATH", filepath.Join(t.TempDir(), "missing"))
	for name, fail := range map[string]func() []step{
		"after an error": func() []step { return nil }, // then the preparation fails for want of a CLI
		"after a panic":  func() []step { panic("broken") },
	} {
		t.Run(name, func(t *testing.T) {
			w := &workshop{dir: filepath.Join(t.TempDir(), "workshop")}
			if err := os.MkdirAll(filepath.Join(w.dir, "below"), 0o700); err != nil {
				t.Fatal(err)
			}
			p := &brokenPart{fail: fail}
			func() {
				defer func() { _ = recover() }()
				if err := show(t.Context(), &report{out: &bytes.Buffer{}}, w, []part{p}); err == nil {
					t.Error("no error")
				}
			}()
			if !p.closed {
				t.Error("the part was not closed")
			}
			if _, err := os.Stat(w.dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the folder is still there: %v", err)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	tf := &terraform{
		environment: map[string]string{"OMNI_API_TOKEN": "the mock's"},
		variables:   map[string]string{"password_version": "2"},
	}
	got := tf.settings()
	slices.Sort(got)
	if want := []string{"OMNI_API_TOKEN=the mock's", "TF_VAR_password_version=2"}; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestLines(t *testing.T) {
	var out bytes.Buffer
	l := &lines{report: &report{out: &out}, drop: "cli: "}
	for _, piece := range []string{"cli: buil", "ding\nnext", " line\r\n", "\n"} {
		if n, err := l.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatal(n, err)
		}
	}
	if want := "      | building\n      | next line\n      | \n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestHolds(t *testing.T) {
	const secret = "demo-WZ4H6QJ5N2KXAYB3"
	for _, before := range []string{"", "a", "ab", "abc", `{"key":"`} {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding} {
			if text := "x" + encoding.EncodeToString([]byte(before+secret+"tail")); !holds(text, secret) {
				t.Errorf("not found after %q, in base64", before)
			}
		}
		if !holds(before+secret, "another secret", secret) {
			t.Errorf("not found after %q", before)
		}
	}
	if holds("demo-WZ4H6QJ5N2KXAYB and nothing else", secret) {
		t.Error("found where it is not")
	}
}

func TestHolders(t *testing.T) {
	const secret = "demo-WZ4H6QJ5N2KXAYB3"
	dir := t.TempDir()
	var archive bytes.Buffer
	zipped := zip.NewWriter(&archive)
	file, err := zipped.Create("tfplan")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte(strings.Repeat("padding ", 100) + secret)); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"clean": "nothing", "below/state": `{"password": "` + secret + `"}`, "plan": archive.String(),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	holding, read, err := holders(dir, secret)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Join(dir, "below", "state"), filepath.Join(dir, "plan")}; read != 3 || !slices.Equal(holding, want) {
		t.Errorf("%d files read, %q hold the secret, want 3 and %q", read, holding, want)
	}
}
