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

# Registers the model, and has Omni read the database's schema once.
resource "dataconn_omni_schema_model" "analytics" {
  connection_id     = dataconn_omni_connection.analytics.id
  refresh_on_create = true
}

# Schedules need the model: the reference makes them wait for it.
resource "dataconn_omni_connection_schedule" "nightly" {
  connection_id = dataconn_omni_schema_model.analytics.connection_id
  schedule      = "0 2 * * ? *"
  timezone      = "Europe/Berlin"
}
