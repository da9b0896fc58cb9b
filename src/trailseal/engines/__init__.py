"""Where object work runs: here, in S3 Batch Operations, on Spark. Same manifest in, same ledger out."""
