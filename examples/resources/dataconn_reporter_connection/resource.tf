terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# The password has no default: it comes from outside, here from the environment
# variable TF_VAR_database_password, or from an ephemeral resource.
variable "database_password" {
  type      = string
  ephemeral = true
  sensitive = true
}

variable "database_ca" {
  description = "Certificate of the authority that signed the database's (PEM), which the service requires. Not set: no ssl."
  type        = string
  default     = null
}

resource "dataconn_reporter_connection" "ledger" {
  product_name  = "my-product"
  config_name   = "ledger"
  type          = "POSTGRESQL"
  host          = "ledger.db.example.com"
  port          = 5432
  database_name = "ledger"
  user_name     = "reporter"
  schema        = "reporting"

  password_wo         = var.database_password
  password_wo_version = 1

  ssl = var.database_ca == null ? null : {
    mode = "require" # verify-full where a public authority signed it
    ca   = var.database_ca
  }

  metadata = {
    owner = "finance"
  }
}
