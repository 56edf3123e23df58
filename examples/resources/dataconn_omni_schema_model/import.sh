# <connection>
terraform import dataconn_omni_schema_model.analytics 550e8400-e29b-41d4-a716-446655440000
