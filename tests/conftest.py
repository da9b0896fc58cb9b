"""What holds for every test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from trailseal.locale.language import choose_language

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

# What runs a worker gives it a width; lines have none here but where a test gives one.
os.environ.pop("COLUMNS", None)
# The settings of whoever runs the tests say nothing here.
os.environ["XDG_CONFIG_HOME"] = str(Path(tempfile.gettempdir(), "trailseal-tests-without-settings"))


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Leave the process in English, whatever language a test chose: one process speaks one."""
    yield
    choose_language(["--lang", "en"])
