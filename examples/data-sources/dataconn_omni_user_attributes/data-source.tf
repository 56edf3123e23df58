terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# All that the organization made itself.
data "dataconn_omni_user_attributes" "own" {
  system = false
}

output "defaults" {
  description = "Default values by name."
  value       = { for a in data.dataconn_omni_user_attributes.own.user_attributes : a.name => a.default_values }
}
