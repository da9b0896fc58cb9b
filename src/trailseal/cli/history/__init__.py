"""The verbs of `history`."""
