"""Results as an HTML report."""
