terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

data "dataconn_omni_connection" "base" {
  name = "Analytics"
}

data "dataconn_omni_connection" "production" {
  name = "Analytics (production)"
}

# Where does a user with environment = prod work? The plan fails if that is not
# production.
data "dataconn_omni_environment_route" "prod" {
  base_connection_id = data.dataconn_omni_connection.base.id
  value              = "prod"

  lifecycle {
    postcondition {
      condition     = self.connection_id == data.dataconn_omni_connection.production.id
      error_message = "Production users work elsewhere: ${self.explanation}"
    }
  }
}
