"""Verbs against faults on the line and kills at any moment, over a small AWS of dicts behind botocore."""
