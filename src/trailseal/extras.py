"""What is installed only where it is wanted: the extras `lab`, `history` and `spark`."""

from __future__ import annotations

from importlib.util import find_spec

from trailseal.errors import UsageProblem
from trailseal.messages import message

HISTORY = ("duckdb", "ibis", "pyarrow", "pyiceberg")
SPARK = ("pyspark", "pyarrow")


def is_installed(*modules: str) -> bool:
    """Return whether each of these modules can be imported; none is."""
    return all(find_spec(module) is not None for module in modules)


def need(extra: str, *modules: str) -> None:
    """
    Return when an extra's modules are there.

    Raises:
        UsageProblem: one of them is not.
    """
    if not is_installed(*modules):
        raise UsageProblem(
            message("this needs the extra `{extra}`, which is not installed", extra=extra),
            message("add it with: pip install 'trailseal[{extra}]'", extra=extra),
        )
