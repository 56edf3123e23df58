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

resource "dataconn_omni_connection_dbt" "analytics" {
  connection_id          = dataconn_omni_connection.analytics.id
  ssh_url                = "git@github.com:example/analytics-dbt.git"
  branch                 = "main"
  autogen_relationships  = true
  enable_virtual_schemas = false
}

# By hand: terraform apply -invoke=action.dataconn_omni_dbt_rotate_keys.analytics
# Then copy the new public key from Omni to the Git host.
action "dataconn_omni_dbt_rotate_keys" "analytics" {
  config {
    connection_id = dataconn_omni_connection_dbt.analytics.connection_id
  }
}
