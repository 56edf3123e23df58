# terraform query
# terraform query -generate-config-out=generated.tf

list "dataconn_omni_connection" "postgres" {
  provider = dataconn

  config {
    dialects = ["postgres", "redshift"]
    name     = "analytics"
  }
}
