terraform {
  required_version = ">= 1.11"

  required_providers {
    dataconn = {
      source  = "dataconn/dataconn"
      version = "~> 0.1"
    }
  }
}

variable "omni_api_token" {
  description = "API key of the Omni organization. Not set: OMNI_API_TOKEN is read."
  type        = string
  ephemeral   = true
  sensitive   = true
  default     = null
}

provider "dataconn" {
  omni = {
    base_url  = "https://acme.omniapp.co"
    api_token = var.omni_api_token
  }
}
