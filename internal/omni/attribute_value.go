// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// AttributeValue is what a user has of an attribute, or has by default: one value,
// or a list where the attribute has several. Numbers are text here, as the
// environments that they lead to have them.
type AttributeValue struct {
	Values   []string
	Multiple bool
	// Numeric sends numbers as such, as SCIM has them, but those that a JSON number
	// would round: the server keeps what comes as text.
	Numeric bool
}

// MarshalJSON encodes one value, or an array.
func (v AttributeValue) MarshalJSON() ([]byte, error) {
	encoded := make([]any, len(v.Values))
	for i, value := range v.Values {
		encoded[i] = value
		if v.Numeric && survivesRounding(value) {
			encoded[i] = json.Number(value)
		}
	}
	if v.Multiple {
		return json.Marshal(encoded)
	}
	if len(encoded) != 1 {
		return nil, fmt.Errorf("an attribute of one value cannot have %d", len(encoded))
	}
	return json.Marshal(encoded[0])
}

// survivesRounding reports whether a number comes back from 64 bits of floating
// point as it is written. The server reads integers above 2^53-1 as others.
func survivesRounding(text string) bool {
	number, err := strconv.ParseFloat(text, 64)
	return err == nil && json.Valid([]byte(text)) && strconv.FormatFloat(number, 'f', -1, 64) == text
}

// UnmarshalJSON accepts a text, a number, a boolean, or an array of them. An empty
// text is no value. A comma is part of a value.
func (v *AttributeValue) UnmarshalJSON(data []byte) error {
	elements, isArray, err := elementsOf(data)
	if err != nil {
		return err
	}
	values := []string{}
	for _, element := range elements {
		switch element := element.(type) {
		case string:
			if element != "" {
				values = append(values, element)
			}
		case json.Number:
			values = append(values, element.String())
		case bool:
			values = append(values, strconv.FormatBool(element))
		default:
			return fmt.Errorf("expected a text, a number or a list of them as value of a user attribute, got %T", element)
		}
	}
	*v = AttributeValue{Values: values, Multiple: isArray}
	return nil
}

// hasSame reports whether another value has the same elements, in whatever order.
func (v AttributeValue) hasSame(other AttributeValue) bool {
	return slices.Equal(slices.Sorted(slices.Values(v.Values)), slices.Sorted(slices.Values(other.Values)))
}
