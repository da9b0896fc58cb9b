"""The proof that every file is as CloudTrail delivered it."""
