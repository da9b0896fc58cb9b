"""
How a Resource element's ARN names a resource.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from trailseal.access.kleene import Kleene
from trailseal.access.match.wildcard import KEPT, has_wildcard, matcher
from trailseal.model.arn import PARTS

PREFIX, SERVICE = 0, 2
"""
The places of an ARN where AWS lets no wildcard stand.

Of the partition the page says the same, and AWS's own guardrails have a `*` there, so that one is read.
https://docs.aws.amazon.com/controltower/latest/controlreference/mandatory-controls.html
"""


@lru_cache(maxsize=KEPT)
def resource_matcher(pattern: str) -> Callable[[str], Kleene]:
    """
    Return the function that tells whether the pattern names a resource, None where AWS leaves it open.

    Wildcards stand for text within a segment; only a `*` that ends one may go beyond the colon. A match that
    needs more than that, or a wildcard where none may stand, is not certain. Nor is what an ARN of fewer than
    six segments names: in an identity-based policy AWS adds a `*` for each that is missing, of other policies
    it does not tell. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    whole = matcher(pattern)
    parts = pattern.split(":", PARTS - 1)
    if pattern == "*" or (parts[PREFIX] != "arn" and not has_wildcard(pattern)):
        return whole
    if len(parts) < PARTS:
        return _incomplete(pattern, parts)
    if not any(has_wildcard(part) for part in parts[: PARTS - 1]):
        return whole
    if _is_barred(parts):
        return lambda resource: None if whole(resource) else False
    return _in_segments(parts, whole)


def _is_barred(parts: list[str]) -> bool:
    return has_wildcard(parts[PREFIX]) or any(map(has_wildcard, parts[SERVICE : SERVICE + 1]))


def _incomplete(pattern: str, parts: list[str]) -> Callable[[str], Kleene]:
    completed = matcher(":".join([*parts, *["*"] * (PARTS - len(parts))]))
    whole = matcher(pattern)
    plain = pattern.endswith("*") and not _is_barred(parts)
    segments = _in_segments(parts, whole) if plain else None

    def names(resource: str) -> Kleene:
        if segments is not None and segments(resource):
            return True
        return None if completed(resource) or whole(resource) else False

    return names


def _in_segments(parts: list[str], whole: Callable[[str], bool]) -> Callable[[str], Kleene]:
    each = tuple(matcher(part) for part in parts)

    def names(resource: str) -> Kleene:
        if not whole(resource):
            return False
        found = resource.split(":", PARTS - 1)
        within = len(found) >= len(each) and all(fits(part) for fits, part in zip(each, found, strict=False))
        return True if within else None

    return names
