"""
Splitting what policies look at into the finitely many kinds that they can tell apart.

Exact, or not at all: whatever has no exact splitter here stays unknown to those who ask.
"""
