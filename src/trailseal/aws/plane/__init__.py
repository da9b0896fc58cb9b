"""The object plane: many requests on objects under way at once, over libcurl."""
