// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// Secret is a credential that can be given in three attributes: itself
// (sensitive, kept in the state), with the suffix _wo (write-only, kept
// nowhere) and _wo_version (a number whose change sends the write-only value
// again). Without a version, a slow salted hash in the private state tells that
// the write-only value changed.
//
// A Secret says where the attributes are: at the top, in a block, or in an element
// of a map of blocks.
type Secret struct {
	Block string // around the attributes; "" at the top
	Name  string // of the first attribute

	key       string // of the element of Block
	isElement bool
}

// ElementSecret is a secret inside an element of a map of blocks.
func ElementSecret(attribute, key, name string) Secret {
	return Secret{Block: attribute, key: key, isElement: true, Name: name}
}

// String reads as the path does: variables["TOKEN"].secret.
func (s Secret) String() string {
	switch {
	case s.isElement:
		return fmt.Sprintf("%s[%q].%s", s.Block, s.key, s.Name)
	case s.Block != "":
		return s.Block + "." + s.Name
	default:
		return s.Name
	}
}

func (s Secret) plain() path.Path   { return s.path("") }
func (s Secret) version() path.Path { return s.path("_wo_version") }
func (s Secret) hashKey() string    { return s.String() + "_wo_hash" }

func (s Secret) path(suffix string) path.Path {
	switch {
	case s.isElement:
		return path.Root(s.Block).AtMapKey(s.key).AtName(s.Name + suffix)
	case s.Block != "":
		return path.Root(s.Block).AtName(s.Name + suffix)
	default:
		return path.Root(s.Name + suffix)
	}
}

// sibling matches another form of the secret, from wherever the secret is.
func (s Secret) sibling(suffix string) path.Expression {
	return path.MatchRelative().AtParent().AtName(s.Name + suffix)
}

// Attributes returns the three attributes. The description says what the secret
// is and where it applies; what the forms mean is added to it.
func (s Secret) Attributes(description string, validators ...validator.String) map[string]schema.Attribute {
	nonEmpty := append([]validator.String{NotEmpty(), noLineEnd()}, validators...)
	name := s.Name
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
			Validators:          nonEmpty, // that only one of the two is given, the other says
		},
		name + "_wo_version": schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("Version of `%s_wo`: any change of the number sends the value again. Without it, the provider keeps a salted slow hash (argon2id) of the value in the resource's private state to see that it changed.", name),
			Optional:            true,
			Validators:          []validator.Int64{needsValue{s}},
		},
	}
}

// SecretChange is what a plan or an apply does to a secret.
type SecretChange struct {
	Value   *secret.String // what is sent; nil for nothing
	Current *secret.String // what the plan has, sent or not; nil for nothing, or nothing known
	Pending bool           // whether it is sent shows at apply: something is unknown yet
	Removed bool           // the plan has it no longer; the server keeps it
	Hidden  bool           // the plan has a version, and ignore_changes keeps the value from it

	newVersion bool // Hidden, and the version is another one
	// inHash says that no version tells whether the write-only value is another one,
	// so the hash decides, and may decide otherwise at apply.
	inHash bool
}

// Sends reports whether the secret is sent, or may be.
func (c SecretChange) Sends() bool { return c.Value != nil || c.Pending }

// The plan decides which secrets are sent, and the apply obeys. The plan alone
// knows: at apply, Terraform hands the configuration over as it is written,
// without ignore_changes. So the plain value and the version are read from the
// plan, and of write-only values, which no plan holds, the plan's private state
// says which it had and which are to be sent.

