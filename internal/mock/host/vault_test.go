// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package host

import (
	"net/http"
	"testing"
)

func TestVault(t *testing.T) {
	t.Parallel()
	h := New(func(http.ResponseWriter, *http.Request) {}, 0)
	keeps := func(id, field, want string) {
		t.Helper()
		if got, ok := h.Secret(id, field); got != want || ok != (want != "") {
			t.Errorf("%s of %s: %q, %v", field, id, got, ok)
		}
	}
	keeps("a", "password", "")
	h.Vault.Remove("a", "password")
	h.Vault.Store("a", map[string]string{"password": "one", "token": "two"})
	h.Vault.Store("a", map[string]string{"password": "three"})
	h.Vault.Store("b", map[string]string{"password": "four"})
	keeps("a", "password", "three")
	keeps("a", "token", "two")

	all := h.Vault.All()
	if len(all) != 2 || all["a"]["token"] != "two" {
		t.Errorf("all: %v", all)
	}
	all["a"]["token"] = "changed"
	keeps("a", "token", "two")

	h.Vault.Remove("a", "password")
	keeps("a", "password", "")
	h.Vault.Erase("a")
	keeps("a", "token", "")
	keeps("b", "password", "four")
}

func TestVaultReceived(t *testing.T) {
	t.Parallel()
	h := New(func(http.ResponseWriter, *http.Request) {}, 0)
	if h.ReceivedSecret("one") {
		t.Error("received before it was sent")
	}
	h.Vault.Receive("one")
	h.Vault.Receive("", "two")
	for value, want := range map[string]bool{"one": true, "two": true, "": false, "three": false} {
		if h.ReceivedSecret(value) != want {
			t.Errorf("received %q: %v", value, !want)
		}
	}
	h.Vault.Erase("one")
	if !h.ReceivedSecret("one") {
		t.Error("what was received is forgotten")
	}
}
