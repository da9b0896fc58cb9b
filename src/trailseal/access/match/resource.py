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

SERVICE = 2
"""The place of the service in an ARN, where AWS lets no wildcard stand."""


@lru_cache(maxsize=KEPT)
def resource_matcher(pattern: str) -> Callable[[str], Kleene]:
    """
    Return the function that tells whether the pattern names a resource, None where AWS leaves it open.

    Wildcards stand for text within a segment; only a `*` that ends one may go beyond the colon. A match that
    needs more than that, or a wildcard in the place of the service, is not certain.
    """
    whole = matcher(pattern)
    parts = pattern.split(":", PARTS - 1)
    if pattern == "*" or not any(has_wildcard(part) for part in parts[: PARTS - 1]):
        return whole
    ends = parts[-1].endswith("*")
    if has_wildcard("".join(parts[SERVICE : SERVICE + 1])) or (len(parts) < PARTS and not ends):
        return lambda resource: None if whole(resource) else False
    each = tuple(matcher(part) for part in parts)

    def names(resource: str) -> Kleene:
        if not whole(resource):
            return False
        found = resource.split(":", PARTS - 1)
        within = len(found) >= len(each) and all(fits(part) for fits, part in zip(each, found, strict=False))
        return True if within else None

    return names
