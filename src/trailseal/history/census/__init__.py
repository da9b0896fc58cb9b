"""The count of what lies in a bucket: by asking S3 about each object, or by a list that S3 keeps."""
