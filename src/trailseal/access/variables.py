"""
Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`, `${?}`, `${$}`.

Only documents of Version 2012-10-17 have them. In a resource they stand after the fifth colon of the ARN,
and keys that hold several values give none; what AWS makes of a variable elsewhere is not documented.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re

from trailseal.access.facts import Facts, Lack, OneOf
from trailseal.access.keys.table import find
from trailseal.access.match.wildcard import has_wildcard, literal

VARIABLE = re.compile(r"\$\{(?:([*?$])|([^'{}$]*)(?:'([^'{}$]*)'[^'{}$]*)?)\}")
"""A sign for itself; or a name, then a default in quotes. No part can take what another one takes."""
ESCAPES = {"*": literal("*"), "?": literal("?"), "$": "$"}
ARN_COLONS = 5


def replace(pattern: str, facts: Facts) -> str | Lack:
    """
    Return the pattern with its variables replaced by literal values.

    A variable without a value and without a default leaves nothing that could match: ABSENT; one
    whose value is not known, or of a key that holds several values, UNKNOWN.
    """
    if "${" not in pattern:
        return pattern
    parts: list[str] = []
    position = 0
    for match in VARIABLE.finditer(pattern):
        value = _value(name_in(match), match[3], facts)
        if isinstance(value, Lack):
            return value
        parts += [pattern[position : match.start()], value]
        position = match.end()
    return "".join([*parts, pattern[position:]])


def name_in(variable: re.Match[str]) -> str:
    """Return what a variable names: a key, or a sign that stands for itself."""
    return variable[1] or variable[2].strip().removesuffix(",").rstrip()


def replace_in_resource(pattern: str, facts: Facts) -> str | Lack:
    """Return a Resource's pattern with its variables replaced; UNKNOWN for one before the fifth colon."""
    head, found, _ = pattern.partition("${")
    if found and head.count(":") < ARN_COLONS and pattern != "*":
        return Lack.UNKNOWN
    return replace(pattern, facts)


def _value(name: str, default: str | None, facts: Facts) -> str | Lack:
    if name in ESCAPES:
        return ESCAPES[name]
    row = find(name)
    if facts.keeps_variables or (row is not None and row.many):
        return Lack.UNKNOWN
    found = facts.get(name.lower())
    if found is Lack.ABSENT or found == ():
        return Lack.ABSENT if default is None else literal(default)
    if isinstance(found, OneOf):
        alone = len(found.patterns) == 1 and not has_wildcard(found.patterns[0])
        return literal(found.patterns[0]) if alone else Lack.UNKNOWN
    if isinstance(found, Lack):
        return found
    return literal(found[0]) if len(found) == 1 else Lack.UNKNOWN
