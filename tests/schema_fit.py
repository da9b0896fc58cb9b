"""Whether a document is what one of the published schemas says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "golden" / "schemas.json"
BY_HAND = Path(__file__).parents[1] / "src" / "trailseal" / "schemas"
"""Those of `simulate`, of whose policies the engine reads only what it needs."""
SCHEMAS = json.loads(GOLDEN.read_text(encoding="utf-8")) | {
    name: json.loads((BY_HAND / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("simulate.line", "simulate.answer")
}
KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def fits_schema(value: object, name: str) -> bool:
    """Whether a value is what the schema of this name says."""
    return fits(value, SCHEMAS[name], SCHEMAS[name])


def fits(value: Any, schema: dict[str, Any], whole: dict[str, Any]) -> bool:  # noqa: C901, PLR0911 - one answer for each word of a schema
    """Whether a value is what a schema of ours says: the words that msgspec writes, and no others."""
    if "$ref" in schema:
        return fits(value, whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    if "anyOf" in schema:
        return any(fits(value, each, whole) for each in schema["anyOf"])
    if "enum" in schema:
        return bool(value in schema["enum"])
    if "const" in schema:
        return bool(value == schema["const"])
    kind = schema.get("type")
    if kind and not isinstance(value, KINDS[kind]):
        return False
    if kind == "array" and isinstance(schema.get("items"), dict):
        return all(fits(each, schema["items"], whole) for each in value)
    if kind == "object":
        named = schema.get("properties", {})
        others = schema.get("additionalProperties", {})
        if named and not set(value) <= set(named):
            return False
        return set(schema.get("required", ())) <= set(value) and all(
            fits(each, named.get(name, others if isinstance(others, dict) else {}), whole)
            for name, each in value.items()
        )
    return True
