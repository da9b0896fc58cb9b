"""Conditions: one module per family of operators. Every answer is yes, no or unknown (None)."""
