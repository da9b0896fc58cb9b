"""Other tools that judge CloudTrail, run unchanged against the lab, and what they say."""
