# terraform test, or tofu test. The runs only plan: they read, and make nothing.

run "production_is_production" {
  command = plan

  assert {
    condition     = output.routes["prod"] == { connection = "Analytics (production)", reason = "matched_value" }
    error_message = "Users with the value prod: ${data.dataconn_omni_environment_route.value["prod"].explanation}"
  }
}

run "everybody_else_is_on_the_base" {
  command = plan

  assert {
    condition     = data.dataconn_omni_environment_route.none.reason == "no_value"
    error_message = "Users without a value: ${data.dataconn_omni_environment_route.none.explanation}"
  }

  assert {
    condition     = output.routes["unheard"].reason == "no_match"
    error_message = "A value that nobody has leads somewhere."
  }
}
