terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

variable "connection_name" {
  description = "Exact name of the connection, case included."
  type        = string
  default     = "Analytics"
}

# By name. By id works too: id = "550e8400-e29b-41d4-a716-446655440000".
data "dataconn_omni_connection" "analytics" {
  name = var.connection_name
}

output "database_host" {
  value = data.dataconn_omni_connection.analytics.host
}
