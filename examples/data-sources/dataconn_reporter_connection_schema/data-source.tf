terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

variable "connection_id" {
  description = "Id of the connection."
  type        = string
  default     = "01938f5e-8b5a-7c3d-9e2f-1a2b3c4d5e6f"
}

data "dataconn_reporter_connection_schema" "ledger" {
  connection_id = var.connection_id
}

output "fields_by_table" {
  value = { for t in data.dataconn_reporter_connection_schema.ledger.tables : t.name => t.fields }
}
