"""The intent from `trailseal.toml` with what the command line says on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.plan.intent import Intent, WantedReaders, read_intent, sound

OWN_FILE = "trailseal.toml"


def gather(raw: bytes | None, *, name: str, given: Mapping[str, Any]) -> Intent:
    """
    Return the file's intent, where there is one, with each setting that was given replaced.

    Raises:
        UsageProblem: a setting cannot be.
    """
    base = read_intent(raw, name=name) if raw is not None else Intent()
    settings = {k: v for k, v in given.items() if v not in {None, ()} and k in Intent.__struct_fields__}
    readers = WantedReaders(
        mode=given.get("reader_mode") or base.readers.mode,
        principals=tuple(given.get("readers") or base.readers.principals),
    )
    return sound(structs.replace(base, **{**settings, "readers": readers}))


def read_file(path: str) -> bytes:
    """
    Return what a file that the user named holds.

    Raises:
        UsageProblem: it cannot be read.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - one call, and no Path where a text will do
            return file.read()
    except OSError as problem:
        raise UsageProblem(
            message("`{path}` cannot be read: {problem}", path=path, problem=problem.strerror or str(problem))
        ) from None
