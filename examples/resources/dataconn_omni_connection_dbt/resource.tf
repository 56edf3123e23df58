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

resource "dataconn_omni_connection" "analytics" {
  name                = "Analytics"
  dialect             = "postgres"
  host                = "db.example.com"
  port                = 5432
  database            = "analytics"
  username            = "omni"
  password_wo         = var.database_password
  password_wo_version = 1
}

variable "repository_token" {
  type      = string
  ephemeral = true
  sensitive = true
}

# By SSH: Omni makes a deploy key and shows it on the connection's dbt page. The
# Git host has to have it.
resource "dataconn_omni_connection_dbt" "analytics" {
  connection_id          = dataconn_omni_connection.analytics.id
  ssh_url                = "git@github.com:example/analytics-dbt.git"
  branch                 = "main"
  project_root_path      = "transform/dbt"
  dbt_version            = "Auto"
  autogen_relationships  = true
  enable_virtual_schemas = false
}

resource "dataconn_omni_connection" "sales" {
  name                = "Sales"
  dialect             = "postgres"
  host                = "db.example.com"
  port                = 5432
  database            = "sales"
  username            = "omni"
  password_wo         = var.database_password
  password_wo_version = 1
}

# By https, with a token. Needs an Omni server of August 2026 or later.
resource "dataconn_omni_connection_dbt" "sales" {
  connection_id          = dataconn_omni_connection.sales.id
  ssh_url                = "https://github.com/example/sales-dbt"
  auth_method            = "https_token"
  token_wo               = var.repository_token
  token_wo_version       = 1
  branch                 = "main"
  autogen_relationships  = true
  enable_virtual_schemas = true
  enable_semantic_layer  = true
}