// Change is what a plan does: it compares the plan with what was sent last, as
// state and private state know it. Write-only values come from the plan's
// configuration. For a create, state is null.
func (s Secret) Change(ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, state tfsdk.State, private PrivateStateReader) (SecretChange, diag.Diagnostics) {
	if !s.container(config.Raw).IsKnown() || !s.container(plan.Raw).IsKnown() {
		return SecretChange{Pending: true}, nil // what is inside an unknown block reads as null
	}
	writeOnly, planned, prior := s.formsIn(config.Raw).writeOnly, s.formsIn(plan.Raw), s.formsIn(state.Raw)
	hash, diags := s.loadHash(ctx, private)
	if diags.HasError() {
		return SecretChange{}, diags
	}
	version := planned.version
	switch {
	case !planned.plain.IsNull():
		return changeTo(planned.plain, !planned.plain.Equal(prior.plain)), diags
	case writeOnly.IsNull() && !version.IsNull():
		return SecretChange{Hidden: true, newVersion: !version.IsUnknown() && !version.Equal(prior.version)}, diags
	case writeOnly.IsNull():
		return SecretChange{Removed: prior.isSet() || hash != nil}, diags
	case version.IsUnknown():
		return SecretChange{Pending: true}, diags
	case !version.IsNull():
		return changeTo(writeOnly, !version.Equal(prior.version)), diags
	case writeOnly.IsUnknown():
		return SecretChange{Pending: true, inHash: true}, diags
	}
	change := changeTo(writeOnly, !hash.matches(writeOnly.ValueString()))
	change.inHash = true
	return change, diags
}

func changeTo(value types.String, isNew bool) SecretChange {
	if value.IsUnknown() {
		return SecretChange{Pending: isNew}
	}
	text := secret.New(value.ValueString())
	change := SecretChange{Current: &text}
	if isNew {
		change.Value = &text
	}
	return change
}

// obey is what an apply does: what the plan announced. Here config is as it is
// written, so it tells a secret that was removed from one that is ignored.
func (s Secret) obey(announced announcement, config tfsdk.Config, plan tfsdk.Plan, state tfsdk.State) SecretChange {
	writeOnly, planned, prior := s.formsIn(config.Raw).writeOnly, s.formsIn(plan.Raw), s.formsIn(state.Raw)
	switch {
	case !planned.plain.IsNull():
		return changeTo(planned.plain, !planned.plain.Equal(prior.plain))
	case writeOnly.IsNull():
		return SecretChange{Removed: planned.version.IsNull()}
	case slices.Contains(announced.Has, s.String()):
		return changeTo(writeOnly, slices.Contains(announced.Sends, s.String()))
	default:
		return SecretChange{}
	}
}

// forms are a secret's three attributes.
type forms struct {
	plain, writeOnly types.String
	version          types.Int64
}

// isSet reports whether a state has the secret, as far as a state can.
func (f forms) isSet() bool { return !f.plain.IsNull() || !f.version.IsNull() }

// formsIn reads the attributes out of a configuration or a state; those that are
// not there are null. (GetAttribute would copy the whole schema for each, and
// every plan compares every secret.)
func (s Secret) formsIn(object tftypes.Value) forms {
	name, attributes := s.Name, attributesOf(s.container(object))
	return forms{stringOf(attributes[name]), stringOf(attributes[name+"_wo"]), int64Of(attributes[name+"_wo_version"])}
}

// attributesOf returns the attributes of an object, or the elements of a map, which are
// the object's own: none may be changed. It returns none if it is null or unknown.
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

// container returns what the secret's attributes are in: the object itself, or a
// block inside it.
func (s Secret) container(object tftypes.Value) tftypes.Value {
	if s.Block == "" {
		return object
	}
	block := attributesOf(object)[s.Block]
	if s.isElement && block.IsKnown() {
		return attributesOf(block)[s.key]
	}
	return block
}

