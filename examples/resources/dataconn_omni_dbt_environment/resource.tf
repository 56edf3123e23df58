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

variable "service_token" {
  type      = string
  ephemeral = true
  sensitive = true
}

resource "dataconn_omni_connection_dbt" "analytics" {
  connection_id          = dataconn_omni_connection.analytics.id
  ssh_url                = "git@github.com:example/analytics-dbt.git"
  branch                 = "main"
  autogen_relationships  = true
  enable_virtual_schemas = false
}

# Refer to the dbt configuration's connection_id, so that the repository is
# linked before the environment is made.
resource "dataconn_omni_dbt_environment" "staging" {
  connection_id   = dataconn_omni_connection_dbt.analytics.connection_id
  name            = "staging"
  target_schema   = "dbt_staging"
  target_database = "analytics_staging"

  variables = {
    DBT_THREADS = { value = "8" }
    SERVICE_TOKEN = {
      secret_wo         = var.service_token
      secret_wo_version = 1
    }
  }
}
