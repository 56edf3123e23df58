// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// A create takes over what is there just as configured. If another resource has it all
// along, a plan that destroys one of the two is refused: it would end it for the other.
func TestObjectOfTwoResourcesIsNotDestroyed(t *testing.T) {
	t.Parallel()
	for typeName, configure := range map[string]func(s *omnimock.Server, base string) map[string]any{
		"dataconn_omni_connection_environment": func(s *omnimock.Server, base string) map[string]any {
			other := s.AddConnection(map[string]any{"name": "other", "dialect": "postgres"})
			return map[string]any{"base_connection_id": base, "connection_id": other, "user_attribute_values": []string{"prod"}}
		},
		"dataconn_omni_connection_dbt": func(_ *omnimock.Server, base string) map[string]any {
			return map[string]any{"connection_id": base, "ssh_url": "git@github.com:org/repo.git", "branch": "main", "autogen_relationships": true, "enable_virtual_schemas": false}
		},
		"dataconn_omni_user_attribute": func(*omnimock.Server, string) map[string]any {
			return map[string]any{"name": "tenant", "label": "Tenant"}
		},
		"dataconn_omni_user_attribute_value": func(s *omnimock.Server, _ string) map[string]any {
			s.AddUser(omnimock.User{UserName: "ada@example.com"})
			s.AddUserAttribute(omnimock.UserAttribute{Name: "tenant"})
			return map[string]any{"user_email": "ada@example.com", "attribute_name": "tenant", "value": "one"}
		},
	} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			s := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
			p := protocol.New(t, protocol.Options())
			p.Configure(protocol.OmniConfig(s)).RequireNone(t)
			config := configure(s, s.AddConnection(map[string]any{"name": "base", "dialect": "postgres"}))
			var all []*protocol.Resource
			for range 3 {
				r := p.Resource(typeName)
				r.Apply(config).RequireOK(t)
				all = append(all, r)
				p.Restart()
			}
			for i, kept := range all {
				ended := all[(i+1)%3]
				kept.Plan(config).RequireOK(t)
				kept.PlanDestroy().RequireOK(t) // of the same resource, as terraform destroy plans it
				p.Restart()
				kept.Plan(config).RequireOK(t)
				ended.PlanDestroy().RequireError(t, "Two resources have the same object", "terraform state rm")
				p.Restart()
				ended.PlanDestroy().RequireOK(t)
				kept.Plan(config).RequireError(t, "Two resources have the same object", "terraform state rm")
				p.Restart()
				kept.PlanDestroy().RequireOK(t) // nobody keeps it
				ended.PlanDestroy().RequireOK(t)
				p.Restart()
			}
		})
	}
}
