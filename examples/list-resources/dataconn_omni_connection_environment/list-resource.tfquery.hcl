list "dataconn_omni_connection_environment" "analytics" {
  provider = dataconn

  config {
    base_connection_id = "550e8400-e29b-41d4-a716-446655440000"
  }
}
