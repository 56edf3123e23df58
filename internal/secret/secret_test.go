// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package secret_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

const text = "hunter2-hunter2"

// holder has a secret where reflection alone could reach it.
type holder struct {
	Exported secret.String
	hidden   secret.String
	Pointer  *secret.String
	List     []secret.String
	Map      map[string]secret.String
}

func TestNothingPrintsTheText(t *testing.T) {
	t.Parallel()
	s := secret.New(text)
	// Taken apart, so that vet does not complain of verbs that fit no type.
	for verb := range strings.FieldsSeq("v +v #v s q x X d b o t T e g c U p 10s -20v w") {
		if got := fmt.Sprintf("%"+verb, s); strings.Contains(got, "hunter2") || strings.Contains(got, fmt.Sprintf("%x", text)) {
			t.Errorf("%%%s prints %s", verb, got)
		} else if !strings.Contains("T p w", verb) && got != secret.Redacted { // which fmt does not leave to Format
			t.Errorf("%%%s prints %q", verb, got)
		}
		if got := fmt.Sprintf("%"+verb, &s); strings.Contains(got, "hunter2") {
			t.Errorf("%%%s of a pointer prints %s", verb, got)
		}
	}
	h := holder{Exported: s, hidden: s, Pointer: &s, List: []secret.String{s}, Map: map[string]secret.String{"k": s}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%p", "%w"} {
		for _, value := range []any{h, &h, h.List, h.Map, h.Pointer, h.hidden} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, "hunter2") {
				t.Errorf("%s of %T prints %s", verb, value, got)
			}
		}
	}
	if got := fmt.Errorf("failed with %v: %w", s, errors.New("cause")).Error(); strings.Contains(got, "hunter2") {
		t.Error(got)
	}
	if got := s.String(); got != secret.Redacted {
		t.Error(got)
	}
}

func TestNothingEncodesTheText(t *testing.T) {
	t.Parallel()
	s := secret.New(text)
	encoded, err := json.Marshal(map[string]any{"a": s, "b": &s, "c": holder{Exported: s, hidden: s, Pointer: &s, List: []secret.String{s}}})
	if err != nil || bytes.Contains(encoded, []byte("hunter2")) {
		t.Errorf("%s, %v", encoded, err)
	}
	if encoded, err = json.Marshal(map[secret.String]int{s: 1}); err != nil || bytes.Contains(encoded, []byte("hunter2")) {
		t.Errorf("as a key: %s, %v", encoded, err)
	}
	if marshaled, err := encoding.TextMarshaler(s).MarshalText(); err != nil || string(marshaled) != secret.Redacted {
		t.Errorf("%s, %v", marshaled, err)
	}
	var out bytes.Buffer
	for _, logger := range []*slog.Logger{slog.New(slog.NewJSONHandler(&out, nil)), slog.New(slog.NewTextHandler(&out, nil))} {
		logger.Info("message", "secret", s, "pointer", &s, "holder", []secret.String{s}, slog.Group("g", "s", s))
	}
	if got := s.LogValue().String(); got != secret.Redacted {
		t.Error(got)
	}
	if strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), secret.Redacted) {
		t.Error(out.String())
	}
}

func TestReveal(t *testing.T) {
	t.Parallel()
	var zero secret.String
	if secret.New(text).Reveal() != text || zero.Reveal() != "" || !zero.IsEmpty() || !secret.New("").IsEmpty() || secret.New(text).IsEmpty() {
		t.Error("a secret does not keep its text")
	}
	if again := secret.New(strings.Clone(text)); secret.New(text) != again || again == zero {
		t.Error("secrets do not compare")
	}
}

func TestOptionalSecrets(t *testing.T) {
	t.Parallel()
	a, b := secret.New("a"), secret.New("b")
	if got := secret.Given(&a, nil, &b); len(got) != 2 || got[0] != a || got[1] != b {
		t.Errorf("%d are given", len(got))
	}
	if got := secret.Given(nil); len(got) != 0 {
		t.Errorf("%d of none are given", len(got))
	}
	if got := secret.RevealOptional(&a); got == nil || *got != "a" {
		t.Error("another text")
	}
	if secret.RevealOptional(nil) != nil {
		t.Error("a text of no secret")
	}
}
