import {
  to = dataconn_omni_user_attribute_value.environment["ada@example.com"]
  id = "ada@example.com/environment"
}
