"""Use cases: the pure rooms joined over ports."""
