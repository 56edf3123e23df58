# Two Omni instances, and two products in Reporter, in one configuration.

terraform {
  required_version = ">= 1.11"

  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

variable "omni_tokens" {
  description = "API keys by instance."
  type        = map(string)
  ephemeral   = true
  sensitive   = true
}

variable "reporter_token" {
  type      = string
  ephemeral = true
  sensitive = true
}

variable "database_password" {
  type      = string
  ephemeral = true
  sensitive = true
}

# The default instance, and everything of Reporter.
provider "dataconn" {
  omni = {
    base_url  = "https://acme.omniapp.co"
    api_token = var.omni_tokens["europe"]
  }
  reporter = {
    base_url     = "https://reporter.example.com"
    product_name = "ledger"
    token        = var.reporter_token
  }
}

# The other instance has its own key, and its own rate limit.
provider "dataconn" {
  alias = "america"

  omni = {
    base_url  = "https://acme-us.omniapp.co"
    api_token = var.omni_tokens["america"]
  }
}

resource "dataconn_omni_connection" "europe" {
  name                = "Analytics"
  dialect             = "postgres"
  host                = "eu.db.example.com"
  port                = 5432
  database            = "analytics"
  username            = "omni"
  password_wo         = var.database_password
  password_wo_version = 1
}

resource "dataconn_omni_connection" "america" {
  provider = dataconn.america

  name                = "Analytics"
  dialect             = "postgres"
  host                = "us.db.example.com"
  port                = 5432
  database            = "analytics"
  username            = "omni"
  password_wo         = var.database_password
  password_wo_version = 1
}

# Products need no alias: a resource may name its own.
resource "dataconn_reporter_connection" "ledger" {
  config_name         = "ledger"
  type                = "POSTGRESQL"
  host                = "ledger.db.example.com"
  port                = 5432
  database_name       = "ledger"
  user_name           = "reporter"
  password_wo         = var.database_password
  password_wo_version = 1
}

resource "dataconn_reporter_connection" "payments" {
  product_name        = "payments"
  config_name         = "payments"
  type                = "POSTGRESQL"
  host                = "payments.db.example.com"
  port                = 5432
  database_name       = "payments"
  user_name           = "reporter"
  password_wo         = var.database_password
  password_wo_version = 1
}
