# By the id, or by the name.
terraform import dataconn_omni_user_attribute.environment a1b2c3d4-e5f6-7890-abcd-ef1234567890
terraform import dataconn_omni_user_attribute.environment environment
