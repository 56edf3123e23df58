# Takes over connections that were made in Omni's user interface. They are found
# by name; nothing is made, replaced or interrupted.

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
