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

resource "dataconn_omni_connection" "base" {
  name                = "Analytics"
  dialect             = "postgres"
  host                = "dev.db.example.com"
  port                = 5432
  database            = "analytics"
  username            = "omni"
  password_wo         = var.database_password
  password_wo_version = 1
}

# The value of each user's attribute "environment" picks the connection
# environment. The base connection itself serves "dev".
resource "dataconn_omni_environment_user_attribute" "environment" {
  connection_id  = dataconn_omni_connection.base.id
  attribute_name = "environment"
  default_values = ["dev"]
}
