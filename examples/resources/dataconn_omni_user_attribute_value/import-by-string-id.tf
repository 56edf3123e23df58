import {
  to = dataconn_omni_user_attribute_value.ada
  id = "ada@example.com/environment"
}
