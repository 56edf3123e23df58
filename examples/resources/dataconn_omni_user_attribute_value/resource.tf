terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# One user, and one value.
resource "dataconn_omni_user_attribute_value" "ada" {
  user_email     = "ada@example.com"
  attribute_name = "region"
  value          = "eu"
}

# Who works on production: everybody else is on the base connection.
locals {
  production = ["ada@example.com", "grace@example.com"]
}

resource "dataconn_omni_user_attribute_value" "environment" {
  for_each = { for email in local.production : email => email }

  user_email     = each.value
  attribute_name = "environment"
  value          = "prod"
}
