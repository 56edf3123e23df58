terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

variable "base_connection_id" {
  description = "Id of the base connection."
  type        = string
  default     = "550e8400-e29b-41d4-a716-446655440000"
}

# One that was made in Omni's user interface. If it is not there, the plan fails.
data "dataconn_omni_user_attribute" "environment" {
  name = "environment"
}

resource "dataconn_omni_environment_user_attribute" "environment" {
  connection_id  = var.base_connection_id
  attribute_name = data.dataconn_omni_user_attribute.environment.name
  default_values = ["dev"]
}
