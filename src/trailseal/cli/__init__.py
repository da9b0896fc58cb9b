"""One module per verb: flags in, exit code out."""
