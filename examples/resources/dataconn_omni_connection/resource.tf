terraform {
  required_providers {
    dataconn = {
      source = "dataconn/dataconn"
    }
  }
}

# Secrets have no defaults: they come from outside, here from the environment
# variable TF_VAR_database_password, or from an ephemeral resource.
variable "database_password" {
  type      = string
  ephemeral = true
  sensitive = true
}

# PostgreSQL. The password is write-only: it is in neither plan nor state, and is
# sent again when its version changes.
resource "dataconn_omni_connection" "analytics" {
  name     = "Analytics"
  dialect  = "postgres"
  host     = "db.example.com"
  port     = 5432
  database = "analytics"
  username = "omni"

  password_wo         = var.database_password
  password_wo_version = 1

  base_role             = "QUERIER"
  include_schemas       = ["public", "sales_*"]
  query_timeout_seconds = 300
  query_timezone        = "Europe/Berlin"
}

variable "service_account_key" {
  description = "The service account's JSON key file, as text."
  type        = string
  ephemeral   = true
  sensitive   = true
}

# BigQuery with a service account: the whole key file is the password, the
# project the database.
resource "dataconn_omni_connection" "bigquery" {
  name     = "Events"
  dialect  = "bigquery"
  database = "my-project"
  region   = "europe-west1"

  password_wo         = var.service_account_key
  password_wo_version = 1

  default_schema    = "events"
  max_billing_bytes = 100000000000
}

variable "snowflake_account" {
  description = "Account identifier, without .snowflakecomputing.com. Not set: no Snowflake connection."
  type        = string
  default     = null
}

variable "snowflake_private_key" {
  description = "Private key in PKCS#8 PEM, unencrypted: file(\"rsa_key.p8\") from where you keep it."
  type        = string
  ephemeral   = true
  sensitive   = true
  default     = null
}

# Snowflake with a key pair: no password.
resource "dataconn_omni_connection" "snowflake" {
  count = var.snowflake_account == null ? 0 : 1

  name                = "Warehouse"
  dialect             = "snowflake"
  authentication_type = "snowflake-keypair"
  host                = var.snowflake_account
  database            = "ANALYTICS"
  warehouse           = "OMNI_WH"
  username            = "OMNI"

  private_key_wo         = var.snowflake_private_key
  private_key_wo_version = 1
}
