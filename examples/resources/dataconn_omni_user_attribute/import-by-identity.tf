import {
  to = dataconn_omni_user_attribute.environment
  identity = {
    id = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
  }
}
