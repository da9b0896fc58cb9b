"""What trails are called where several stand together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def trail_names(arns: Iterable[str]) -> dict[str, str]:
    """Return for each ARN the trail's name, or the whole ARN where another one has that name."""
    distinct = dict.fromkeys(arns)
    called = Counter(map(_name, distinct))
    return {arn: _name(arn) if called[_name(arn)] == 1 else arn for arn in distinct}


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
