"""The policy engine: who may do what, and why. Reads in the order in which AWS explains evaluation."""
