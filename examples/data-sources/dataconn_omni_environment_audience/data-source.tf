terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

variable "base_connection_id" {
  description = "The connection that dashboards are built on."
  type        = string
}

variable "production_connection_id" {
  description = "The connection of its production environment."
  type        = string
}

data "dataconn_omni_environment_audience" "analytics" {
  base_connection_id = var.base_connection_id
}

output "who_works_on_production" {
  value = try(data.dataconn_omni_environment_audience.analytics.connections[var.production_connection_id].user_emails, [])
}

# Nobody outside the group works on production, and everybody in it does.
check "production_is_for_analysts" {
  assert {
    condition = alltrue([
      for user in data.dataconn_omni_environment_audience.analytics.users :
      contains(user.groups, "Analysts") == (user.connection_id == var.production_connection_id)
    ])
    error_message = "Those who work on production are not those in the group Analysts."
  }
}
