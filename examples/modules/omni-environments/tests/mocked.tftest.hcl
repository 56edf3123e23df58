# Needs neither an Omni server nor an API key: terraform test
mock_provider "dataconn" {}

variables {
  name         = "sales"
  database     = "sales"
  base         = { host = "dev.example.com", values = ["dev"] }
  environments = { prod = { host = "prod.example.com" }, staging = { host = "staging.example.com" } }
  passwords    = { base = "a", prod = "b", staging = "c" }
}

run "apply" {
  command = apply

  assert {
    condition     = output.routes == tomap({ dev = "base", prod = "prod", staging = "staging" })
    error_message = "Each value has to lead to its environment."
  }
}
