"""Where object work runs: on this machine, on S3 Batch Operations, on Spark."""
