"""
Where the outside witnesses stand, and what a test does when one is absent.

On a developer's machine the test skips and says why. With `CI=true` an absent witness is a failure:
a claim that nobody confirmed must not look confirmed. Terraform alone cannot be installed by a target;
`.ci/run` says whether it is there.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

import terraform_here

ROOT = Path(__file__).parent.parent
ENVIRONMENTS = Path(os.environ.get("TRAILSEAL_WITNESSES", ROOT / ".venvs"))

FEW = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SHORT_JVM = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_SUBMIT_OPTS": FEW, "SPARK_LAUNCHER_OPTS": FEW}
"""For a Spark that lives for seconds: with one compiler and one collector it takes half as long."""


def absent(reason: str) -> NoReturn:
    """Skip, or fail where an absent witness is not acceptable."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def program(environment: str, name: str) -> str:
    """Return the path of a witness's program: `program("awscli", "aws")`."""
    path = ENVIRONMENTS / environment / "bin" / name
    if not path.exists():
        absent(f"the witness `{name}` is not installed: make witnesses")
    return str(path)


def on_path(name: str) -> str:
    """Return the path of something that the machine itself provides: `node`, `java`, `chromium`."""
    path = shutil.which(name)
    if path is None:
        absent(f"`{name}` is not on this machine")
    return path


def terraform() -> terraform_here.Terraform:
    """Return Terraform with its AWS provider; without it a test skips, in CI too: no target installs it."""
    found = terraform_here.find()
    if found.why_not:
        pytest.skip(found.why_not)
    return found
