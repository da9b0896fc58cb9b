"""Who can read a log file: fetching it from S3 and decrypting it, joined, for every principal."""
