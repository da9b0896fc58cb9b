"""
The ledger of a re-encryption on Spark: one Parquet file for each shard, written by whoever worked on it.

A shard is so many rows of the manifest, always the same ones. A mark is left before the first request of
a shard, its file when all its objects have ended. So a shard with a mark and no file was begun by a run that
is gone: its objects are looked at first. Files are read one at a time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec
from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.ledger import Problem
from trailseal.history.reencrypt.shard_file import ShardEntry, count_shard, read_shard, write_shard
from trailseal.history.reencrypt.shard_place import DocumentStore
from trailseal.history.rules.state import State
from trailseal.messages import message
from trailseal.model.foreign import ForeignError, json_in

FORMAT = 1
ABOUT = "_about.json"
FILE = re.compile(r"shard-(\d+)\.parquet")
ROWS = 10_000


class About(Struct, frozen=True, kw_only=True):
    """What a ledger belongs to, and how it is cut into shards."""

    format: int = FORMAT
    manifest: str
    target: str
    rows: int = ROWS
    """Rows of the manifest in each shard but the last."""


class ShardLedger:
    """The shards' files at one place."""

    def __init__(self, place: DocumentStore) -> None:
        self._place = place

    def belong(self, wanted: About) -> About:
        """
        Bind a new ledger to a manifest and a target, or return what an older one is bound to.

        Raises:
            UsageProblem: it belongs to another manifest or another key.
        """
        found = self.see(wanted)
        if found is None:
            self._place.write(ABOUT, msgspec.json.encode(wanted))
        return found or wanted

    def see(self, wanted: About) -> About | None:
        """
        Return what the ledger is bound to, None when it is still to be made.

        Raises:
            UsageProblem: it is damaged, or belongs to another manifest or another key.
        """
        found = self.about()
        for name in ("manifest", "target"):
            if found is not None and getattr(found, name) != getattr(wanted, name):
                raise UsageProblem(
                    message(
                        "the ledger belongs to another {name}: {found}", name=name, found=getattr(found, name)
                    ),
                    message("name another ledger with `--ledger`"),
                )
        return found

    def about(self) -> About | None:
        """
        Return what the ledger is bound to, None when there is none.

        Raises:
            UsageProblem: it is damaged, or of another format.
        """
        content = self._place.read(ABOUT)
        try:
            found = None if content is None else json_in(content, About)
        except ForeignError as problem:
            raise UsageProblem(message("the ledger is damaged: {problem}", problem=str(problem))) from problem
        if found is not None and found.format != FORMAT:
            raise UsageProblem(
                message("the ledger has format {format}, this version reads 1", format=found.format)
            )
        return found

    def begin(self, shard: int) -> bool:
        """Mark a shard as begun; return whether it was, by a run or a try that may be gone."""
        mark = f"_begun-{shard:06d}"
        if self._place.read(mark) is not None:
            return True
        self._place.write(mark, b"{}")
        return False

    def read(self, shard: int) -> tuple[ShardEntry, ...]:
        """Return how the objects of a shard ended, none when its file is not there."""
        content = self._place.read(_name(shard))
        return () if content is None else tuple(read_shard(content, name=_name(shard)))

    def write(self, shard: int, entries: Iterable[ShardEntry]) -> None:
        """Put down how the objects of a shard ended."""
        self._place.write(_name(shard), write_shard(entries))

    def retry(self) -> int:
        """Forget what failed, so that it is tried again; return how many."""
        forgotten = 0
        for shard, counts in self._tallies():
            if failed := counts[State.FAILED]:
                self.write(shard, (each for each in self.read(shard) if each.state is not State.FAILED))
                forgotten += failed
        return forgotten

    def settled(self) -> dict[int, int]:
        """Return of how many objects each shard's file tells the end."""
        return {shard: counts.total() for shard, counts in self._tallies()}

    def counts(self) -> dict[State, int]:
        """Return how many objects stand how."""
        found = sum((counts for _, counts in self._tallies()), Counter[State]())
        return {state: found[state] for state in State if found[state]}

    def problems(self, states: Iterable[State], *, limit: int = 1000) -> Iterator[Problem]:
        """Yield objects in these states, in manifest order."""
        wanted = frozenset(states)
        shards = (shard for shard, counts in self._tallies() if wanted & counts.keys())
        found = (each for shard in shards for each in self.read(shard) if each.state in wanted)
        for each in islice(found, limit):
            yield Problem(number=each.number, key=each.key, state=each.state, detail=each.detail)

    def shards(self) -> list[int]:
        """Return the numbers of the shards that have a file."""
        found = (FILE.fullmatch(name) for name in self._place.names())
        return sorted(int(match[1]) for match in found if match)

    def _tallies(self) -> Iterator[tuple[int, Counter[State]]]:
        for shard in self.shards():
            content = self._place.read(_name(shard))
            if content is not None:
                yield shard, count_shard(content, name=_name(shard))


def _name(shard: int) -> str:
    return f"shard-{shard:06d}.parquet"
