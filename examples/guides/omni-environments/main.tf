# Omni's guide to dev and prod connection environments, as code.
#
# A user whose attribute "environment" is "prod" is routed to the production
# database; everyone else stays on development.

terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# Address and key come from OMNI_BASE_URL and OMNI_API_TOKEN.
provider "dataconn" {}

variable "database_password" {
  description = "Password of the database user omni, the same in both databases."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "password_version" {
  description = "Raise it to send the password again after a rotation."
  type        = number
  default     = 1
}

# Demonstrations destroy what they make. Leave it at true for real.
variable "deletion_protection" {
  description = "Whether the connections are protected against deletion."
  type        = bool
  default     = true
}

# Step 1: the base connection. Dashboards are built on it, and whoever is routed
# nowhere else uses it.
resource "dataconn_omni_connection" "base" {
  name     = "Analytics"
  dialect  = "postgres"
  host     = "dev.db.example.com"
  port     = 5432
  database = "analytics"
  username = "omni"

  password_wo         = var.database_password
  password_wo_version = var.password_version

  query_timeout_seconds = 300
  include_schemas       = ["public", "sales"]
  deletion_protection   = var.deletion_protection
}

# Step 2: the connection of the other environment. Only the database differs.
resource "dataconn_omni_connection" "prod" {
  name     = "Analytics (production)"
  dialect  = "postgres"
  host     = "prod.db.example.com"
  port     = 5432
  database = "analytics"
  username = "omni"

  password_wo         = var.database_password
  password_wo_version = var.password_version

  query_timeout_seconds = 300
  include_schemas       = ["public", "sales"]
  deletion_protection   = var.deletion_protection
}

# Steps 3 and 5: production is an environment of the base, for these values.
resource "dataconn_omni_connection_environment" "prod" {
  base_connection_id    = dataconn_omni_connection.base.id
  connection_id         = dataconn_omni_connection.prod.id
  user_attribute_values = ["prod"]
}

# Step 4: the user attribute that decides.
resource "dataconn_omni_environment_user_attribute" "environment" {
  connection_id  = dataconn_omni_connection.base.id
  attribute_name = "environment"
  default_values = ["dev"]
}

output "base_connection_id" {
  description = "The connection that dashboards are built on."
  value       = dataconn_omni_connection.base.id
}

output "production_connection_id" {
  description = "The connection that users with environment = prod are routed to."
  value       = dataconn_omni_connection.prod.id
}
