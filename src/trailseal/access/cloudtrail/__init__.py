"""What CloudTrail asks of a trail's key and bucket, and how their policies answer: written only here."""
