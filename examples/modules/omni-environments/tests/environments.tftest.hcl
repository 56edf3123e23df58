# terraform test, or tofu test. The runs make real connections, and destroy them
# at the end: point OMNI_BASE_URL at an instance for tests, or at the one that
# `go run ./internal/cmd/mockserver` serves.

variables {
  name                = "Module test"
  database            = "analytics"
  include_schemas     = ["public"]
  deletion_protection = false # the runs end with a destroy

  base = {
    host   = "dev.db.example.com"
    values = ["dev"]
  }
  environments = {
    prod    = { host = "prod.db.example.com" }
    staging = { host = "staging.db.example.com", values = ["staging", "qa"], username = "omni_staging" }
  }
  passwords = {
    base    = "a password of the test"
    prod    = "another"
    staging = "a third"
  }
}

run "makes_every_environment" {
  assert {
    condition     = output.routes == tomap({ dev = "base", prod = "prod", staging = "staging", qa = "staging" })
    error_message = "The values lead elsewhere."
  }

  assert {
    condition     = length(distinct(concat(values(output.connection_ids), [output.base_connection_id]))) == 3
    error_message = "Each environment has a connection of its own."
  }

  assert {
    condition     = dataconn_omni_connection.environment["prod"].name == "Module test (prod)"
    error_message = "A connection is called after the base and the environment."
  }

  assert {
    condition     = dataconn_omni_connection_schedule.base[0].schedule == "0 2 * * ? *"
    error_message = "The new base has no schedule."
  }

  assert {
    condition     = dataconn_omni_connection.environment["staging"].username == "omni_staging" && dataconn_omni_connection.base.username == "omni"
    error_message = "An environment's own setting comes before the common one."
  }
}

run "adds_one_and_moves_a_value" {
  variables {
    environments = {
      prod     = { host = "prod.db.example.com" }
      staging  = { host = "staging.db.example.com", values = ["staging"], username = "omni_staging" }
      training = { host = "training.db.example.com", values = ["training", "qa"] }
    }
    passwords = {
      base     = "a password of the test"
      prod     = "another"
      staging  = "a third"
      training = "a fourth"
    }
  }

  assert {
    condition     = output.routes["qa"] == "training"
    error_message = "The value did not move."
  }
}

run "refuses_a_value_twice" {
  command = plan

  variables {
    environments = {
      prod    = { host = "prod.db.example.com", values = ["live"] }
      staging = { host = "staging.db.example.com", values = ["live"] }
    }
  }

  expect_failures = [var.environments]
}
