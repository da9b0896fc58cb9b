"""STS: who am I, for every kind of principal of the lab, and AssumeRole with its trust policy."""
