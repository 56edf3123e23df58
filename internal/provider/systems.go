// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	omnibase "github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
	reporterbase "github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

var (
	_ omnibase.Provider         = (*systems)(nil)
	_ reporterbase.Provider     = (*systems)(nil)
	_ framework.HashingProvider = (*systems)(nil)
)

// systems are handed to the entities, each of which knows one of the two.
type systems struct {
	omni     func() (*inventory.Inventory, diag.Diagnostics)
	reporter func() (*reporterbase.Reporter, diag.Diagnostics)
	hashing  *framework.Hashing
}

// Omni implements the Provider of Omni's entities.
func (s *systems) Omni() (*inventory.Inventory, diag.Diagnostics) { return s.omni() }

// Reporter implements the Provider of Reporter's entities.
func (s *systems) Reporter() (*reporterbase.Reporter, diag.Diagnostics) { return s.reporter() }

// Hashing implements [framework.HashingProvider].
func (s *systems) Hashing() *framework.Hashing { return s.hashing }

func unusable[T any](why *framework.NotConfiguredError) func() (*T, diag.Diagnostics) {
	return func() (*T, diag.Diagnostics) { return nil, framework.Unusable(why) }
}

// usable opens a system for its first user, who gets the warnings too: others need
// not know of its environment variables.
func usable[T any](warnings diag.Diagnostics, open func() (*T, error)) func() (*T, diag.Diagnostics) {
	opened := sync.OnceValues(open)
	var warn sync.Once
	return func() (access *T, diags diag.Diagnostics) {
		access, err := opened()
		if err != nil {
			return nil, framework.Unusable(err)
		}
		warn.Do(func() { diags = warnings })
		return access, diags
	}
}
