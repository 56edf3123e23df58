list "dataconn_omni_connection_dbt" "analytics" {
  provider = dataconn

  config {
    connection_id = "550e8400-e29b-41d4-a716-446655440000"
  }
}
