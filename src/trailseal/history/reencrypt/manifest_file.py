"""A manifest on disk, what its work costs, and how a ledger says that the whole of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Protocol

from trailseal.cost.amount import Range, total
from trailseal.cost.line import CostLine
from trailseal.cost.one_off import history_lines
from trailseal.cost.prices import LIST_PRICES, PriceTable
from trailseal.cost.usage import OlderObjects
from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.ledger import Problem
from trailseal.history.rules.manifest import Header, Row, read_header, read_rows
from trailseal.history.rules.method import Method, Target
from trailseal.history.rules.outlook import Outlook
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import PROBLEMS, NamedObject, Summary
from trailseal.messages import Message
from trailseal.model.reading import HINTS, Kind
from trailseal.run.user_file import LARGE, MIB, open_file, read_file

LONGEST = MIB
"""Bytes in a line; a row of ours has not even ten thousand."""


class ManifestFile:
    """A manifest on disk: its header, and its rows as often as they are wanted."""

    def __init__(self, path: Path) -> None:
        """
        Open it.

        Raises:
            UsageProblem: there is no such file, or it is not a manifest.
        """
        self.path = path
        with self._open() as file:
            line = file.readline(LONGEST)
        self.header: Header = self._header(line)
        self.identity = sha256(line).hexdigest()[:16] + f"-{path.stat().st_size}"

    def rows(self) -> Iterator[tuple[int, Row]]:
        """
        Yield rows with their numbers.

        Raises:
            UsageProblem: a row is damaged.
        """
        with self._open() as file:
            file.readline(LONGEST)
            yield from read_rows(iter(lambda: file.readline(LONGEST), b""), name=str(self.path))

    def lines(self) -> Iterator[bytes]:
        """Yield rows as they stand in the file, for an engine that reads them elsewhere."""
        with self._open() as file:
            file.readline(LONGEST)
            yield from iter(lambda: file.readline(LONGEST), b"")

    def _header(self, line: bytes) -> Header:
        """Read the header; of a file that has none, say what the whole is."""
        try:
            return read_header(line, name=str(self.path))
        except UsageProblem:
            if self.path.stat().st_size > LARGE:
                raise
            return read_header(read_file(self.path), name=str(self.path))

    def _open(self) -> AbstractContextManager[BinaryIO]:
        return open_file(self.path, hint=Message(HINTS[Kind.MANIFEST]))


def identity_of(target: Target) -> str:
    """Return what a ledger is bound to besides its manifest: the same key, not the same way."""
    return f"{target.bucket} {target.key_arn}"


def price(
    outlook: Outlook, *, versioned: bool, batch: bool, prices: PriceTable = LIST_PRICES
) -> tuple[Range, tuple[CostLine, ...]]:
    """Return what the work costs once, with its lines."""
    changed = outlook.size_of(Method.UPDATE) + outlook.size_of(Method.COPY)
    lines = history_lines(
        OlderObjects(
            objects=outlook.work,
            size=changed,
            copied=outlook.of(Method.COPY),
            versioned=versioned,
            batch=batch,
            asked_first=outlook.asked_first,
        ),
        prices,
    )
    return total(tuple(line.cost for line in lines)), lines


class LedgerReader(Protocol):
    """A ledger that is asked, whatever keeps it."""

    def counts(self) -> dict[State, int]:
        """Return how many objects stand how."""
        ...

    def problems(self, states: Iterable[State], *, limit: int = 1000) -> Iterator[Problem]:
        """Yield objects in these states, in manifest order."""
        ...


def summary_of(ledger: LedgerReader, target: Target, *, slowed: int = 0) -> Summary:
    """Return how the whole manifest stands, whichever runs did it."""
    named = chain(ledger.problems(PROBLEMS), ledger.problems((State.SKIPPED,)))
    return Summary(
        bucket=target.bucket,
        key_arn=target.key_arn,
        counts={str(state): number for state, number in ledger.counts().items()},
        problems=tuple(NamedObject(key=p.key, state=p.state, detail=p.detail) for p in named),
        slowed=slowed,
    )
