# The base connection: dashboards are built on it, and whoever is routed nowhere
# else uses it.
resource "dataconn_omni_connection" "base" {
  name     = var.name
  dialect  = var.dialect
  host     = var.base.host
  port     = coalesce(var.base.port, var.port)
  database = coalesce(var.base.database, var.database)
  username = coalesce(var.base.username, var.username)

  password_wo         = var.passwords["base"]
  password_wo_version = var.base.password_version

  include_schemas     = var.include_schemas
  deletion_protection = var.deletion_protection
}

# One connection for each environment.
resource "dataconn_omni_connection" "environment" {
  for_each = var.environments

  name     = coalesce(each.value.name, "${var.name} (${each.key})")
  dialect  = var.dialect
  host     = each.value.host
  port     = coalesce(each.value.port, var.port)
  database = coalesce(each.value.database, var.database)
  username = coalesce(each.value.username, var.username)

  password_wo         = var.passwords[each.key]
  password_wo_version = each.value.password_version

  include_schemas     = var.include_schemas
  deletion_protection = var.deletion_protection
}

# Which values of the user attribute lead to it.
resource "dataconn_omni_connection_environment" "environment" {
  for_each = var.environments

  base_connection_id    = dataconn_omni_connection.base.id
  connection_id         = dataconn_omni_connection.environment[each.key].id
  user_attribute_values = coalesce(each.value.values, [each.key])
}

# What Omni knows of the base's tables, and when it looks at them again.
resource "dataconn_omni_schema_model" "base" {
  connection_id = dataconn_omni_connection.base.id
}

resource "dataconn_omni_connection_schedule" "base" {
  count = var.schema_refresh == null ? 0 : 1

  connection_id = dataconn_omni_schema_model.base.connection_id
  schedule      = var.schema_refresh.schedule
  timezone      = var.schema_refresh.timezone
}

# The user attribute that decides.
resource "dataconn_omni_environment_user_attribute" "this" {
  connection_id  = dataconn_omni_connection.base.id
  attribute_name = var.attribute_name
  default_values = var.base.values
}
