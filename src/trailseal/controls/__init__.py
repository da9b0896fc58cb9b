"""One module per control: Security Hub's own ids, and outcome checks (TS...) beside them."""
