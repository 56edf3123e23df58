// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import "encoding/json"

// DecodeDBTEnvironments decodes one page of a list; none where it is no page.
func DecodeDBTEnvironments(data []byte) []DBTEnvironment {
	page := recordPage{mayBeBare: true}
	if json.Unmarshal(data, &page) != nil || page.Validate() != nil {
		return nil
	}
	return decodeDBTEnvironments(*page.Records)
}
