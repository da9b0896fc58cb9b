"""Results in formats that other tools read."""
