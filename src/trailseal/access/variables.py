"""
Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`, `${?}`, `${$}`.

Only documents of Version 2012-10-17 have them.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re

from trailseal.access.facts import Facts, Lack
from trailseal.access.match.wildcard import literal

VARIABLE = re.compile(r"\$\{\s*([^},']*?)\s*(?:,\s*'([^']*)')?\s*\}")
ESCAPES = {"*": literal("*"), "?": literal("?"), "$": "$"}


def replace(pattern: str, facts: Facts) -> str | Lack:
    """
    Return the pattern with its variables replaced by literal values.

    A variable without a value and without a default leaves nothing that could match: ABSENT; one
    whose value is not known, or that has several values, UNKNOWN.
    """
    if "${" not in pattern:
        return pattern
    parts: list[str] = []
    position = 0
    for match in VARIABLE.finditer(pattern):
        value = _value(match[1], match[2], facts)
        if isinstance(value, Lack):
            return value
        parts += [pattern[position : match.start()], value]
        position = match.end()
    return "".join([*parts, pattern[position:]])


def _value(name: str, default: str | None, facts: Facts) -> str | Lack:
    if name in ESCAPES:
        return ESCAPES[name]
    found = facts.get(name.lower())
    if found is Lack.ABSENT and default is not None:
        return literal(default)
    if isinstance(found, Lack):
        return found
    return literal(found[0]) if len(found) == 1 else Lack.ABSENT
