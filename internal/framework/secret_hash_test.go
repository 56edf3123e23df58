// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestSlowHash(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100)
	for _, value := range []string{"", "a", long, long + "y", strings.Repeat("k", 8192), "\x00\xff", "naïve"} {
		h := newSlowHash(value)
		if !h.matches(value) || h.matches(value+"z") || h.matches("") != (value == "") {
			t.Errorf("a hash of %d bytes does not tell values apart", len(value))
		}
	}
	// bcrypt would not see the end of a value beyond 72 bytes.
	if newSlowHash(long).matches(long + "y") {
		t.Error("the end of a long value does not count")
	}
	a, b := newSlowHash("a"), newSlowHash("a")
	if string(a.Salt) == string(b.Salt) || string(a.Sum) == string(b.Sum) || len(a.Salt) < 16 {
		t.Error("two hashes of a value are the same")
	}
	if (*slowHash)(nil).matches("") {
		t.Error("no hash matches")
	}
	encoded, _ := json.Marshal(a)
	if strings.Contains(string(encoded), "YQ==") || !strings.Contains(string(encoded), `"argon2id"`) {
		t.Errorf("%s", encoded)
	}
}

func TestDamagedHashIsAsNone(t *testing.T) {
	t.Parallel()
	good, _ := json.Marshal(newSlowHash("a"))
	with := func(key string, value any) string {
		var h map[string]any
		_ = json.Unmarshal(good, &h)
		h[key] = value
		encoded, _ := json.Marshal(h)
		return string(encoded)
	}
	for _, c := range []struct {
		encoded string
		usable  bool
	}{
		{string(good), true},
		{"", false},
		{"null", false},
		{"{}", false},
		{"[]", false},
		{`"text"`, false},
		{string(good[:len(good)/2]), false},
		{with("algorithm", "bcrypt"), false},
		{with("passes", 0), false},
		{with("passes", 4_000_000_000), false},
		{with("passes", -1), false},
		{with("threads", 0), false},
		{with("threads", 300), false},
		{with("memory_kib", 4_000_000_000), false},
		{with("salt", "not base64!"), false},
		{with("sum", ""), true}, // usable, and equal to nothing
		{with("salt", ""), true},
		{with("memory_kib", 0), true},
		{with("new_key", 1), true},
	} {
		began := time.Now()
		kept := private{"password_wo_hash": []byte(c.encoded)}
		h, diags := Secret{Name: "password"}.loadHash(t.Context(), kept)
		if diags.HasError() || (h != nil) != c.usable {
			t.Errorf("%s: %v, usable %t", c.encoded, diags, h != nil)
		}
		isSame := c.encoded == string(good) || strings.Contains(c.encoded, "new_key")
		if got := h.matches("a"); got != isSame {
			t.Errorf("%s: matches %t", c.encoded, got)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s: took %s", c.encoded, took)
		}
	}
}

// SECURITY.md tells what a guess costs.
func TestHashCostIsDocumented(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("a random salt of %d bytes, %d MiB of memory, %d passes, %d thread, %d bytes", saltLength, hashMemoryKiB/1024, hashPasses, hashThreads, hashLength)
	if !strings.Contains(string(content), want) {
		t.Errorf("SECURITY.md does not say %q", want)
	}
}

func BenchmarkSlowHash(b *testing.B) {
	h := newSlowHash("a password")
	b.ReportAllocs()
	for b.Loop() {
		h.matches("another")
	}
}

// A state file may have been edited: what passes for a hash in it is used within
// bounds, or not at all.
func FuzzStoredHash(f *testing.F) {
	good, _ := json.Marshal(newSlowHash("a"))
	for _, seed := range []string{
		string(good), "", "null", "{}", "[]", `{"algorithm":"argon2id"}`, `{"algorithm":"argon2id","passes":1,"threads":1,"memory_kib":8,"salt":"YQ==","sum":"YQ=="}`,
		`{"algorithm":"argon2id","passes":1,"threads":255,"memory_kib":0}`, `{"algorithm":"argon2id","passes":-1,"threads":1e400}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		h, diags := Secret{Name: "password"}.loadHash(t.Context(), private{"password_wo_hash": stored})
		switch {
		case diags.HasError():
			t.Fatal(diags)
		case h == nil:
		case h.Passes == 0 || h.Passes > maxHashPasses || h.Threads == 0 || h.MemoryKiB > maxHashMemoryKiB:
			t.Fatalf("%s is used", stored)
		case h.Passes <= hashPasses && h.MemoryKiB <= 64:
			h.matches("a")
		}
	})
}

// Half as many plans as there are processors compute hashes, and the others wait their
// turn.
func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, half := NewHashing(), max(1, runtime.GOMAXPROCS(0)/2)
		proceed, begun := make(chan struct{}), make(chan struct{}, half+2)
		for range cap(begun) {
			go h.inTurn(func() {
				begun <- struct{}{}
				<-proceed
			})
		}
		synctest.Wait()
		if len(begun) != half {
			t.Errorf("%d at a time, want %d", len(begun), half)
		}
		proceed <- struct{}{}
		synctest.Wait()
		if len(begun) != half+1 {
			t.Errorf("%d have begun when one has ended, want %d", len(begun), half+1)
		}
		close(proceed)
		synctest.Wait()
		if len(begun) != cap(begun) {
			t.Errorf("%d of %d have begun", len(begun), cap(begun))
		}
		isDone := false
		(*Hashing)(nil).inTurn(func() { isDone = true })
		if !isDone {
			t.Error("without a bound nothing is done")
		}
	})
}
