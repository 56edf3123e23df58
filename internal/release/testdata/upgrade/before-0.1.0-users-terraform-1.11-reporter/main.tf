# What the fixtures of TestUpgrade are recorded from, for Reporter: connections
# minimal and full, with every way to give a secret. The names of the secrets say
# it: they are of no use anywhere.

resource "dataconn_reporter_connection" "minimal" {
  config_name   = "minimal"
  type          = "POSTGRESQL"
  host          = "minimal.db.example.com"
  port          = 5432
  database_name = "ledger"
  user_name     = "reporter"
  password      = "fixture-plain"
}

resource "dataconn_reporter_connection" "full" {
  product_name  = "Ledger"
  config_name   = "full_DB-1"
  type          = "POSTGRESQL"
  host          = "Full.db.example.com"
  port          = 5432
  database_name = "ledger"
  user_name     = "reporter"
  schema        = "reporting"

  password_wo         = "fixture-write-only-with-a-version"
  password_wo_version = 3

  ssl = {
    mode   = "require"
    ca     = "fixture: CA"
    cert   = "fixture: certificate"
    key_wo = "fixture: write-only, hashed"
  }

  metadata = {
    owner = "finance"
    stage = "prod"
    # upgrade: since = "0.2.0"
  }

  test_connection = true
}

resource "dataconn_reporter_connection" "hashed" {
  config_name   = "hashed"
  type          = "MONGODB"
  host          = "10.0.0.1"
  port          = 27017
  database_name = "customers"
  user_name     = "reporter"
  password_wo   = "fixture-write-only-hashed"

  ssl = {
    mode           = "true"
    ca             = "fixture: CA"
    key_wo         = "fixture: write-only, with a version"
    key_wo_version = 1
  }

  timeouts = {
    create = "5m"
  }
}
