# Omni keeps what it knows of a database's tables in a schema model, which it does
# not make by itself. Schedules need one, and so do models that people build.
resource "dataconn_omni_schema_model" "base" {
  connection_id = dataconn_omni_connection.base.id
}

# New tables and columns become visible every night.
resource "dataconn_omni_connection_schedule" "nightly" {
  connection_id = dataconn_omni_schema_model.base.connection_id
  schedule      = "0 2 * * ? *"
  timezone      = "UTC"
}
