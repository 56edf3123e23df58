import {
  to = dataconn_omni_schema_model.analytics
  identity = {
    connection_id = "550e8400-e29b-41d4-a716-446655440000"
  }
}
