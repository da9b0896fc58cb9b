"""How one clause of a statement meets a request: one module per clause."""
