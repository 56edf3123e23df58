list "dataconn_omni_schema_model" "all" {
  provider = dataconn
}
