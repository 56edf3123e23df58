# By id:
terraform import dataconn_reporter_connection.ledger 01938f5e-8b5a-7c3d-9e2f-1a2b3c4d5e6f

# By name, config_name, which is unique in the whole service:
terraform import dataconn_reporter_connection.ledger ledger
