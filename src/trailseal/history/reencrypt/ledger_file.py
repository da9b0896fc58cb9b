"""The SQLite ledger of an assignment: beside its manifest, or where it is said to lie."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.engine import Assignment
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.manifest_file import identity_of
from trailseal.messages import message


@contextmanager
def open_ledger(given: Assignment) -> Iterator[Ledger]:
    """
    Yield the ledger of the manifest and its target; what failed is forgotten where it is to be tried again.

    Raises:
        UsageProblem: the ledger is no file, or of another manifest or key.
        TrailsealError: it cannot be written.
    """
    path = Path(given.ledger or f"{given.manifest.path}.ledger")
    if (path.exists() and not path.is_file()) or not path.parent.is_dir():
        raise UsageProblem(
            message("the ledger `{path}` is not a file", path=str(path)),
            message("name another ledger with `--ledger`"),
        )
    with Ledger(path, manifest=given.manifest.identity, target=identity_of(given.target)) as ledger:
        if given.retry_failed:
            ledger.retry()
        yield ledger
