terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# The PostgreSQL connections of one product that finance owns.
data "dataconn_reporter_connections" "finance" {
  product_name = "my-product"
  type         = "POSTGRESQL"
  metadata     = { owner = "finance" }

  # Saves requests: nothing older is looked for.
  created_after = "2026-01-01"
}

output "connection_hosts" {
  value = { for c in data.dataconn_reporter_connections.finance.connections : c.config_name => c.host }
}
