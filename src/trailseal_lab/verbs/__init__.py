"""The two verbs of trailseal that are about the lab, `lab` and `demo`: loaded when they are named."""
