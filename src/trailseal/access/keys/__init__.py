"""The table of condition keys: who sets each, when it is there, whether it travels from S3 to KMS."""
