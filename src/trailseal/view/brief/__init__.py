"""What `--brief` prints: one line for each trail, key, policy or run, and one for what concerns none."""
