// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func TestSnapshot(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	id := c.create(with(postgres("one"), object{
		"schema": "s", "metadata": object{"n": 5.0}, "ssl": object{"mode": "require", "ca": "CA", "key": "KEY"},
	}))
	c.create(postgres("two"))
	encoded, err := json.Marshal(c.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var snapshot reportermock.Snapshot
	if err := json.Unmarshal(encoded, &snapshot); err != nil {
		t.Fatal(err)
	}
	restored := newClient(t, reportermock.Options{})
	restored.Restore(snapshot)
	if got, want := restored.Connections(), c.Connections(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := restored.must("GET", "/"+id, nil); !reflect.DeepEqual(got, c.must("GET", "/"+id, nil)) {
		t.Errorf("%v", got)
	}
	if key, _ := restored.Secret(id, "ssl.key"); key != "KEY" {
		t.Errorf("key %q", key)
	}
	restored.refused("POST", "", postgres("two"), 409, "FET-1002")
}
