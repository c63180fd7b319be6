"""Settlement: quotes, sales, refunds and batches. `backend.settle.desk` is its door."""
