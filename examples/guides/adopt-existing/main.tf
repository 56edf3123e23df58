# Takes over what was made in Omni's user interface: connections, which are found
# by name, their environments, and the user attribute that picks one. Nothing is
# made, replaced or interrupted.

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

# What is to be managed from now on. The name is that in Omni.
locals {
  connections = {
    base = { name = "Analytics", host = "dev.db.example.com" }
    prod = { name = "Analytics (production)", host = "prod.db.example.com" }
  }

  # Environments of base, and the values that lead to them.
  environments = {
    prod = ["prod"]
  }
}

variable "database_password" {
  description = "Password of the database user omni: Omni does not return the one it has."
  type        = string
  ephemeral   = true
  sensitive   = true
}

data "dataconn_omni_connections" "all" {
  dialects = ["postgres"]
}

locals {
  # Names need not be unique in Omni: one() fails for two of the same name.
  ids = { for c in data.dataconn_omni_connections.all.connections : c.name => c.id... }
}

import {
  for_each = local.connections
  to       = dataconn_omni_connection.this[each.key]
  id       = one(local.ids[each.value.name])
}

resource "dataconn_omni_connection" "this" {
  for_each = local.connections

  name     = each.value.name
  dialect  = "postgres"
  host     = each.value.host
  port     = 5432
  database = "analytics"
  username = "omni"

  password_wo         = var.database_password
  password_wo_version = 1
}

# The environments are found by their connections. A server that does not list
# them makes this an error: see the guide for what to write instead.
data "dataconn_omni_connection_environments" "all" {
  base_connection_id = one(local.ids[local.connections.base.name])
}

locals {
  associations = { for e in data.dataconn_omni_connection_environments.all.environments : e.connection_id => e.id }
}

import {
  for_each = local.environments
  to       = dataconn_omni_connection_environment.this[each.key]
  id       = local.associations[one(local.ids[local.connections[each.key].name])]
}

resource "dataconn_omni_connection_environment" "this" {
  for_each = local.environments

  base_connection_id    = dataconn_omni_connection.this["base"].id
  connection_id         = dataconn_omni_connection.this[each.key].id
  user_attribute_values = each.value
}

import {
  to = dataconn_omni_environment_user_attribute.this
  id = one(local.ids[local.connections.base.name])
}

resource "dataconn_omni_environment_user_attribute" "this" {
  connection_id  = dataconn_omni_connection.this["base"].id
  attribute_name = "environment"
  default_values = ["dev"]
}
