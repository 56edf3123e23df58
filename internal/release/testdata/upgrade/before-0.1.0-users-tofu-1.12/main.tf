# What the fixtures of TestUpgrade are recorded from: every resource, minimal and
# full, with every way to give a secret. The names of the secrets say it: they
# are of no use anywhere.

resource "dataconn_omni_connection" "minimal" {
  name     = "Minimal"
  dialect  = "postgres"
  host     = "minimal.db.example.com"
  port     = 5432
  database = "analytics"
  username = "omni"
  password = "fixture: plain"
}

resource "dataconn_omni_connection" "base" {
  name     = "Analytics"
  dialect  = "postgres"
  host     = "dev.db.example.com"
  port     = 5432
  database = "analytics"
  username = "omni"

  password_wo         = "fixture: write-only, with a version"
  password_wo_version = 3

  base_role             = "QUERIER"
  include_schemas       = ["public", "sales"]
  query_timeout_seconds = 300
  query_timezone        = "Europe/Berlin"
  # upgrade: default_schema = "sales"
  deletion_protection = false
}

resource "dataconn_omni_connection" "prod" {
  name     = "Analytics (production)"
  dialect  = "postgres"
  host     = "prod.db.example.com"
  port     = 5432
  database = "analytics"
  username = "omni"

  password_wo = "fixture: write-only, hashed"
}

resource "dataconn_omni_connection" "bigquery" {
  name     = "Events"
  dialect  = "bigquery"
  database = "my-project"
  region   = "europe-west1"

  password_wo         = "{\"type\": \"service_account\", \"client_email\": \"omni@my-project.iam.gserviceaccount.com\", \"private_key\": \"fixture\"}"
  password_wo_version = 1

  default_schema    = "events"
  max_billing_bytes = 100000000000
}

resource "dataconn_omni_connection_environment" "prod" {
  base_connection_id    = dataconn_omni_connection.base.id
  connection_id         = dataconn_omni_connection.prod.id
  user_attribute_values = ["prod", "live"]
}

resource "dataconn_omni_environment_user_attribute" "environment" {
  connection_id  = dataconn_omni_connection.base.id
  attribute_name = "environment"
  default_values = ["dev"]
}

resource "dataconn_omni_user_attribute" "environment" {
  name           = "tenant"
  label          = "Tenant"
  type           = "String"
  default_values = ["none"]
}

resource "dataconn_omni_user_attribute_value" "ada" {
  user_email     = "Ada@example.com"
  attribute_name = dataconn_omni_user_attribute.environment.name
  value          = "acme"
}

resource "dataconn_omni_schema_model" "base" {
  connection_id     = dataconn_omni_connection.base.id
  refresh_on_create = true
}

resource "dataconn_omni_connection_schedule" "nightly" {
  connection_id = dataconn_omni_schema_model.base.connection_id
  schedule      = "0 2 * * ? *"
  timezone      = "Europe/Berlin"
  hard_refresh  = true
}

resource "dataconn_omni_connection_dbt" "base" {
  connection_id          = dataconn_omni_connection.base.id
  ssh_url                = "https://git.example.com/analytics/dbt.git"
  auth_method            = "https_token"
  branch                 = "main"
  autogen_relationships  = true
  enable_virtual_schemas = false

  token_wo = "fixture-write-only-hashed"
}

resource "dataconn_omni_dbt_environment" "staging" {
  connection_id = dataconn_omni_connection_dbt.base.connection_id
  name          = "staging"
  target_schema = "staging"

  variables = {
    PLAIN     = { value = "plain" }
    SECRET    = { secret_wo = "fixture: write-only, hashed" }
    VERSIONED = { secret_wo = "fixture: write-only, with a version", secret_wo_version = 2 }
  }
}
