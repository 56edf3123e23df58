// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// audienceConfig reads who works where, after the values that there are resources for.
const audienceConfig = `
variable "values" {
  type    = map(string)
  default = {}
}

resource "dataconn_omni_user_attribute_value" "environment" {
  for_each = var.values

  user_email     = each.key
  attribute_name = "environment"
  value          = each.value
}

data "dataconn_omni_environment_audience" "analytics" {
  base_connection_id = dataconn_omni_connection.base.id
  depends_on         = [dataconn_omni_user_attribute_value.environment]
}

output "audience" {
  value = [for user in data.dataconn_omni_environment_audience.analytics.users : {
    email      = user.email
    connection = user.connection_id == dataconn_omni_connection.prod.id ? "production" : "the base connection"
    reason     = user.reason
  }]
}
`

// audience shows who works where as a table, gives one user another value, and shows
// it again. What it added is taken back at the end.
func (p *omniPart) audience(ctx context.Context, r *report) error {
	for email, value := range map[string]string{"ada@example.com": "prod", "bob@example.com": "dev", "eve@example.com": ""} {
		u := omnimock.User{UserName: email}
		if value != "" {
			u.Attributes = map[string]any{"environment": value}
		}
		p.server.AddUser(u)
	}
	file := filepath.Join(p.tf.dir, "audience.tf")
	if err := os.WriteFile(file, []byte(audienceConfig), 0o600); err != nil {
		return err
	}
	const production, base = "production", "the base connection"
	if err := p.showAudience(ctx, r, map[string]string{"ada@example.com": production, "bob@example.com": base, "eve@example.com": base}); err != nil {
		return err
	}
	p.tf.variables["values"] = `{"eve@example.com":"prod"}`
	if err := p.showAudience(ctx, r, map[string]string{"ada@example.com": production, "bob@example.com": base, "eve@example.com": production}); err != nil {
		return err
	}
	delete(p.tf.variables, "values")
	if err := os.Remove(file); err != nil {
		return err
	}
	_, err := p.tf.must(ctx, r, 0, "apply", "-auto-approve")
	eve, _ := p.server.User("eve@example.com")
	expectEqual(r, len(eve.Attributes), 0, "without the resource, eve has no value again")
	return err
}

// showAudience applies, and prints who works where.
func (p *omniPart) showAudience(ctx context.Context, r *report, want map[string]string) error {
	if _, err := p.tf.must(ctx, r, 0, "apply", "-auto-approve"); err != nil {
		return err
	}
	done, err := p.tf.must(ctx, r, 0, "output", "-json", "audience")
	if err != nil {
		return err
	}
	var users []struct{ Email, Connection, Reason string }
	if err := json.Unmarshal([]byte(done.Output), &users); err != nil {
		return err
	}
	r.note("%-17s %-20s %s", "user", "works on", "because")
	right := len(users) == len(want)
	for _, u := range users {
		r.note("%-17s %-20s %s", u.Email, u.Connection, u.Reason)
		right = right && want[u.Email] == u.Connection
	}
	r.expect(right, "everybody works where the values say")
	return nil
}
