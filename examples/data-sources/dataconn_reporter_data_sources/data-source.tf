terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

data "dataconn_reporter_data_sources" "all" {}

output "data_source_types" {
  value = { for s in data.dataconn_reporter_data_sources.all.data_sources : s.id => s.type }
}
