terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

variable "config_name" {
  description = "Exact name of the connection, case included."
  type        = string
  default     = "ledger"
}

# By name. By id works too: id = "01938f5e-8b5a-7c3d-9e2f-1a2b3c4d5e6f".
data "dataconn_reporter_connection" "ledger" {
  config_name = var.config_name
}

output "database_host" {
  value = data.dataconn_reporter_connection.ledger.host
}
