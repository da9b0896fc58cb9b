"""Write the JSON Schemas of the documents: `python tools/schemas.py check|update`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from msgspec import Struct

from trailseal.model.snapshot import Snapshot
from trailseal.run.check import CheckResult
from trailseal.run.explain import ControlExplanation, Explanation
from trailseal.view.json_document import json_schema

FOLDER = Path(__file__).parent.parent / "src" / "trailseal" / "schemas"
DOCUMENTS: dict[str, type[Struct]] = {
    "snapshot": Snapshot,
    "check": CheckResult,
    "explain": Explanation,
    "explain-control": ControlExplanation,
}


def schema(name: str) -> dict[str, Any]:
    """Return the schema of a document, with its dialect and title."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "title": f"trailseal {name}", **json_schema(DOCUMENTS[name])}


def text(name: str) -> str:
    """Return the file's text."""
    return json.dumps(schema(name), indent=1, sort_keys=True) + "\n"


def main(mode: str) -> int:
    """Write all, or return 1 when one is stale."""
    stale = 0
    for name in DOCUMENTS:
        path = FOLDER / f"{name}.json"
        if mode == "update":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text(name), encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text(name):
            print(f"{path} is stale: python tools/schemas.py update", file=sys.stderr)
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
