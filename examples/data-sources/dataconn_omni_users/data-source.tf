terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# Who has the value that routes to production.
data "dataconn_omni_users" "production" {
  attribute_name  = "environment"
  attribute_value = "prod"
  active          = true
}

output "on_production" {
  value = data.dataconn_omni_users.production.users[*].email
}

# The value is for one group only.
check "production_is_for_analysts" {
  assert {
    condition     = alltrue([for user in data.dataconn_omni_users.production.users : contains(user.groups, "Analysts")])
    error_message = "Somebody outside the group Analysts has the value prod."
  }
}
