"""S3: encryption that is real in effect, and what moto leaves out."""
