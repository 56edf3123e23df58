terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# Users have a value of it, given in Omni or by SCIM. Those without one have the
# default. The lifecycle keeps terraform destroy from removing all their values.
resource "dataconn_omni_user_attribute" "environment" {
  name           = "environment"
  label          = "Environment"
  description    = "Which database the user's dashboards read."
  default_values = ["dev"]

  lifecycle {
    prevent_destroy = true
  }
}

resource "dataconn_omni_user_attribute" "regions" {
  name            = "regions"
  label           = "Regions"
  multiple_values = true
  default_values  = ["emea", "apac"]
}

resource "dataconn_omni_user_attribute" "spending_limit" {
  name           = "spending_limit"
  label          = "Spending limit"
  type           = "Number"
  default_values = ["1000"]
}
