import {
  to = dataconn_omni_dbt_environment.staging
  identity = {
    connection_id = "550e8400-e29b-41d4-a716-446655440000"
    id            = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
  }
}
