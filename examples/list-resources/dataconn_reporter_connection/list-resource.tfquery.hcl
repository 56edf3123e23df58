list "dataconn_reporter_connection" "recent" {
  provider = dataconn
  limit    = 500

  config {
    product_name  = "my-product"
    created_after = "2026-01-01"
  }
}
