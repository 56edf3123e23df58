terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

data "dataconn_omni_connection" "analytics" {
  name = "Analytics"
}

data "dataconn_omni_connection_environments" "analytics" {
  base_connection_id = data.dataconn_omni_connection.analytics.id
}

output "values" {
  description = "Values of the user attribute that lead to each connection."
  value = {
    for e in data.dataconn_omni_connection_environments.analytics.environments :
    e.connection_id => e.user_attribute_values
  }
}
