"""What a call is refused with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError


def code_of(call: Callable[..., Any], **arguments: Any) -> str:
    """Return the code of a refusal, "" where there is none."""
    try:
        call(**arguments)
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return ""
