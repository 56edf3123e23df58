// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/crypto/argon2"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// Secret is a credential that can be given in three attributes: itself
// (sensitive, kept in the state), with the suffix _wo (write-only, kept
// nowhere) and _wo_version (a number whose change sends the write-only value
// again). Without a version, a slow salted hash in the private state tells that
// the write-only value changed.
//
// A Secret is the name of the attribute; one inside a block carries the block's
// name before a dot, such as ssl.key, and one inside an element of a map is made
// by [ElementSecret].
type Secret string

// ElementSecret is a secret inside an element of a map of blocks. It reads as
// its path does: variables["TOKEN"].secret.
func ElementSecret(attribute, key, name string) Secret {
	return Secret(fmt.Sprintf("%s[%q].%s", attribute, key, name))
}

func (s Secret) plain() path.Path     { return s.path("") }
func (s Secret) writeOnly() path.Path { return s.path("_wo") }
func (s Secret) version() path.Path   { return s.path("_wo_version") }
func (s Secret) hashKey() string      { return string(s) + "_wo_hash" }

func (s Secret) path(suffix string) path.Path {
	switch p := s.place(); {
	case p.isElement:
		return path.Root(p.block).AtMapKey(p.key).AtName(p.name + suffix)
	case p.block != "":
		return path.Root(p.block).AtName(p.name + suffix)
	default:
		return path.Root(p.name + suffix)
	}
}

// place is where a secret stands.
type place struct {
	name      string // the attribute's own
	block     string // of the block, or of the map of blocks, around it
	key       string // of the element
	isElement bool
}

func (s Secret) place() place {
	dot := strings.LastIndexByte(string(s), '.')
	p := place{name: string(s)[dot+1:], block: string(s)[:max(dot, 0)]}
	if attribute, key, ok := strings.Cut(p.block, "["); ok {
		p.block, p.isElement = attribute, true
		p.key, _ = strconv.Unquote(strings.TrimSuffix(key, "]")) // ElementSecret quoted it
	}
	return p
}

// name is the attribute's own name.
func (s Secret) name() string { return s.place().name }

// sibling matches another form of the secret, from wherever the secret is.
func (s Secret) sibling(suffix string) path.Expression {
	return path.MatchRelative().AtParent().AtName(s.name() + suffix)
}

// Attributes returns the three attributes. The description says what the secret
// is and where it applies; what the forms mean is added to it.
func (s Secret) Attributes(description string, validators ...validator.String) map[string]schema.Attribute {
	nonEmpty := append([]validator.String{stringvalidator.LengthAtLeast(1)}, validators...)
	name := s.name()
	return map[string]schema.Attribute{
		name: schema.StringAttribute{
			MarkdownDescription: fmt.Sprintf("%s Kept in the state; prefer `%s_wo`. The server never returns it, so a change made outside Terraform is not seen. A change is made in place. Removing it from the configuration leaves the server's value as it is.", description, name),
			Optional:            true,
			Sensitive:           true,
			Validators:          append(slices.Clone(nonEmpty), stringvalidator.ConflictsWith(s.sibling("_wo"))),
		},
		name + "_wo": schema.StringAttribute{
			MarkdownDescription: fmt.Sprintf("As `%s`, but write-only: it is in neither plan nor state, and may come from an ephemeral resource. Needs Terraform 1.11 or OpenTofu 1.11. Sent when `%s_wo_version` changes or, while no version is set, when the value changes.", name, name),
			Optional:            true,
			Sensitive:           true,
			WriteOnly:           true,
			Validators:          append(slices.Clone(nonEmpty), stringvalidator.ConflictsWith(s.sibling(""))),
		},
		name + "_wo_version": schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("Version of `%s_wo`: any change of the number sends the value again. Without it, the provider keeps a salted slow hash (argon2id) of the value in the resource's private state to see that it changed.", name),
			Optional:            true,
			Validators:          []validator.Int64{int64validator.AlsoRequires(s.sibling("_wo"))},
		},
	}
}

// SecretChange is what a plan or an apply does to a secret.
type SecretChange struct {
	Value   *secret.String // what is sent; nil for nothing
	Pending bool           // whether it is sent shows at apply: the value is unknown yet
	Removed bool           // the configuration has it no longer; the server keeps it
}

// Sends reports whether the secret is sent, or may be.
func (c SecretChange) Sends() bool { return c.Value != nil || c.Pending }

