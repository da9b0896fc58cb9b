"""A result as the JSON document of `--format json`: messages become text, everything else stays data."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from trailseal.locale.language import say
from trailseal.messages import Message
from trailseal.model.document import encode


def json_document(value: Struct) -> str:
    """Return indented JSON with a final newline; fields are in the order of the struct."""
    return encode(as_data(value)).decode()


def as_data(value: Any) -> Any:
    """Return the value as plain dicts, lists and scalars."""
    if isinstance(value, Message):
        return say(value)
    if isinstance(value, Struct):
        config = value.__struct_config__
        tag = {config.tag_field: config.tag} if config.tag_field else {}
        return {**tag, **{name: as_data(getattr(value, name)) for name in value.__struct_fields__}}
    if isinstance(value, tuple | list | frozenset):
        items = sorted(value, key=str) if isinstance(value, frozenset) else value
        return [as_data(item) for item in items]
    if isinstance(value, dict):
        return {str(key): as_data(item) for key, item in value.items()}
    return msgspec.to_builtins(value)


def json_schema(kind: type[Struct]) -> dict[str, Any]:
    """Return the JSON Schema of `json_document(kind(...))`."""
    schema = msgspec.json.schema(kind)
    if "Message" in schema.get("$defs", {}):
        schema["$defs"]["Message"] = {"title": "Message", "type": "string"}
    return schema
