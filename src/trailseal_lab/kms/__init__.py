"""KMS: key states, policies and grants enforced, imported key material, rotation."""
