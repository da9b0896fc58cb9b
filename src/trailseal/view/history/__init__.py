"""What the verbs of `history` tell."""
