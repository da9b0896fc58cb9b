"""The intent from `trailseal.toml` with what the command line says on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from trailseal.plan.intent import Intent, WantedReaders, read_intent, sound
from trailseal.run.user_file import SMALL, read_file

OWN_FILE = "trailseal.toml"


def gather(path: str, *, given: Mapping[str, Any]) -> Intent:
    """
    Return the intent in a file, or the usual one for "", with each setting that was given replaced.

    Raises:
        UsageProblem: the file cannot be read, or a setting cannot be.
    """
    base = read_intent(read_file(path, most=SMALL), name=path) if path else Intent()
    settings = {k: v for k, v in given.items() if v not in {None, ()} and k in Intent.__struct_fields__}
    readers = WantedReaders(
        mode=given.get("reader_mode") or base.readers.mode,
        principals=tuple(given.get("readers") or base.readers.principals),
        also=tuple(given.get("also_readers") or base.readers.also),
    )
    return sound(structs.replace(base, **{**settings, "readers": readers}))
