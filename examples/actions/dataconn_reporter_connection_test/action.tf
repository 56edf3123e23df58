terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

variable "database_password" {
  type      = string
  ephemeral = true
  sensitive = true
}

# By hand: terraform apply -invoke=action.dataconn_reporter_connection_test.sales
action "dataconn_reporter_connection_test" "sales" {
  config {
    connection_id = dataconn_reporter_connection.sales.id
  }
}

resource "dataconn_reporter_connection" "sales" {
  product_name        = "sales"
  config_name         = "sales"
  type                = "POSTGRESQL"
  host                = "db.example.com"
  port                = 5432
  database_name       = "sales"
  user_name           = "reporter"
  password_wo         = var.database_password
  password_wo_version = 1
}

# After the connection was made, and after each change of its address: the apply
# fails if the service cannot open the database. (The connection's own lifecycle
# cannot trigger an action that refers to the connection.)
resource "terraform_data" "sales_address" {
  input = {
    host     = dataconn_reporter_connection.sales.host
    port     = dataconn_reporter_connection.sales.port
    password = dataconn_reporter_connection.sales.password_wo_version
  }

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.dataconn_reporter_connection_test.sales]
    }
  }
}
