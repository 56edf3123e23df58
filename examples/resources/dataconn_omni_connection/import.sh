# The id is part of the connection's URL in Omni.
terraform import dataconn_omni_connection.analytics 550e8400-e29b-41d4-a716-446655440000
