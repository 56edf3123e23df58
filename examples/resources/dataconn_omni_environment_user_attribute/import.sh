# By the id of the base connection.
terraform import dataconn_omni_environment_user_attribute.environment 550e8400-e29b-41d4-a716-446655440000
