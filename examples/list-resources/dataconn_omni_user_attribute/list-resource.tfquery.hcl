list "dataconn_omni_user_attribute" "all" {
  provider = dataconn
}