// Remember records in the private state that a change was carried out. Only a
// write-only value without a version leaves a hash; every other form removes
// it.
func (s Secret) Remember(ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, change SecretChange, private PrivateStateWriter) diag.Diagnostics {
	if change.Value == nil && !change.Removed {
		return nil
	}
	planned := s.formsIn(plan.Raw)
	if change.Removed || planned.isSet() || s.formsIn(config.Raw).writeOnly.IsNull() {
		return private.SetKey(ctx, s.hashKey(), nil)
	}
	encoded, err := json.Marshal(newSlowHash(change.Value.Reveal()))
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot record a hash of "+s.String()+"_wo", err.Error())}
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

// announcedKey holds, in the private state of a plan, what is announced; the
// state of an apply has it no longer.
const announcedKey = "announced_secrets"

// announcement names the secrets whose write-only value the plan had, and those of
// them that the apply sends.
type announcement struct {
	Has   []string `json:"has,omitempty"`
	Sends []string `json:"sends,omitempty"`
}

// PlanSecrets returns what a plan of an update does to the secrets; see
// [Secret.Change]. A version that changes without its value is an error. Those of an
// object that is unconfirmed are sent as new ones are.
func PlanSecrets(ctx context.Context, req resource.ModifyPlanRequest, secrets ...Secret) (SecretChanges, diag.Diagnostics) {
	return planSecrets(ctx, req, req.Private, secrets)
}

func planSecrets(ctx context.Context, req resource.ModifyPlanRequest, private PrivateStateReader, secrets []Secret) (SecretChanges, diag.Diagnostics) {
	isUnconfirmed, diags := IsUnconfirmed(ctx, private)
	if isUnconfirmed {
		all, more := PlanNewSecrets(ctx, req, secrets...)
		return all, append(diags, more...)
	}
	all, more := compareSecrets(ctx, req.Config, req.Plan, req.State, private, secrets)
	diags.Append(more...)
	for _, n := range all {
		if n.change.newVersion {
			diags.AddAttributeError(n.secret.version(), fmt.Sprintf("%s_wo_version changes without a value", n.secret),
				fmt.Sprintf("The version says that %s_wo is to be sent again, and the plan has no value for it, because ignore_changes covers it. Remove it from ignore_changes, or restore the former version.", n.secret))
		}
	}
	return all, diags
}

// PlanNewSecrets returns what a plan does to secrets that the server has not yet:
// all are sent, whatever state and private state remember of others in the same
// place.
func PlanNewSecrets(ctx context.Context, req resource.ModifyPlanRequest, secrets ...Secret) (SecretChanges, diag.Diagnostics) {
	return compareSecrets(ctx, req.Config, req.Plan, tfsdk.State{}, noPrivateState{}, secrets)
}

// NewSecrets returns the secrets that a create sends: all that are configured.
func NewSecrets(ctx context.Context, req resource.CreateRequest, secrets ...Secret) (SecretChanges, diag.Diagnostics) {
	return compareSecrets(ctx, req.Config, req.Plan, tfsdk.State{}, noPrivateState{}, secrets)
}

// PlannedSecrets returns what an update does to the secrets: what its plan
// announced. Of new ones nothing that the state has counts.
func PlannedSecrets(ctx context.Context, req resource.UpdateRequest, secrets ...Secret) (SecretChanges, diag.Diagnostics) {
	return plannedSecrets(ctx, req, req.Private, secrets)
}

func plannedSecrets(ctx context.Context, req resource.UpdateRequest, private PrivateStateReader, secrets []Secret) (SecretChanges, diag.Diagnostics) {
	isUnconfirmed, diags := IsUnconfirmed(ctx, private)
	state := req.State
	if isUnconfirmed {
		state = tfsdk.State{}
	}
	all, more := obeyAll(ctx, req, private, state, secrets)
	return all, append(diags, more...)
}

// PlannedNewSecrets is [PlannedSecrets] for secrets that the server has not yet.
func PlannedNewSecrets(ctx context.Context, req resource.UpdateRequest, secrets ...Secret) (SecretChanges, diag.Diagnostics) {
	return obeyAll(ctx, req, req.Private, tfsdk.State{}, secrets)
}

func obeyAll(ctx context.Context, req resource.UpdateRequest, private PrivateStateReader, state tfsdk.State, secrets []Secret) (SecretChanges, diag.Diagnostics) {
	encoded, diags := private.GetKey(ctx, announcedKey)
	var announced announcement
	if len(encoded) > 0 {
		if err := json.Unmarshal(encoded, &announced); err != nil {
			diags.AddError("Unexpected private state", "The plan does not say which secrets are to be sent. Plan again. "+err.Error())
		}
	}
	all := make(SecretChanges, len(secrets))
	for i, s := range secrets {
		all[i] = namedChange{s, s.obey(announced, req.Config, req.Plan, state)}
	}
	return all, diags
}

func compareSecrets(ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, state tfsdk.State, private PrivateStateReader, secrets []Secret) (SecretChanges, diag.Diagnostics) {
	var diags diag.Diagnostics
	all := make(SecretChanges, len(secrets))
	for i, s := range secrets {
		change, changeDiags := s.Change(ctx, config, plan, state, private)
		diags.Append(changeDiags...)
		all[i] = namedChange{s, change}
	}
	return all, diags
}

type noPrivateState struct{}

func (noPrivateState) GetKey(context.Context, string) ([]byte, diag.Diagnostics) { return nil, nil }

// Announce puts into a plan of an update what its apply will do, and reports
// whether it may send secrets: then it shows that; see [PlanToSend]. Where a hash
// decides it does so for every other change too: at apply, which plans once more, an
// ephemeral value may be another one, and a plan cannot grow then. Call it when
// everything else is planned.
func (c SecretChanges) Announce(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (maySend bool) {
	mayDiffer := slices.ContainsFunc(c, func(n namedChange) bool { return n.change.inHash })
	maySend = c.Sends() || mayDiffer && !resp.Plan.Raw.Equal(req.State.Raw)
	if maySend {
		PlanToSend(ctx, resp)
	}
	encoded, err := json.Marshal(c.announcement())
	if err != nil {
		resp.Diagnostics.AddError("Cannot record which secrets are to be sent", err.Error())
		return maySend
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, announcedKey, encoded)...)
	return maySend
}

func (c SecretChanges) announcement() announcement {
	var announced announcement
	for _, n := range c {
		if n.change.Current != nil {
			announced.Has = append(announced.Has, n.secret.String())
		}
		if n.change.Value != nil {
			announced.Sends = append(announced.Sends, n.secret.String())
		}
	}
	return announced
}

// Sends reports whether any secret is sent, or may be.
func (c SecretChanges) Sends() bool {
	return slices.ContainsFunc(c, func(n namedChange) bool { return n.change.Sends() })
}

// NeedPlan reports whether there is anything for a plan to show that is not a
// change of an attribute.
func (c SecretChanges) NeedPlan() bool {
	return c.Sends() || slices.ContainsFunc(c, func(n namedChange) bool { return n.change.Removed })
}

// Of returns what happens to one of the secrets.
func (c SecretChanges) Of(s Secret) SecretChange {
	for _, n := range c {
		if n.secret == s {
			return n.change
		}
	}
	return SecretChange{}
}

// Value returns what is sent for a secret; nil for nothing.
func (c SecretChanges) Value(s Secret) *secret.String { return c.Of(s).Value }

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
func (c SecretChanges) Remember(ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, private PrivateStateWriter) diag.Diagnostics {
	diags := private.SetKey(ctx, announcedKey, nil)
	diags.Append(unconfirmed.Clear(ctx, private)...)
	for _, n := range c {
		diags.Append(n.secret.Remember(ctx, config, plan, n.change, private)...)
	}
	return diags
}

// Forget is for an update that failed and may have been carried out nevertheless:
// of the secrets that were sent, state and private state no longer claim anything,
// so that the next plan sends what is configured by then, the former value
// included.
func (c SecretChanges) Forget(ctx context.Context, err error, state *tfsdk.State, private PrivateStateWriter) diag.Diagnostics {
	diags := private.SetKey(ctx, announcedKey, nil)
	if !httpclient.MayBeDone(err) {
		return diags
	}
	for _, n := range c {
		if n.change.Value == nil {
			continue
		}
		diags.Append(private.SetKey(ctx, n.secret.hashKey(), nil)...)
		if prior := n.secret.formsIn(state.Raw); prior.isSet() {
			diags.Append(state.SetAttribute(ctx, n.secret.plain(), types.StringNull())...)
			diags.Append(state.SetAttribute(ctx, n.secret.version(), types.Int64Null())...)
		}
	}
	return diags
}

// RemovedWarning tells that the server keeps a secret that the plan has not.
func (s Secret) RemovedWarning(object string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(s.plain(), fmt.Sprintf("The server keeps the %s of %s", s, object),
		fmt.Sprintf("The plan has neither %s nor %s_wo: they were removed from the configuration, or ignore_changes covers them. Removing a credential would break the connection, so nothing is sent: the last value stays in use.", s, s))
}
