"""Commands as they can be typed: every option with its value, quoted for a POSIX shell."""

from __future__ import annotations

import json
import shlex
from typing import Any

Value = str | bool | tuple[str, ...]
TO_FILL_IN = "REGION"
"""What stands for a Region that nobody would say; without it a command would go to the session's."""


def typed(words: str, /, **options: Value) -> str:
    """
    Return a command line; `name="x"` is written `--name x`, `flag=True` as `--flag` alone.

    An option with several values stands once for each; what is "" or False is left out, but for the Region
    of a command of AWS's, which whoever types it has to fill in; trailseal asks in each Region that it needs.
    """
    if words.startswith("aws ") and options.get("region") == "":
        options["region"] = TO_FILL_IN
    parts = [words]
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            parts.append(option)
        values = value if isinstance(value, tuple) else (value,)
        parts += [f"{option} {shlex.quote(one)}" for one in values if isinstance(one, str) and one]
    return " ".join(parts)


def one_after_another(*commands: str) -> str:
    """Return commands of which each is run once the one before it has worked."""
    return " && ".join(commands)


def document(value: dict[str, Any]) -> str:
    """Return a JSON document as an option takes it: on one line."""
    return json.dumps(value, separators=(",", ":"))
