# One database for two systems: dashboards in Omni and reports in Lerian Reporter.

terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# Addresses and tokens come from OMNI_BASE_URL and OMNI_API_TOKEN, and from
# REPORTER_BASE_URL and REPORTER_TOKEN.
provider "dataconn" {
  reporter = {
    product_name = "ledger"
  }
}

variable "database_password" {
  description = "Password of the database user analytics."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "password_version" {
  description = "Raise it to send the password again, to both systems."
  type        = number
  default     = 1
}

variable "deletion_protection" {
  description = "Whether the connection in Omni is protected against deletion."
  type        = bool
  default     = true
}

# What describes the database is written once, here.
locals {
  database = {
    host = "ledger.db.example.com"
    port = 5432
    name = "ledger"
    user = "analytics"
  }
}

resource "dataconn_omni_connection" "ledger" {
  name     = "Ledger"
  dialect  = "postgres"
  host     = local.database.host
  port     = local.database.port
  database = local.database.name
  username = local.database.user

  password_wo         = var.database_password
  password_wo_version = var.password_version
  deletion_protection = var.deletion_protection
}

resource "dataconn_reporter_connection" "ledger" {
  config_name   = "ledger"
  type          = "POSTGRESQL"
  host          = local.database.host
  port          = local.database.port
  database_name = local.database.name
  user_name     = local.database.user

  password_wo         = var.database_password
  password_wo_version = var.password_version

  metadata = {
    omni_connection_id = dataconn_omni_connection.ledger.id
  }
}

output "omni_connection_id" {
  value = dataconn_omni_connection.ledger.id
}

output "reporter_connection_id" {
  value = dataconn_reporter_connection.ledger.id
}
