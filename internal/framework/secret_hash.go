// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"runtime"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"golang.org/x/crypto/argon2"
)

// The cost of the hash follows OWASP's minimum for argon2id: 12 MiB of memory
// and 3 passes; SECURITY.md says how long that takes. A state file alone then allows
// some 50 guesses a second and core, not billions.
const (
	hashPasses    = 3
	hashMemoryKiB = 12 * 1024
	hashThreads   = 1
	hashLength    = 32
	saltLength    = 16

	// Beyond these a hash is damage: to compute it would never end.
	maxHashPasses    = 100
	maxHashMemoryKiB = 1 << 20
)

// slowHash is a salted argon2id hash, with its parameters, so that they can be
// raised later. It takes values of any length.
type slowHash struct {
	Algorithm string `json:"algorithm"`
	Passes    uint32 `json:"passes"`
	MemoryKiB uint32 `json:"memory_kib"`
	Threads   uint8  `json:"threads"`
	Salt      []byte `json:"salt"`
	Sum       []byte `json:"sum"`
}

func newSlowHash(value string) *slowHash {
	h := &slowHash{Algorithm: "argon2id", Passes: hashPasses, MemoryKiB: hashMemoryKiB, Threads: hashThreads, Salt: make([]byte, saltLength)}
	_, _ = rand.Read(h.Salt) // never fails: crypto/rand ends the program instead
	h.Sum = h.of(value)
	return h
}

func (h *slowHash) of(value string) []byte {
	return argon2.IDKey([]byte(value), h.Salt, h.Passes, h.MemoryKiB, h.Threads, hashLength)
}

func (h *slowHash) matches(value string) bool {
	return h != nil && subtle.ConstantTimeCompare(h.of(value), h.Sum) == 1
}

// Hashing bounds how many plans of one provider compute slow hashes at a time: half as
// many as there are processors. Each hash takes one of them, and 12 MiB of memory, and
// Terraform itself needs the others meanwhile. It is part of the provider's data. A nil
// one, of a provider that is not configured, bounds nothing.
type Hashing struct {
	turns chan struct{}
}

// NewHashing returns the bound of one provider.
func NewHashing() *Hashing {
	return &Hashing{turns: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))}
}

// HashingProvider is what a resource with secrets knows of the provider's data, beside
// its system.
type HashingProvider interface {
	Hashing() *Hashing
}

// HashingOf returns the bound that the provider's data has; nil for none.
func HashingOf(providerData any) *Hashing {
	if p, ok := providerData.(HashingProvider); ok {
		return p.Hashing()
	}
	return nil
}

// PlanSecrets is [PlanSecrets] once it is the caller's turn.
func (h *Hashing) PlanSecrets(ctx context.Context, req resource.ModifyPlanRequest, secrets ...Secret) (all SecretChanges, diags diag.Diagnostics) {
	h.inTurn(func() { all, diags = PlanSecrets(ctx, req, secrets...) })
	return all, diags
}

func (h *Hashing) inTurn(do func()) {
	if h != nil {
		h.turns <- struct{}{}
		defer func() { <-h.turns }()
	}
	do()
}

func (s Secret) loadHash(ctx context.Context, private PrivateStateReader) (*slowHash, diag.Diagnostics) {
	encoded, diags := private.GetKey(ctx, s.hashKey())
	h := &slowHash{}
	// A hash that cannot be used, by damage or by a newer provider, is as none: the
	// value is sent once more.
	if json.Unmarshal(encoded, h) != nil || h.Algorithm != "argon2id" || h.Passes == 0 || h.Passes > maxHashPasses || h.Threads == 0 || h.MemoryKiB > maxHashMemoryKiB {
		return nil, diags
	}
	return h, diags
}
