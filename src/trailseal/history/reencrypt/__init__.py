"""The re-encryption: here, in S3 Batch Operations, on Spark. Same manifest in, same ledger out."""
