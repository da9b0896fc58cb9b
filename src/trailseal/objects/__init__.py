"""What can be asked of S3 objects, as values and a port: calls, pages of listings, folders, downloads."""
