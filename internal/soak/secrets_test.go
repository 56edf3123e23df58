// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package soak_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
)

// emerge keeps what came out of the provider for checkSecrets.
func (w *world) emerge(values ...any) {
	for _, v := range values {
		text, ok := v.(string)
		if !ok {
			encoded, _ := json.Marshal(v)
			text = string(encoded)
		}
		w.mu.Lock()
		w.said = append(w.said, text)
		w.mu.Unlock()
	}
}

// Every secret begins with the mark, which stands nowhere else. These are its
// spellings: as it is, in base64, in hex.
var marks = []string{"canary-", "Y2FuYXJ5L", "63616e6172792d"}

// secret returns a new one.
func (w *world) secret() string {
	w.made++
	return fmt.Sprintf("canary-%d-%016x", w.made, w.random.Uint64())
}

// checkSecrets searches all that came out since it did so last.
func (w *world) checkSecrets() {
	w.t.Helper()
	for _, text := range append(w.said, w.log.take()) {
		for _, mark := range marks {
			if at := strings.Index(text, mark); at >= 0 {
				w.t.Errorf("a secret came out of the provider: ...%s", text[max(0, at-200):min(len(text), at+60)])
			}
		}
	}
	w.said = nil
}

// withoutOwn leaves out the attributes that are secrets themselves, the only
// ones that may hold them.
func withoutOwn(values object) object {
	rest := object{}
	for name, value := range values {
		if nested, ok := value.(object); ok {
			value = withoutOwn(nested)
		}
		if name != "password" && name != "key" {
			rest[name] = value
		}
	}
	return rest
}

func private(t *testing.T, r *protocol.Resource) string {
	t.Helper()
	if len(r.Private()) == 0 {
		return ""
	}
	var keys map[string][]byte // encoding/json turns base64 into what it was
	if err := json.Unmarshal(r.Private(), &keys); err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, value := range keys {
		all = append(all, value...)
	}
	return string(all)
}

// lockedBuffer is a log for concurrent writers.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// take returns what was written since the last call.
func (b *lockedBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.b.String()
	b.b.Reset()
	return text
}
