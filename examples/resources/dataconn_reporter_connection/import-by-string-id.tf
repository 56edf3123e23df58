import {
  to = dataconn_reporter_connection.ledger
  id = "01938f5e-8b5a-7c3d-9e2f-1a2b3c4d5e6f"
}
