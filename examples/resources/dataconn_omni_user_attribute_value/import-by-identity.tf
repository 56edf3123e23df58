import {
  to = dataconn_omni_user_attribute_value.ada
  identity = {
    user_id        = "550e8400-e29b-41d4-a716-446655440000"
    attribute_name = "environment"
  }
}
