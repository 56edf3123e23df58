// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

// Metadata are texts here, and any JSON at the service: what other clients store
// as numbers, booleans or objects is shown as JSON, and keeps its type.

// changedMetadata sends all of it, as the service replaces it whole; removing it
// sends an empty one.
func changedMetadata(plan, prior types.Map) nullable.Value[reporter.Metadata] {
	if plan.IsUnknown() || plan.Equal(prior) || len(plan.Elements()) == 0 && len(prior.Elements()) == 0 {
		return nullable.Value[reporter.Metadata]{}
	}
	metadata := reporter.Metadata{}
	for key, value := range plan.Elements() {
		if text, ok := value.(types.String); ok {
			metadata[key] = text.ValueString()
		}
	}
	return nullable.Of(metadata)
}

// inDoubt marks, in the private state, that a change of the metadata whose answer was
// lost may have been carried out. The state has none then, as it has where there are
// to be none, so that alone it does not tell a plan to remove what there may be.
const inDoubt framework.Mark = "metadata_in_doubt"

// noteDoubt notes it after a change that failed.
func noteDoubt(ctx context.Context, cause error, plan, state model, private framework.PrivateStateWriter) diag.Diagnostics {
	if !httpclient.MayBeDone(cause) || plan.Metadata.Equal(state.Metadata) {
		return nil
	}
	return inDoubt.Set(ctx, private)
}

// clears reports whether metadata may be there although neither plan nor state has
// any, so that an empty one has to be sent.
func (m model) clears(ctx context.Context, private framework.PrivateStateReader) (bool, diag.Diagnostics) {
	isInDoubt, diags := inDoubt.IsSet(ctx, private)
	return isInDoubt && m.Metadata.IsNull(), diags
}

// typedKey is where the private state keeps, by key, the metadata that is no text:
// the state shows it as text, and a plan has to know of what type it is.
const typedKey = "typed_metadata"

// noteTypes keeps the types of a connection's metadata for the next plan.
func noteTypes(ctx context.Context, c *reporter.Connection, private framework.PrivateStateWriter) diag.Diagnostics {
	typed := maps.Clone(c.Metadata.Or(nil))
	maps.DeleteFunc(typed, func(_ string, value any) bool { _, isText := value.(string); return isText })
	if len(typed) == 0 {
		return private.SetKey(ctx, typedKey, nil)
	}
	encoded, err := json.Marshal(typed)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot save the types of metadata", err.Error())}
	}
	return private.SetKey(ctx, typedKey, encoded)
}

// checkTypes refuses, at plan, a change of metadata to another type.
func checkTypes(ctx context.Context, plan, state model, private framework.PrivateStateReader) diag.Diagnostics {
	encoded, diags := private.GetKey(ctx, typedKey)
	typed, _ := decode(encoded) // where nothing was noted, or is damaged, the apply asks the service
	current, _ := typed.(map[string]any)
	planned := changedMetadata(plan.Metadata, state.Metadata).Or(nil)
	maps.DeleteFunc(planned, func(key string, _ any) bool { return plan.Metadata.Elements()[key].IsUnknown() })
	return append(diags, takeTypes(planned, current, state.object())...)
}

// keepTypes turns the texts of a change into the types that the service's values
// have. It asks for them, because they may have changed since the plan.
func (r *connectionResource) keepTypes(ctx context.Context, state model, change *reporter.ConnectionSettings) diag.Diagnostics {
	planned := change.Metadata.Or(nil)
	if len(planned) == 0 || len(state.Metadata.Elements()) == 0 {
		return nil
	}
	connection, err := r.Reporter.Client.GetConnection(ctx, state.ID.ValueString())
	if err != nil {
		attempt := framework.Attempt{Action: "read the metadata of", Object: state.object(), Needs: base.NeedsGet}
		return diag.Diagnostics{attempt.AttributeError(path.Root("metadata"), err)}
	}
	return takeTypes(planned, connection.Metadata.Or(nil), state.object())
}

// takeTypes gives planned texts the types of the current values, and refuses those
// that are none of theirs.
func takeTypes(planned, current reporter.Metadata, object string) diag.Diagnostics {
	var diags diag.Diagnostics
	for key, text := range planned {
		have, exists := current[key]
		if !exists {
			continue
		}
		value, err := inTypeOf(asText(text), have)
		if err != nil {
			diags.AddAttributeError(path.Root("metadata").AtMapKey(key), "The type of a metadata value would change",
				fmt.Sprintf("Key %q of %s holds %s, which another client stored, and %s. Nothing was changed. Give a value of that type, or remove the key, apply, and add it again as text.", key, object, typeOf(have), err))
		}
		planned[key] = value
	}
	return diags
}

// inTypeOf returns a text as a value of the same type as another.
func inTypeOf(text string, other any) (any, error) {
	if _, isText := other.(string); isText {
		return text, nil
	}
	value, err := decode([]byte(text))
	if err != nil || reflect.TypeOf(value) != reflect.TypeOf(other) {
		return nil, fmt.Errorf("%q is not one", text)
	}
	return value, nil
}

// decode reads one JSON value, and keeps numbers as they are written.
func decode(text []byte) (any, error) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, errors.New("more than one value")
	}
	return value, nil
}

func typeOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}

func readMetadata(got nullable.Value[reporter.Metadata], prior types.Map) types.Map {
	metadata, _ := got.Get()
	if len(metadata) == 0 {
		if framework.IsSet(prior) && len(prior.Elements()) == 0 {
			return prior
		}
		return types.MapNull(types.StringType)
	}
	elements := make(map[string]attr.Value, len(metadata))
	for key, value := range metadata {
		elements[key] = types.StringValue(asText(value))
	}
	return types.MapValueMust(types.StringType, elements)
}

// asText shows what is no text, which only others than this provider store, as
// JSON.
func asText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}