// PrivateState is the part of the framework's private state that is read here.
type PrivateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// PrivateStateWriter is the part that is written.
type PrivateStateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// Change compares the configuration with what was sent last, as state and
// private state know it. The values come from the configuration because a plan
// never holds write-only ones. For a create, state is null.
func (s Secret) Change(ctx context.Context, config tfsdk.Config, state tfsdk.State, private PrivateState) (SecretChange, diag.Diagnostics) {
	if s.isInUnknownBlock(config) {
		return SecretChange{Pending: true}, nil
	}
	configured, prior := s.formsIn(config.Raw), s.formsIn(state.Raw)
	plain, writeOnly, version := configured.plain, configured.writeOnly, configured.version
	priorPlain, priorVersion := prior.plain, prior.version
	hash, diags := s.loadHash(ctx, private)
	if diags.HasError() {
		return SecretChange{}, diags
	}
	switch {
	case !plain.IsNull():
		if plain.Equal(priorPlain) {
			return SecretChange{}, diags
		}
		return sends(plain), diags
	case writeOnly.IsNull():
		return SecretChange{Removed: !priorPlain.IsNull() || !priorVersion.IsNull() || hash != nil}, diags
	case version.IsUnknown():
		return SecretChange{Pending: true}, diags
	case !version.IsNull():
		if version.Equal(priorVersion) {
			return SecretChange{}, diags
		}
		return sends(writeOnly), diags
	case writeOnly.IsUnknown():
		return SecretChange{Pending: true}, diags
	case hash.matches(writeOnly.ValueString()):
		return SecretChange{}, diags
	default:
		return sends(writeOnly), diags
	}
}

// forms are a secret's three attributes.
type forms struct {
	plain, writeOnly types.String
	version          types.Int64
}

// formsIn reads the attributes out of a configuration or a state; those that are
// not there are null. (GetAttribute would copy the whole schema for each, and
// every plan compares every secret.)
func (s Secret) formsIn(object tftypes.Value) forms {
	name, attributes := s.name(), attributesOf(s.around(object))
	return forms{stringOf(attributes[name]), stringOf(attributes[name+"_wo"]), int64Of(attributes[name+"_wo_version"])}
}

// attributesOf returns the attributes of an object, or the elements of a map;
// none if it is null or unknown.
func attributesOf(object tftypes.Value) (attributes map[string]tftypes.Value) {
	if object.IsKnown() {
		_ = object.As(&attributes) // of another type it has none
	}
	return attributes
}

func stringOf(v tftypes.Value) types.String {
	if !v.IsKnown() {
		return types.StringUnknown()
	}
	var text *string
	_ = v.As(&text) // the schema keeps other types away
	return types.StringPointerValue(text)
}

func int64Of(v tftypes.Value) types.Int64 {
	if !v.IsKnown() {
		return types.Int64Unknown()
	}
	var number *big.Float
	if _ = v.As(&number); number == nil {
		return types.Int64Null()
	}
	whole, _ := number.Int64()
	return types.Int64Value(whole)
}

// isInUnknownBlock reports whether the block around the secret is unknown as a
// whole. What is inside an unknown block reads as null.
func (s Secret) isInUnknownBlock(config tfsdk.Config) bool {
	return !s.around(config.Raw).IsKnown()
}

// around returns what the secret's attributes are in: the object itself, or a
// block inside it.
func (s Secret) around(object tftypes.Value) tftypes.Value {
	p := s.place()
	if p.block == "" {
		return object
	}
	block := attributesOf(object)[p.block]
	if p.isElement && block.IsKnown() {
		return attributesOf(block)[p.key]
	}
	return block
}

func sends(value types.String) SecretChange {
	if value.IsUnknown() {
		return SecretChange{Pending: true}
	}
	text := secret.New(value.ValueString())
	return SecretChange{Value: &text}
}

// Remember records in the private state that a change was carried out. Only a
// write-only value without a version leaves a hash; every other form removes
// it.
func (s Secret) Remember(ctx context.Context, config tfsdk.Config, change SecretChange, private PrivateStateWriter) diag.Diagnostics {
	if change.Value == nil && !change.Removed {
		return nil
	}
	configured := s.formsIn(config.Raw)
	if configured.writeOnly.IsNull() || !configured.version.IsNull() {
		return private.SetKey(ctx, s.hashKey(), nil)
	}
	encoded, err := json.Marshal(newSlowHash(configured.writeOnly.ValueString()))
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot record a hash of "+string(s)+"_wo", err.Error())}
	}
	return private.SetKey(ctx, s.hashKey(), encoded)
}

// Forget removes what the private state has of a secret that exists no longer.
func (s Secret) Forget(ctx context.Context, private PrivateStateWriter) diag.Diagnostics {
	return private.SetKey(ctx, s.hashKey(), nil)
}

