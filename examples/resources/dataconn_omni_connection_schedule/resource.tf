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

# Omni does not make it by itself, and schedules need it.
resource "dataconn_omni_schema_model" "analytics" {
  connection_id = dataconn_omni_connection.analytics.id
}

# On weekdays at 6:30.
resource "dataconn_omni_connection_schedule" "weekdays" {
  connection_id = dataconn_omni_schema_model.analytics.connection_id
  schedule      = "30 6 ? * MON-FRI *"
  timezone      = "Europe/Berlin"
}

# On the first of each month at 2:00, and so that what was dropped goes too.
resource "dataconn_omni_connection_schedule" "monthly" {
  connection_id = dataconn_omni_schema_model.analytics.connection_id
  schedule      = "0 2 1 * ? *"
  timezone      = "Europe/Berlin"
  hard_refresh  = true
}
