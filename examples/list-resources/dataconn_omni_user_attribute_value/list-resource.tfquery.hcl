list "dataconn_omni_user_attribute_value" "environment" {
  provider = dataconn

  config {
    attribute_name = "environment"
  }
}