// SecretChanges are the changes of all secrets of a resource.
type SecretChanges []namedChange

type namedChange struct {
	secret Secret
	change SecretChange
}

// CompareSecrets returns the changes of the secrets; see [Secret.Change].
func CompareSecrets(ctx context.Context, config tfsdk.Config, state tfsdk.State, private PrivateState, secrets ...Secret) (SecretChanges, diag.Diagnostics) {
	var all SecretChanges
	var diags diag.Diagnostics
	for _, s := range secrets {
		change, changeDiags := s.Change(ctx, config, state, private)
		diags.Append(changeDiags...)
		all = append(all, namedChange{s, change})
	}
	return all, diags
}

// NewSecrets returns the changes of secrets that the server has not yet: all that
// are configured are sent, whatever state and private state remember of others
// in the same place.
func NewSecrets(ctx context.Context, config tfsdk.Config, secrets ...Secret) (SecretChanges, diag.Diagnostics) {
	return CompareSecrets(ctx, config, tfsdk.State{}, noPrivateState{}, secrets...)
}

type noPrivateState struct{}

func (noPrivateState) GetKey(context.Context, string) ([]byte, diag.Diagnostics) { return nil, nil }

// Sends reports whether any secret is sent, or may be.
func (c SecretChanges) Sends() bool {
	return slices.ContainsFunc(c, func(n namedChange) bool { return n.change.Sends() })
}

// Changes reports whether there is anything to carry out or to record: that a
// secret is sent, or that it is no longer managed.
func (c SecretChanges) Changes() bool {
	return c.Sends() || slices.ContainsFunc(c, func(n namedChange) bool { return n.change.Removed })
}

// Value returns what is sent for a secret; nil for nothing.
func (c SecretChanges) Value(s Secret) *secret.String {
	for _, n := range c {
		if n.secret == s {
			return n.change.Value
		}
	}
	return nil
}

// Sending reports whether this secret is sent, or may be.
func (c SecretChanges) Sending(s Secret) bool {
	return slices.ContainsFunc(c, func(n namedChange) bool { return n.secret == s && n.change.Sends() })
}

// Removed reports whether the configuration has this secret no longer.
func (c SecretChanges) Removed(s Secret) bool {
	return slices.ContainsFunc(c, func(n namedChange) bool { return n.secret == s && n.change.Removed })
}

// Warnings tell which secrets the server keeps although they are no longer
// configured.
func (c SecretChanges) Warnings(object string) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, n := range c {
		if n.change.Removed {
			diags.Append(n.secret.RemovedWarning(object))
		}
	}
	return diags
}

// Remember records that all changes were carried out; see [Secret.Remember].
func (c SecretChanges) Remember(ctx context.Context, config tfsdk.Config, private PrivateStateWriter) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, n := range c {
		diags.Append(n.secret.Remember(ctx, config, n.change, private)...)
	}
	return diags
}

// Now is a timestamp for the state: UTC, in seconds.
func Now() types.String { return types.StringValue(time.Now().UTC().Format(time.RFC3339)) }

// RemovedWarning tells that the server keeps a secret that is no longer
// configured.
func (s Secret) RemovedWarning(object string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(s.plain(), fmt.Sprintf("The server keeps the %s of %s", s, object),
		fmt.Sprintf("The configuration no longer has %s or %s_wo. A credential cannot be taken away without breaking the connection, so nothing is sent: the last value stays in force and Terraform no longer manages it.", s, s))
}

// The cost of the hash follows OWASP's minimum for argon2id: 12 MiB of memory
// and 3 passes, about 20 ms on one core. A state file alone then allows some 50
// guesses a second and core, not billions.
const (
	hashPasses    = 3
	hashMemoryKiB = 12 * 1024
	hashThreads   = 1
	hashLength    = 32
	saltLength    = 16

	// Beyond these a hash is damage: to compute it would take for ever.
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

func (s Secret) loadHash(ctx context.Context, private PrivateState) (*slowHash, diag.Diagnostics) {
	encoded, diags := private.GetKey(ctx, s.hashKey())
	if diags.HasError() || len(encoded) == 0 {
		return nil, diags
	}
	h := &slowHash{}
	// A hash that cannot be used, by damage or by a newer provider, is as none:
	// the value is sent once more.
	if json.Unmarshal(encoded, h) != nil || h.Algorithm != "argon2id" || h.Passes == 0 || h.Passes > maxHashPasses || h.Threads == 0 || h.MemoryKiB > maxHashMemoryKiB {
		return nil, diags
	}
	return h, diags
}
