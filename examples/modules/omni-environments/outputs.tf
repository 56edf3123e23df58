output "base_connection_id" {
  description = "The connection that dashboards are built on."
  value       = dataconn_omni_connection.base.id
}

output "connection_ids" {
  description = "The connections of the other environments, by environment."
  value       = { for name, connection in dataconn_omni_connection.environment : name => connection.id }
}

output "routes" {
  description = "The environment that each value of the user attribute leads to. Every other value leads to base."
  value = tomap(merge(
    { for value in dataconn_omni_environment_user_attribute.this.default_values : value => "base" },
    merge([
      for name, environment in dataconn_omni_connection_environment.environment :
      { for value in environment.user_attribute_values : value => name }
    ]...),
  ))
}
