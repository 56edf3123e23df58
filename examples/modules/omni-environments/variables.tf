variable "name" {
  description = "Name of the base connection; the others are called after it."
  type        = string
}

variable "attribute_name" {
  description = "User attribute that picks the environment. It has to exist in Omni."
  type        = string
  default     = "environment"
}

variable "dialect" {
  description = "Dialect of all the databases."
  type        = string
  default     = "postgres"
}

variable "port" {
  description = "Port of the databases that name none."
  type        = number
  default     = 5432
}

variable "database" {
  description = "Database of the connections that name none."
  type        = string
}

variable "username" {
  description = "Database user of the connections that name none."
  type        = string
  default     = "omni"
}

variable "include_schemas" {
  description = "Schemas that Omni reads, in every environment. Not set: all of them."
  type        = set(string)
  default     = null
}

variable "base" {
  description = "The base connection, and the values of the attribute that mean it."
  type = object({
    host             = string
    port             = optional(number)
    database         = optional(string)
    username         = optional(string)
    values           = optional(set(string), [])
    password_version = optional(number, 1)
  })
}

variable "environments" {
  description = "The other environments by name, and the values that lead to them. No values: the name is the value."
  type = map(object({
    host             = string
    port             = optional(number)
    database         = optional(string)
    username         = optional(string)
    name             = optional(string)
    values           = optional(set(string))
    password_version = optional(number, 1)
  }))
  default = {}

  validation {
    condition     = !contains(keys(var.environments), "base")
    error_message = "No environment can be called base: that is the name of the base connection's password."
  }

  validation {
    condition = length(flatten([for name, e in var.environments : tolist(coalesce(e.values, [name]))])) == length(
      toset(flatten([for name, e in var.environments : tolist(coalesce(e.values, [name]))]))
    )
    error_message = "A value leads to one environment only."
  }
}

variable "passwords" {
  description = "Passwords by environment, that of the base connection under base. Raise an environment's password_version to send a new one."
  type        = map(string)
  ephemeral   = true
  sensitive   = true
}

variable "schema_refresh" {
  description = "When Omni reads the schema of the base's database again, as dataconn_omni_connection_schedule has it. null: never by itself."
  type = object({
    schedule = optional(string, "0 2 * * ? *")
    timezone = optional(string, "UTC")
  })
  default = {}
}

variable "deletion_protection" {
  description = "Whether the connections are protected against deletion."
  type        = bool
  default     = true
}
