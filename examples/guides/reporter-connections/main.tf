# The database connections of one product in Lerian Reporter, as code.

terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# Address and token come from REPORTER_BASE_URL and REPORTER_TOKEN.
provider "dataconn" {
  reporter = {
    product_name = "ledger"
  }
}

variable "database_password" {
  description = "Password of the database user reporter, the same in all databases."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "password_version" {
  description = "Raise it to send the password again after a rotation."
  type        = number
  default     = 1
}

variable "database_ca" {
  description = "Certificate of the authority that signed the databases' certificates (PEM), which the service requires. Not set: no ssl."
  type        = string
  default     = null
}

locals {
  databases = {
    ledger-transactions = {
      type     = "POSTGRESQL"
      host     = "transactions.db.example.com"
      port     = 5432
      name     = "transactions"
      schema   = "reporting"
      ssl_mode = "require" # verify-full where a public authority signed the certificate
    }
    ledger-customers = {
      type     = "MONGODB"
      host     = "customers.db.example.com"
      port     = 27017
      name     = "customers"
      schema   = null
      ssl_mode = "insecure" # the modes depend on the type
    }
  }
}

resource "dataconn_reporter_connection" "ledger" {
  for_each = local.databases

  config_name   = each.key
  type          = each.value.type
  host          = each.value.host
  port          = each.value.port
  database_name = each.value.name
  schema        = each.value.schema
  user_name     = "reporter"

  password_wo         = var.database_password
  password_wo_version = var.password_version

  ssl = var.database_ca == null ? null : {
    mode = each.value.ssl_mode
    ca   = var.database_ca
  }

  metadata = {
    owner = "finance"
  }

  # Warns if the service cannot open the database; the connection is kept.
  test_connection = true
}

# What the product has, also what is not managed here. Reporter lists a month at a
# time: without created_after each plan asks for every month since April 2025, which
# the rate limit stretches to some 9 s (in November 2026).
data "dataconn_reporter_connections" "product" {
  product_name  = "ledger"
  created_after = "2026-01-01"

  depends_on = [dataconn_reporter_connection.ledger]
}

output "connection_ids" {
  description = "Id by name."
  value       = { for name, c in dataconn_reporter_connection.ledger : name => c.id }
}

output "not_managed_here" {
  description = "Connections of the product that somebody else made."
  value       = [for c in data.dataconn_reporter_connections.product.connections : c.config_name if !contains(keys(local.databases), c.config_name)]
}
