"""Compile the catalogues and write the schemas while the wheel is built, so that none is kept twice."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuiltFiles(BuildHookInterface):
    """Write `LC_MESSAGES/trailseal.mo` beside each `.po`, and `schemas/NAME.json` for each answer."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write them, and tell hatchling about files that version control does not know."""
        del version
        written = [*self._catalogues(), *self._schemas()]
        build_data["artifacts"].extend(str(path.relative_to(self.root)) for path in written)

    def _catalogues(self) -> Iterator[Path]:
        for source in sorted(Path(self.root, "src/trailseal/locale").glob("*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            with source.open("rb") as po, target.open("wb") as mo:
                write_mo(mo, read_po(po, locale=source.parts[-3]))
            yield target

    def _schemas(self) -> list[Path]:
        sys.path[:0] = [str(Path(self.root, each)) for each in ("src", "tools")]
        import schemas

        return schemas.write(Path(self.root, "src/trailseal/schemas"))
