"""Policies in plain words, what is wrong with them, and what changed between two of them."""
