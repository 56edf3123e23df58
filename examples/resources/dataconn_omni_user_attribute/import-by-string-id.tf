import {
  to = dataconn_omni_user_attribute.environment
  id = "environment"
}
