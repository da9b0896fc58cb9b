"""CloudTrail: its API, what it records, what it delivers and how it signs."""
