# Who works on production: kept as code, checked, and shown before it changes.

terraform {
  required_version = ">= 1.11"

  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# Address and key come from OMNI_BASE_URL and OMNI_API_TOKEN. The key is one of the
# organization: users are read by SCIM, which takes no other.
provider "dataconn" {}

variable "base_connection" {
  description = "Name of the base connection, on which the dashboards are built."
  type        = string
  default     = "Analytics"
}

variable "production_connection" {
  description = "Name of the connection of its production environment."
  type        = string
  default     = "Analytics (production)"
}

variable "group" {
  description = "Those in this group work on production, and nobody else."
  type        = string
  default     = "Analysts"
}

# The values of users, by e-mail address.
variable "environment" {
  description = "Value of the user attribute environment, by user."
  type        = map(string)
  default = {
    "ada@example.com" = "prod"
    "eve@example.com" = "dev"
  }
}

data "dataconn_omni_connection" "base" {
  name = var.base_connection
}

data "dataconn_omni_connection" "production" {
  name = var.production_connection
}

resource "dataconn_omni_user_attribute_value" "environment" {
  for_each = var.environment

  user_email     = each.key
  attribute_name = "environment"
  value          = each.value
}

# Where everybody works with these values, and who moves for them.
data "dataconn_omni_environment_audience" "this" {
  base_connection_id = data.dataconn_omni_connection.base.id
  user_values        = { for email, value in var.environment : email => [value] }
}

locals {
  names = {
    (data.dataconn_omni_connection.base.id)       = var.base_connection
    (data.dataconn_omni_connection.production.id) = var.production_connection
  }
  users = data.dataconn_omni_environment_audience.this.users
}

output "audience" {
  description = "Who works where."
  value       = { for user in local.users : user.email => try(local.names[user.connection_id], "not certain") }
}

# The plan that changes a value shows whom it moves.
output "moves" {
  description = "Who works elsewhere after this apply."
  value = [
    for move in data.dataconn_omni_environment_audience.this.moves :
    "${move.email}: from ${try(local.names[move.from_connection_id], "?")} to ${try(local.names[move.to_connection_id], "?")}"
  ]
}

check "nobody_else_works_on_production" {
  assert {
    condition = alltrue([
      for user in local.users : contains(user.groups, var.group)
      if user.connection_id == data.dataconn_omni_connection.production.id
    ])
    error_message = "Somebody outside the group ${var.group} works on ${var.production_connection}."
  }
}

check "the_group_works_on_production" {
  assert {
    condition = alltrue([
      for user in local.users : user.connection_id == data.dataconn_omni_connection.production.id
      if contains(user.groups, var.group)
    ])
    error_message = "Somebody in the group ${var.group} does not work on ${var.production_connection}."
  }
}
