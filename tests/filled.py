"""Values of any type of ours with one text in every place where a text can stand."""

from __future__ import annotations

import json
import types
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from trailseal.access.readers.log_object import Sealing
from trailseal.access.readers.reading import Access
from trailseal.messages import Message
from trailseal.model.log_file import Delivered

DEEPEST = 9
PLAIN: dict[Any, Any] = {
    int: 1,
    float: 1.0,
    bool: True,
    datetime: datetime(2026, 1, 2, tzinfo=UTC),
    date: date(2026, 1, 2),
}
OURS: dict[tuple[str, str], Any] = {
    ("LogObject", "sealing"): Sealing.DELIVERED,
    ("Reading", "elsewhere"): {Sealing.COPIED.value: Access.READ},
    ("FoundReader", "sealing"): Sealing.DELIVERED.value,
    ("FoundReader", "requests"): ({"id": "kms:Decrypt"},),
    ("StatementChange", "fields"): ("actions",),
    ("CensusGroup", "kind"): Delivered.LOG_FILE,
}
"""Fields whose texts are trailseal's own."""
POLICIES = frozenset({"policy", "before", "after", "default", "aws_ram"})


hints_of = cache(get_type_hints)


def filled(  # noqa: C901, PLR0911 - one answer for each kind of type
    kind: Any, text: str, pick: int = 0, *, name: str = "", depth: int = 0
) -> Any:
    """Return a value; of several types or members of an enum the one numbered `pick` is taken."""
    if kind in PLAIN:
        return PLAIN[kind]
    if kind is str or kind is Any or kind is object:
        return _text(name, text)
    if kind is Message:
        return Message("said: {what}", {"what": text})
    if kind is type(None):
        return None
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return arguments[pick % len(arguments)]
    if origin in {Union, types.UnionType}:
        return _of_several(arguments, text, pick, name=name, depth=depth)
    if origin in {tuple, list, frozenset}:
        members = [a for a in arguments if a is not Ellipsis]
        if Ellipsis in arguments or origin is not tuple:
            return (
                origin()
                if depth > DEEPEST
                else origin([filled(members[0], text, pick, name=name, depth=depth + 1)])
            )
        return tuple(filled(each, text, pick, name=name, depth=depth + 1) for each in members)
    if origin is not None and hasattr(origin, "keys"):
        return {text: filled(arguments[1], text, pick, name=name, depth=depth + 1)}
    if isinstance(kind, type) and issubclass(kind, Enum):
        members = list(kind)
        return members[pick % len(members)]
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _struct(kind, text, pick, depth)
    raise NotImplementedError(kind)


def _of_several(kinds: tuple[Any, ...], text: str, pick: int, *, name: str, depth: int) -> Any:
    shallow = [k for k in kinds if not (isinstance(k, type) and issubclass(k, Struct))]
    usable = shallow if depth > DEEPEST and shallow else list(kinds)
    return filled(usable[pick % len(usable)], text, pick, name=name, depth=depth + 1)


def _struct(kind: type[Struct], text: str, pick: int, depth: int) -> Struct:
    hints = hints_of(kind)
    return kind(
        **{
            f: OURS[kind.__name__, f]
            if (kind.__name__, f) in OURS
            else filled(hints[f], text, pick, name=f, depth=depth + 1)
            for f in kind.__struct_fields__
        }
    )


def _text(name: str, text: str) -> str:
    if name in POLICIES:
        text = text.encode("utf-8", "ignore").decode()  # no policy is stored with what no encoding has
        statement = {"Sid": text, "Effect": "Allow", "Principal": text, "Action": text, "Resource": text}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, ensure_ascii=False)
    if name.endswith(("arn", "kms_key_id")) or name in {"key", "primary", "principal"}:
        return f"arn:aws:kms:eu-west-1:123456789012:key/{text}"
    return text
