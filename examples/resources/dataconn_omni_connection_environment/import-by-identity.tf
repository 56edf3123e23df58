import {
  to = dataconn_omni_connection_environment.prod
  identity = {
    id                 = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    base_connection_id = "550e8400-e29b-41d4-a716-446655440000"
    connection_id      = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
  }
}
