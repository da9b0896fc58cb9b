"""The catalogues, and the choice of language. English stands in the source."""
