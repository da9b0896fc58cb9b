"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["labs"]

# A tree is always judged by the same examples, so that a change is judged by itself; the long runs draw anew.
settings.register_profile(
    "default",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly", deadline=None, max_examples=2_000, suppress_health_check=list(HealthCheck)
)
settings.load_profile("nightly" if os.environ.get("TRAILSEAL_NIGHTLY") else "default")
