"""Compile catalogues, write schemas and pages while the wheel is built, so that none is kept twice."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuiltFiles(BuildHookInterface):
    """Write `LC_MESSAGES/trailseal.mo` beside each `.po`, `schemas/NAME.json` for each answer, `topics/`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write them, and tell hatchling about files that version control does not know."""
        del version
        sys.path[:0] = [str(Path(self.root, each)) for each in ("src", "tools")]
        import mo_files
        import schemas
        import topics

        package = Path(self.root, "src/trailseal")
        written = [*mo_files.write(), *schemas.write(package / "schemas"), *topics.write(package / "topics")]
        build_data["artifacts"].extend(str(path.relative_to(self.root)) for path in written)
