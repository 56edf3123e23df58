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

# By hand: terraform apply -invoke=action.dataconn_omni_schema_refresh.analytics
action "dataconn_omni_schema_refresh" "analytics" {
  config {
    connection_id = dataconn_omni_connection.analytics.id
  }
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
  include_schemas     = ["sales", "support"]
}

# What is refreshed. For a new connection this also starts the first refresh.
resource "dataconn_omni_schema_model" "analytics" {
  connection_id     = dataconn_omni_connection.analytics.id
  refresh_on_create = true
}

# After each change of what Omni shows. (The connection's own lifecycle cannot
# trigger an action that refers to the connection.)
resource "terraform_data" "analytics_schemas" {
  input = dataconn_omni_connection.analytics.include_schemas

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.dataconn_omni_schema_refresh.analytics]
    }
  }
}
