# Fails a plan when users of production would work on another database. It makes
# and changes nothing: run it on a schedule, and before and after every change.

terraform {
  required_version = ">= 1.11"

  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# Address and key come from OMNI_BASE_URL and OMNI_API_TOKEN.
provider "dataconn" {}

variable "base_connection" {
  description = "Name of the base connection, on which the dashboards are built."
  type        = string
  default     = "Analytics"
}

variable "routes" {
  description = "Which connection each value of the user attribute has to lead to, by name."
  type        = map(string)
  default = {
    prod    = "Analytics (production)"
    dev     = "Analytics"
    unheard = "Analytics" # whatever is not listed
  }
}

variable "without_value" {
  description = "Which connection a user without a value has to work on, by name."
  type        = string
  default     = "Analytics"
}

data "dataconn_omni_connection" "this" {
  for_each = toset(concat([var.base_connection, var.without_value], values(var.routes)))

  name = each.value
}

locals {
  ids   = { for name, connection in data.dataconn_omni_connection.this : name => connection.id }
  names = { for name, id in local.ids : id => name }
}

data "dataconn_omni_environment_route" "value" {
  for_each = var.routes

  base_connection_id = local.ids[var.base_connection]
  value              = each.key

  lifecycle {
    postcondition {
      condition     = self.connection_id == local.ids[each.value]
      error_message = "Users with the value ${each.key} have to work on ${each.value}, and do not. ${self.explanation}"
    }
  }
}

data "dataconn_omni_environment_route" "none" {
  base_connection_id = local.ids[var.base_connection]

  lifecycle {
    postcondition {
      condition     = self.connection_id == local.ids[var.without_value]
      error_message = "Users without a value have to work on ${var.without_value}, and do not. ${self.explanation}"
    }
  }
}

# A check only warns: for what is worth knowing, and no reason to stop.
check "values_are_listed" {
  data "dataconn_omni_connection_environments" "all" {
    base_connection_id = local.ids[var.base_connection]
  }

  assert {
    condition = alltrue([
      for value in flatten(data.dataconn_omni_connection_environments.all.environments[*].user_attribute_values) :
      contains(keys(var.routes), value)
    ])
    error_message = "Some values lead to an environment and are not in var.routes."
  }
}

output "routes" {
  description = "Connection and reason by value."
  value = {
    for value, route in data.dataconn_omni_environment_route.value :
    value => { connection = local.names[route.connection_id], reason = route.reason }
  }
}
