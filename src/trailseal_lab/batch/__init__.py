"""S3 Batch Operations: jobs, and a small executor that does them as the job's role."""
