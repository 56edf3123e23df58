terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

variable "database_password" {
  type      = string
  ephemeral = true
  sensitive = true
}

locals {
  hosts = {
    base = "dev.db.example.com"
    prod = "prod.db.example.com"
  }
}

resource "dataconn_omni_connection" "analytics" {
  for_each = local.hosts

  name                = "Analytics (${each.key})"
  dialect             = "postgres"
  host                = each.value
  port                = 5432
  database            = "analytics"
  username            = "omni"
  password_wo         = var.database_password
  password_wo_version = 1
}

# Users whose attribute has the value "prod" work on the production database
# when they open what is built on the base connection.
resource "dataconn_omni_connection_environment" "prod" {
  base_connection_id    = dataconn_omni_connection.analytics["base"].id
  connection_id         = dataconn_omni_connection.analytics["prod"].id
  user_attribute_values = ["prod"]
}

# The attribute that the values belong to.
resource "dataconn_omni_environment_user_attribute" "environment" {
  connection_id  = dataconn_omni_connection.analytics["base"].id
  attribute_name = "environment"
  default_values = ["dev"]
}
