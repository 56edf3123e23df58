list "dataconn_omni_environment_user_attribute" "environment" {
  provider = dataconn

  config {
    attribute_name = "environment"
  }
}
