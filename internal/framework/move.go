// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// MoveSource is the state of a resource of another provider, from which a moved
// block takes an object over. Such states hold secrets in plain text, so values
// are reached by name only, and no message of this file repeats one.
type MoveSource struct {
	kind   string // "restapi_object of registry.terraform.io/mastercard/restapi"
	values map[string]json.RawMessage
}

// MoveFrom moves resources of a type of any provider of this name, whoever
// publishes it. Other sources are passed over, which makes the framework say
// that they cannot be moved. An error of move says why this one cannot.
func MoveFrom(providerName, typeName string, move func(ctx context.Context, source MoveSource, resp *resource.MoveStateResponse) error) resource.StateMover {
	return resource.StateMover{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if req.SourceTypeName != typeName || !strings.HasSuffix(req.SourceProviderAddress, "/"+providerName) {
			return
		}
		source := MoveSource{kind: typeName + " of " + req.SourceProviderAddress}
		err := json.Unmarshal(req.SourceRawState.JSON, &source.values)
		if err == nil {
			err = move(ctx, source, resp)
		} else {
			err = errors.New("its state is not a JSON object; run terraform plan once with the former configuration, which updates it")
		}
		if err != nil {
			resp.Diagnostics.AddError("Cannot move a "+source.kind,
				fmt.Sprintf("%s.\n\nNothing was changed. Without a moved block, an import block takes the object over, and a removed block makes the other provider forget it.", UpperFirst(err.Error())))
		}
	}}
}

// ID returns the id of the object, a UUID, in the server's spelling.
func (s MoveSource) ID() (string, error) {
	for _, name := range []string{"id", "object_id"} {
		if id := s.text(name); id != "" {
			return ParseID(id)
		}
	}
	return "", errors.New("its state has no id, so it is not known which object it is")
}

// Carry makes the target's state of values of the source: names maps attributes
// of the target to those of the source. What is missing there, or of a type that
// does not fit, is null, and so is all that is secret; the next read fills it in.
func (s MoveSource) Carry(ctx context.Context, resp *resource.MoveStateResponse, names map[string]string) error {
	attributes := resp.TargetState.Schema.GetAttributes()
	values := make(map[string]tftypes.Value, len(attributes))
	for name, attribute := range attributes {
		typ := attribute.GetType().TerraformType(ctx)
		values[name] = tftypes.NewValue(typ, nil)
		if from, ok := names[name]; ok && !attribute.IsSensitive() && !attribute.IsWriteOnly() {
			values[name] = s.value(from, typ)
		}
	}
	object := resp.TargetState.Schema.Type().TerraformType(ctx)
	if err := tftypes.ValidateValue(object, values); err != nil {
		return fmt.Errorf("its values do not fit, which is a bug in the provider; please report it: %w", err)
	}
	resp.TargetState.Raw = tftypes.NewValue(object, values)
	return nil
}

// value converts: providers differ in whether a number or a list is text.
func (s MoveSource) value(name string, typ tftypes.Type) tftypes.Value {
	set, isSet := typ.(tftypes.Set)
	switch {
	case typ.Is(tftypes.String):
		if text := s.text(name); text != "" {
			return tftypes.NewValue(typ, text)
		}
	case typ.Is(tftypes.Number):
		if number, err := strconv.ParseInt(s.digits(name), 10, 64); err == nil {
			return tftypes.NewValue(typ, number)
		}
	case typ.Is(tftypes.Bool):
		var flag *bool
		if json.Unmarshal(s.values[name], &flag) == nil && flag != nil {
			return tftypes.NewValue(typ, *flag)
		}
	case isSet && set.ElementType.Is(tftypes.String):
		if texts := s.texts(name); len(texts) > 0 {
			elements := make([]tftypes.Value, len(texts))
			for i, text := range texts {
				elements[i] = tftypes.NewValue(tftypes.String, text)
			}
			return tftypes.NewValue(typ, elements)
		}
	}
	return tftypes.NewValue(typ, nil)
}

func (s MoveSource) text(name string) string {
	var text string
	if json.Unmarshal(s.values[name], &text) != nil {
		return ""
	}
	return text
}

func (s MoveSource) digits(name string) string {
	var number json.Number // takes digits in a string too
	if json.Unmarshal(s.values[name], &number) != nil {
		return ""
	}
	return number.String()
}

// texts reads a list, or comma-separated text.
func (s MoveSource) texts(name string) []string {
	var texts []string
	if json.Unmarshal(s.values[name], &texts) != nil {
		texts = nil
		for part := range strings.SplitSeq(s.text(name), ",") {
			if part = strings.TrimSpace(part); part != "" {
				texts = append(texts, part)
			}
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// RESTObject reads the state of Mastercard's restapi_object: the id, and the
// JSON texts that describe the object, the server's last answer first. Their
// reader has to pick what it knows: the text that was sent holds the secrets.
// It is an error if the object's path is that of none of the collections. The
// path may have more in front, or less, where the provider's base URL has it.
func (s MoveSource) RESTObject(collections ...string) (id string, bodies [][]byte, err error) {
	path, _, _ := strings.Cut(s.text("path"), "?")
	path = strings.TrimSuffix(strings.Trim(path, "/"), "/{id}")
	have := strings.Split(path, "/")
	isOf := func(collection string) bool {
		want := strings.Split(strings.Trim(collection, "/"), "/")
		return endsWith(have, want) || endsWith(want, have)
	}
	if !slices.ContainsFunc(collections, isOf) {
		return "", nil, fmt.Errorf("its path %q is not that of the connections, which is %s", "/"+path, collections[0])
	}
	if id, err = s.ID(); err != nil {
		return "", nil, err
	}
	for _, name := range []string{"api_response", "data"} {
		if text := s.text(name); text != "" {
			bodies = append(bodies, []byte(text))
		}
	}
	return id, bodies, nil
}

func endsWith(path, end []string) bool {
	return len(path) >= len(end) && slices.Equal(path[len(path)-len(end):], end)
}

// MarkMoved notes, after a move, that the next read is that of an import, and
// which attributes have no value yet although the object may have one.
func MarkMoved(ctx context.Context, private PrivateStateWriter, unread []string) diag.Diagnostics {
	diags := MarkImported(ctx, private)
	diags.Append(setUnread(ctx, private, unread)...)
	return diags
}
