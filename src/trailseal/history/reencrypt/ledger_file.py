"""The SQLite ledger of an assignment: beside its manifest, or where it is said to lie."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trailseal.files import place_of
from trailseal.history.reencrypt.engine import Assignment
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.ledger_about import see_about
from trailseal.history.reencrypt.manifest_file import identity_of


def see_ledger(given: Assignment) -> None:
    """
    Return when the ledger is of the manifest and its target, or is still to be made; nothing is written.

    Raises:
        UsageProblem: it is no ledger, or of another manifest or key.
        TrailsealError: it cannot be read.
    """
    see_about(_where(given), {"manifest": given.manifest.identity, "target": identity_of(given.target)})


@contextmanager
def open_ledger(given: Assignment) -> Iterator[Ledger]:
    """
    Yield the ledger of the manifest and its target; what failed is forgotten where it is to be tried again.

    Raises:
        UsageProblem: the ledger is no file, or of another manifest or key.
        TrailsealError: it cannot be written.
    """
    target = identity_of(given.target)
    with Ledger(_where(given), manifest=given.manifest.identity, target=target) as ledger:
        if given.retry_failed:
            ledger.retry()
        yield ledger


def _where(given: Assignment) -> Path:
    return place_of(given.ledger or f"{given.manifest.path}.ledger")
