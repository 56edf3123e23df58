terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# All PostgreSQL and Redshift connections whose name contains "analytics".
data "dataconn_omni_connections" "analytics" {
  name     = "analytics"
  dialects = ["postgres", "redshift"]
}

output "connection_hosts" {
  description = "Host by connection id; names need not be unique."
  value       = { for c in data.dataconn_omni_connections.analytics.connections : c.id => c.host }
}
