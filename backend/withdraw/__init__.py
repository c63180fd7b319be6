"""The exchange's side of a cash withdrawal. `backend.withdraw.desk` is its door."""
